import Postgres
import Vocabulary

/// A page of the organisations in which a person is (chief) access manager.
struct ListManagedOrganisations: Sendable {
    /// Organisations on a page.
    static let pageSize = 200

    struct Page: Sendable {
        let organisations: [ManagedOrganisation]
        /// There are further ones.
        let hasMore: Bool
    }

    let database: Database

    /// The first by name, or those behind one that she manages or managed.
    func callAsFunction(_ person: PersonID, after: OrganisationID?) async throws -> Page {
        let managed = try await database.read { session in
            try AccessManagerStore.managed(by: person, after: after, limit: Self.pageSize + 1, in: session)
        }
        return Page(organisations: Array(managed.prefix(Self.pageSize)), hasMore: managed.count > Self.pageSize)
    }
}
