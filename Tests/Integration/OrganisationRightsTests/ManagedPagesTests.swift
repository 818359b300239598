import ContractCore
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

@Suite("The organisations that somebody manages, a page at a time")
struct ManagedPagesTests {
    /// Lets a person manage many organisations, whose names are in another order than they came.
    private func appoint(_ number: String, times: Int, from first: Int, _ fixture: Fixture) async throws {
        let person = fixture.neighbour.persons.id(number)
        let now = fixture.base.now()
        try await fixture.database.database.transaction { session in
            try session.execute(
                """
                WITH made AS (
                    INSERT INTO organisation (id, version, riziv_number, name, type, status, registered_at, changed_at)
                    SELECT gen_random_uuid(), 1, lpad((\(first) + n)::text, 8, '0'),
                        'Organisatie ' || lpad(((n * 7919) % \(times))::text, 5, '0'), 'orghospital', 'active', \(now), \(now)
                    FROM generate_series(1, \(times)) AS n
                    RETURNING id)
                INSERT INTO access_manager (id, version, organisation_id, person_id, role, appointed_at)
                SELECT gen_random_uuid(), 1, id, \(person), 'access-manager', \(now) FROM made
                """)
        }
    }

    private func page(
        of number: String, after: OrganisationID?, _ fixture: Fixture
    ) async throws -> ManagedOrganisations {
        let path = "/me/organisations" + (after.map { "?after=\($0)" } ?? "")
        return try await fixture.call(.get, path, token: fixture.token(of: number)).decoded()
    }

    @Test("who manages 1,000 organisations reaches each of them by name, at most 200 at a time")
    func each() async throws {
        try await Fixture.with { fixture in
            try await appoint(Sample.manager, times: 1_000, from: 0, fixture)
            try await appoint(Sample.other, times: 1_000, from: 1_000, fixture)
            var seen: [ManagedOrganisations.Entry] = []
            var after: OrganisationID?
            var pages = 0
            repeat {
                let page = try await page(of: Sample.manager, after: after, fixture)
                #expect(page.organisations.count <= 200)
                #expect(page.next == nil || page.next == page.organisations.last?.organisationId)
                seen += page.organisations
                after = page.next
                pages += 1
            } while after != nil && pages < 10
            #expect(pages == 5 && seen.count == 1_000)
            #expect(Set(seen.map(\.organisationId)).count == 1_000)
            #expect(seen.map(\.name) == seen.map(\.name).sorted())
            // What was taken away meanwhile is no obstacle to going on behind it.
            let person = fixture.neighbour.persons.id(Sample.manager)
            let last = seen[199].organisationId
            _ = try await fixture.database.database.transaction { session in
                try session.execute(
                    """
                    UPDATE access_manager SET ended_at = appointed_at
                    WHERE person_id = \(person) AND organisation_id = \(last)
                    """)
            }
            let behind = try await page(of: Sample.manager, after: last, fixture)
            #expect(behind.organisations.map(\.organisationId) == seen[200..<400].map(\.organisationId))
        }
    }

    @Test("nobody learns from a page where the name of somebody else's organisation would stand")
    func strangers() async throws {
        try await Fixture.with { fixture in
            try await appoint(Sample.manager, times: 5, from: 0, fixture)
            try await appoint(Sample.other, times: 5, from: 5, fixture)
            let others = try await page(of: Sample.other, after: nil, fixture).organisations
            for other in others.map(\.organisationId) + [OrganisationID(UUID())] {
                let page = try await page(of: Sample.manager, after: other, fixture)
                #expect(page.organisations.isEmpty && page.next == nil)
            }
            let wrong = try await fixture.call(
                .get, "/me/organisations?after=x", token: fixture.token(of: Sample.manager))
            #expect(wrong.status == .unprocessableContent)
        }
    }
}
