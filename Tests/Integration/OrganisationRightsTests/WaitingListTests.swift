import FoundationEssentials
import OrganisationRights
import Postgres
import Process
import TestStore
import Testing
import Vocabulary

@Suite("What waits, listed for whoever runs the service")
struct WaitingListTests {
    private func lines(_ fixture: Fixture) async throws -> [String] {
        var lines: [String] = []
        for list in OrganisationRightsService.waiting {
            var last: UUID?
            while let page = try await fixture.database.database.read({ [last] in try list.page(last, $0) }) {
                #expect(page.lines.count <= 500)
                lines += page.lines
                last = page.last
            }
        }
        return lines
    }

    @Test("each row that waits is a line of ids and times, whoever brought it; what waits no longer is none")
    func each() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            #expect(try await lines(fixture).isEmpty)
            _ = try await fixture.give(Sample.subject, name: "Peeters", in: hospital, by: Sample.chief)
            _ = try await fixture.take(
                "rights", "\(Sample.hospital),\(Sample.other),Peeters,member,\(fixture.today),")
            _ = try await fixture.take(
                "access-managers", "\(Sample.hospital),\(Sample.other),Peeters,access-manager,active")
            let listed = try await lines(fixture)
            #expect(listed.map { $0.prefix { $0 != " " } } == ["right", "right", "appointment"])
            #expect(listed.allSatisfy { $0.contains("organisation \(hospital), ") && $0.contains(", until ") })
            #expect(listed[0].hasSuffix("by person \(fixture.neighbour.persons.id(Sample.chief))"))
            #expect(listed[1].hasSuffix("by a file") && listed[1].contains(", member; since "))
            #expect(listed[2].hasSuffix("by a file") && listed[2].contains(", access-manager; since "))
            let told = listed.joined()
            for hidden in ["Peeters", Sample.subject, Sample.subjectMasked, Sample.other] {
                #expect(!told.contains(hidden))
            }
        }
    }

    @Test("a thousand rows are read a page at a time, each of them once")
    func pages() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let now = fixture.base.now()
            _ = try await fixture.database.database.transaction { session in
                try session.execute(
                    """
                    INSERT INTO waiting_right (id, organisation_id, person_id, masked_number, role, starts_on, last_name,
                        given_at, waits_until, ended_at)
                    SELECT gen_random_uuid(), \(hospital), gen_random_uuid(), '85.07.30-***.**', 'member',
                        \(fixture.today), CASE WHEN n <= 1000 THEN '\\x0131'::bytea || decode(repeat('00', 40), 'hex') END,
                        \(now), \(now) + interval '90 days', CASE WHEN n > 1000 THEN \(now) END
                    FROM generate_series(1, 1010) AS n
                    """)
            }
            let listed = try await lines(fixture)
            #expect(listed.count == 1_000 && Set(listed).count == 1_000)
        }
    }
}
