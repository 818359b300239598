import FoundationEssentials
import Postgres
import Process
import ProfileResolution
import ProfileResolutionDomain
import TestStore
import Testing
import Vocabulary

@Suite("What the lists read among 100,000 rows", .serialized)
struct ListPlanTests {
    private static let organisations: SQL = """
        INSERT INTO known_organisation (id, version, name, status)
        SELECT gen_random_uuid(), 1, 'Organisatie ' || md5(n::text), 'active' FROM generate_series(1, 100000) AS n
        """

    /// Gives a person rights in some of the organisations.
    private static func rights(of person: SQL, times: Int) -> SQL {
        """
        INSERT INTO known_right (id, version, organisation_id, person_id, role, status, starts_on)
        SELECT gen_random_uuid(), 1, id, \(fragment: person), 'member', 'active', '2026-01-01'
        FROM known_organisation ORDER BY id LIMIT \(times)
        """
    }

    /// One organisation holds all mandates, as an insurer may; the others hold none.
    private static let mandates: SQL = """
        INSERT INTO known_mandate (id, version, grantor_dossier_id, holder_organisation_id, status, starts_on)
        SELECT gen_random_uuid(), 1, gen_random_uuid(), (SELECT id FROM known_organisation ORDER BY id LIMIT 1),
            'active', '2026-01-01'
        FROM generate_series(1, 100000)
        """

    private static let dossiers: [SQL] = [
        """
        INSERT INTO riziv_number_holder (number, person_id)
        SELECT (10000000 + n)::text, gen_random_uuid() FROM generate_series(1, 100000) AS n
        """,
        """
        INSERT INTO dossier (id, kind, person_id, is_hers, version, contact_version, status, profession, first_name,
            last_name, riziv_number, email, phone, street, postal_code, city, registered_at, changed_at)
        SELECT gen_random_uuid(), 'care-provider', person_id, false, 1, 1, 'open', 'persphysician', 'An', 'Peeters',
            number, 'an@praktijk.example', '+32 470 00 00 01', 'Lindelaan 12', '9000', 'Gent', now(), now()
        FROM riziv_number_holder
        """,
    ]

    @Test("the profiles of a person: her own facts are read, few or many, and also while the mandates are in doubt")
    func profiles() async throws {
        try await Fixture.run { fixture in
            let (few, many, none) = (PersonID(UUID()), PersonID(UUID()), PersonID(UUID()))
            let own = [Self.rights(of: "\(few)", times: 2), Self.rights(of: "\(many)", times: 1_000)]
            try await fixture.test.fill(
                [Self.organisations, Self.rights(of: "gen_random_uuid()", times: 100_000), Self.mandates] + own)
            let today = fixture.base.now().utcDate
            let persons = PersonFactsStore(setUpDays: nil)
            for isInDoubt in [false, true] {
                if isInDoubt {
                    try await fixture.database.transaction { session in
                        try session.execute(
                            """
                            UPDATE position SET state = 'halted', reason = 'gap'
                            WHERE source = 'mandate-registry' AND partition = 0
                            """)
                    }
                }
                for (person, count, most) in [(none, 0, 300), (few, 2, 400), (many, 1_000, 15_000)] {
                    let facts = try await fixture.database.read { session in
                        try persons.facts(of: person, today: today, in: session)
                    }
                    #expect(facts.rights.count == count && facts.organisations.count == count)
                    #expect(facts.mandates.organisationsHolding.count == min(count, 1))
                    let reads = try await fixture.database.reads { session in
                        _ = try persons.facts(of: person, today: today, in: session)
                    }
                    #expect(reads.blocks > 0 && reads.blocks <= most, "\(count): \(reads)")
                    #expect(reads.scanned.isEmpty, "\(count): \(reads)")
                }
            }
        }
    }

    @Test("what waits: a page of 500 is read in the order of the ids, wherever it begins")
    func waiting() async throws {
        try await Fixture.run { fixture in
            try await fixture.test.fill(
                Self.dossiers + [
                    """
                    INSERT INTO waiting_dossier (id, person_id, last_name, delivered_at)
                    SELECT id, person_id, '\\x0131'::bytea || decode(repeat('00', 40), 'hex'), now() FROM dossier
                    """
                ])
            let list = try #require(ProfileResolutionService.waiting.first)
            for behind in [nil, "80000000-0000-4000-8000-000000000000", "ffffffff-ffff-4fff-bfff-ffffffffffff"] {
                let behind = behind.flatMap(UUID.init(uuidString:))
                let reads = try await fixture.database.reads { session in _ = try list.page(behind, session) }
                #expect(reads.blocks > 0 && reads.blocks <= 3_000 && reads.scanned.isEmpty, "\(reads)")
            }
        }
    }
}
