import AuthenticationContracts
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import OrganisationRightsContracts
import OrganisationRightsDomain
import Postgres
import TestBasics
import TestService
import TestStore
import Testing
import Vocabulary

@Suite("Appointments of access managers by number and last name")
struct WaitingAppointmentTests {
    private static let chief = "chief-access-manager"

    private static func row(
        _ number: String, _ name: String, _ role: String = chief, _ status: String = "active"
    ) -> String {
        "\(Sample.hospital),\(number),\(name),\(role),\(status)"
    }

    private static func hospital(_ fixture: Fixture) async throws -> OrganisationID {
        _ = try await fixture.take("organisations", "\(Sample.hospital),,Ziekenhuis,orghospital,active")
        return try await fixture.organisation(Sample.hospital)
    }

    private static func manages(
        _ number: String, _ hospital: OrganisationID, _ fixture: Fixture
    ) async throws -> Bool {
        let answer = try await fixture.call(
            .get, "/organisations/\(hospital)/rights", token: try fixture.token(of: number))
        #expect(answer.status == .ok || answer.status == .notFound)
        return answer.status == .ok
    }

    @Test("a number that passes its check digits and is somebody else's opens nothing to her, now or when she signs in")
    func mistyped() async throws {
        try await Fixture.with { fixture in
            let hospital = try await Self.hospital(fixture)
            fixture.call(Sample.other, first: "Greta", last: "Vogel")
            _ = try await fixture.take("access-managers", Self.row(Sample.other, "Wouters"))
            try await fixture.services.atWork { () async throws in
                try await fixture.signsIn(Sample.other)
                #expect(
                    try await eventually {
                        try await fixture.count("SELECT count(*) FROM waiting_appointment WHERE due_at IS NOT NULL")
                            == 0
                    })
            }
            #expect(try await !Self.manages(Sample.other, hospital, fixture))
            #expect(try await fixture.events(AccessManagerState.appointed) == 0)
            #expect(try await fixture.count("SELECT count(*) FROM waiting_appointment") == 1)
        }
    }

    @Test("who delivers reads the same of a number that nobody has and one of another name: that it waits")
    func sameWords() async throws {
        try await Fixture.with { fixture in
            _ = try await Self.hospital(fixture)
            fixture.call(Sample.other, first: "Greta", last: "Vogel")
            fixture.call(Sample.chief, last: "Wouters")
            let first = try await fixture.take(
                "access-managers", Self.row(Sample.subject, "Peeters"), Self.row(Sample.other, "Peeters"),
                Self.row(Sample.chief, "Wouters"))
            #expect(first.prefix(3) == ["line 2: waits", "line 3: waits", "line 4: added"])
            let again = try await fixture.take(
                "access-managers", Self.row(Sample.subject, "PEETERS"), Self.row(Sample.other, "Peeters"),
                Self.row(Sample.chief, "Wouters"))
            #expect(again.prefix(3) == ["line 2: waits", "line 3: waits", "line 4: unchanged"])
            #expect(try await fixture.events(AccessManagerState.appointed) == 1)
            let ends = try await fixture.take(
                "access-managers", Self.row(Sample.subject, "Claes", Self.chief, "ended"),
                Self.row(Sample.other, "Claes", Self.chief, "ended"),
                Self.row(Sample.chief, "Claes", Self.chief, "ended"),
                Self.row(Sample.manager, "Claes", Self.chief, "ended"))
            let nobody = "refused: nobody of this number and last name manages this organisation, or did"
            #expect(ends.prefix(4) == (2...5).map { "line \($0): \(nobody)" }[...])
        }
    }

    @Test("it begins when somebody with the number signs in whose name agrees; meanwhile the last delivery counts")
    func begins() async throws {
        try await Fixture.with { fixture in
            let hospital = try await Self.hospital(fixture)
            let rows = [Self.row(Sample.other, "Vogels"), Self.row(Sample.other, "Vogel", "access-manager")]
            #expect(try await fixture.take("access-managers", rows[0]).first == "line 2: waits")
            #expect(try await fixture.take("access-managers", rows[1]).first == "line 2: waits")
            #expect(try await !Self.manages(Sample.other, hospital, fixture))
            fixture.call(Sample.other, first: "Greta", last: "Vogel")
            try await fixture.services.atWork { () async throws in
                try await fixture.signsIn(Sample.other)
                #expect(try await eventually { try await Self.manages(Sample.other, hospital, fixture) })
            }
            let managed: ManagedOrganisations = try await fixture.call(
                .get, "/me/organisations", token: try fixture.token(of: Sample.other)
            ).decoded()
            #expect(managed.organisations.map(\.managerRole) == [.accessManager])
            #expect(try await fixture.events(AccessManagerState.appointed) == 1)
            #expect(try await fixture.audits("access-manager.start", "allowed") == 1)
            #expect(try await fixture.count("SELECT count(*) FROM waiting_appointment") == 0)
            #expect(try await fixture.take("access-managers", rows[1]).first == "line 2: unchanged")
        }
    }

    @Test("an appointment that the file ends is told by an event and refused at once; the other managers stay")
    func ended() async throws {
        try await Fixture.with { fixture in
            let hospital = try await Self.hospital(fixture)
            fixture.call(Sample.chief, last: "Wouters")
            fixture.call(Sample.manager, last: "Janssens")
            _ = try await fixture.take(
                "access-managers", Self.row(Sample.chief, "Wouters"), Self.row(Sample.manager, "Janssens"))
            let row = Self.row(Sample.chief, "Wouters", Self.chief, "ended")
            #expect(try await fixture.take("access-managers", row).first == "line 2: changed")
            #expect(try await !Self.manages(Sample.chief, hospital, fixture))
            let refused = try await fixture.give(in: hospital, by: Sample.chief)
            #expect(refused.status == .notFound)
            #expect(try await Self.manages(Sample.manager, hospital, fixture))
            let managed: ManagedOrganisations = try await fixture.call(
                .get, "/me/organisations", token: try fixture.token(of: Sample.chief)
            ).decoded()
            #expect(managed.organisations.isEmpty)
            #expect(try await fixture.events(AccessManagerState.ended) == 1)
            #expect(try await fixture.audits("access-manager.end", "allowed") == 1)
            let version = try await fixture.count(
                "SELECT version FROM access_manager WHERE ended_at IS NOT NULL")
            #expect(version == 2)
            // Again without effect; and an authority that names her anew appoints her anew.
            #expect(try await fixture.take("access-managers", row).first == "line 2: unchanged")
            let anew = try await fixture.take("access-managers", Self.row(Sample.chief, "Wouters"))
            #expect(anew.first == "line 2: added")
            #expect(try await Self.manages(Sample.chief, hospital, fixture))
        }
    }

    @Test("what waits is ended by the file, by time, or when its person is erased; its name lies sealed")
    func withdrawn() async throws {
        try await Fixture.with { fixture in
            _ = try await Self.hospital(fixture)
            let numbers = [Sample.subject, Sample.other, Sample.manager]
            for number in numbers { _ = try await fixture.take("access-managers", Self.row(number, "Peeters")) }
            let plain = try await fixture.count(
                "SELECT count(*) FROM waiting_appointment WHERE position('Peeters'::bytea IN last_name) > 0")
            #expect(plain == 0)
            let ended = Self.row(Sample.subject, "Peeters", Self.chief, "ended")
            #expect(try await fixture.take("access-managers", ended).first == "line 2: changed")
            let erased = fixture.neighbour.persons.id(Sample.other)
            _ = try await fixture.follow(
                PersonNotice.erased, key: erased.uuid, PersonNotice(personId: erased, version: 2))
            #expect(try await fixture.count("SELECT count(*) FROM waiting_appointment") == 1)
            try await fixture.database.database.transaction { session in
                _ = try session.execute(
                    """
                    UPDATE waiting_appointment SET delivered_at = delivered_at - interval '91 days',
                        waits_until = now() - interval '1 second'
                    """)
            }
            fixture.call(Sample.manager, last: "Peeters")
            try await fixture.services.atWork { () async throws in
                #expect(
                    try await eventually {
                        try await fixture.count("SELECT count(*) FROM waiting_appointment") == 0
                    })
            }
            #expect(try await fixture.events(AccessManagerState.appointed) == 0)
            #expect(try await fixture.audits("access-manager.lapse", "allowed") == 1)
        }
    }

    @Test("of two imports that appoint the same person at once one wins, and there is one appointment")
    func race() async throws {
        try await Fixture.with { fixture in
            _ = try await Self.hospital(fixture)
            fixture.call(Sample.chief, last: "Wouters")
            let row = Self.row(Sample.chief, "Wouters")
            let reports = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 { group.addTask { try await fixture.take("access-managers", row) } }
                return try await group.reduce(into: [[String]]()) { $0.append($1) }
            }
            #expect(reports.filter { $0.first == "line 2: added" }.count == 1)
            #expect(try await fixture.count("SELECT count(*) FROM access_manager") == 1)
            #expect(try await fixture.events(AccessManagerState.appointed) == 1)
        }
    }
}
