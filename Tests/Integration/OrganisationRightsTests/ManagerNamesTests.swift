import Async
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import OrganisationRights
import OrganisationRightsContracts
import Postgres
import Process
import TestService
import TestStore
import Testing
import Vocabulary
import Web

@Suite("Whom to ask for a right in an organisation")
struct ManagerNamesTests {
    private func ask(_ organisation: OrganisationID, as number: String, _ fixture: Fixture) async throws -> TestResponse
    {
        try await fixture.call(
            .get, "/organisations/\(organisation)/access-managers", token: fixture.token(of: number))
    }

    @Test("whoever has or had a right there reads the managers by name, chiefs first")
    func named() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let right: RightChanged = try await fixture.give(in: hospital, by: Sample.chief).decoded()
            fixture.call(Sample.chief, first: "Els", last: "Wouters")
            fixture.call(Sample.manager, last: "Maes")
            for _ in 0..<2 {
                let read: OrganisationManagers = try await ask(hospital, as: Sample.subject, fixture).decoded()
                #expect(read.managers.map(\.personName) == ["Els Wouters", "Maes"] && read.others == 0)
                #expect(read.managers.map(\.role) == [.chiefAccessManager, .accessManager])
                #expect(read.managers.allSatisfy { !$0.nameUnavailable })
                _ = try await fixture.end(right.rightId, in: hospital, by: Sample.chief)
            }
            let colleague: OrganisationManagers = try await ask(hospital, as: Sample.manager, fixture).decoded()
            #expect(colleague.managers.count == 2)
        }
    }

    @Test("to everybody else the organisation is not there, whether it exists, was stopped, or has her right waiting")
    func strangers() async throws {
        try await Fixture.with { fixture in
            let (hospital, insurer) = try await fixture.populate()
            _ = try await fixture.give(in: hospital, by: Sample.chief)
            // A number mistyped: a right that waits for somebody else's name opens nothing to whoever has the number.
            fixture.call(Sample.other, first: "Greta", last: "Vogel")
            let waiting: RightChanged = try await fixture.give(
                Sample.other, name: "Peeters", in: hospital, by: Sample.chief
            ).decoded()
            #expect(waiting.status == .waiting)
            let refused = [
                try await ask(hospital, as: Sample.other, fixture), try await ask(insurer, as: Sample.subject, fixture),
                try await ask(OrganisationID(UUID()), as: Sample.subject, fixture),
            ]
            #expect(refused.map(\.status) == [.notFound, .notFound, .notFound])
            #expect(Set(refused.map(\.problem)).count == 1 && Set(refused.map(\.reasons)).count == 1)
            _ = try await fixture.take("organisations", "\(Sample.hospital),,Ziekenhuis,orghospital,stopped")
            #expect(try await ask(hospital, as: Sample.subject, fixture).status == .notFound)
            let path = "/organisations/\(hospital)/access-managers"
            let unscoped = try await fixture.call(.get, path, token: fixture.token(of: Sample.subject, scopes: []))
            #expect(unscoped.status == .forbidden)
            #expect(try await fixture.call(.get, path, token: nil).status == .unauthorized)
        }
    }

    @Test("while names cannot be asked for the answer says so, and it says who has none")
    func unknown() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            _ = try await fixture.give(in: hospital, by: Sample.chief)
            fixture.call(Sample.chief, first: "Els", last: "Wouters")
            let read: OrganisationManagers = try await ask(hospital, as: Sample.subject, fixture).decoded()
            #expect(read.managers.map(\.personName) == ["Els Wouters", nil])
            #expect(read.managers.map(\.nameUnavailable) == [false, false])
            fixture.neighbour.persons.tellsNames.withLock { $0 = false }
            let away = try await ask(hospital, as: Sample.subject, fixture)
            #expect(away.status == .ok)
            let unnamed: OrganisationManagers = try away.decoded()
            #expect(unnamed.managers.map(\.personName) == [nil, nil])
            #expect(unnamed.managers.map(\.nameUnavailable) == [true, true])
        }
    }

    @Test("of many managers five are named and the others counted; who manages no longer is neither")
    func many() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            _ = try await fixture.give(in: hospital, by: Sample.chief)
            let now = fixture.base.now()
            _ = try await fixture.database.database.transaction { session in
                try session.execute(
                    """
                    INSERT INTO access_manager (id, version, organisation_id, person_id, role, appointed_at, ended_at)
                    SELECT gen_random_uuid(), 1, \(hospital), gen_random_uuid(), 'access-manager', \(now),
                        CASE WHEN n > 20 THEN \(now) END
                    FROM generate_series(1, 30) AS n
                    """)
            }
            let read: OrganisationManagers = try await ask(hospital, as: Sample.subject, fixture).decoded()
            #expect(read.managers.count == 5 && read.others == 17)
            #expect(read.managers.first?.role == .chiefAccessManager)
            try await fixture.database.database.transaction { session in
                try session.execute(
                    "UPDATE access_manager SET ended_at = \(now) + interval '1 day' WHERE ended_at IS NULL")
            }
            let none: OrganisationManagers = try await ask(hospital, as: Sample.subject, fixture).decoded()
            #expect(none.managers.isEmpty && none.others == 0)
        }
    }
}
