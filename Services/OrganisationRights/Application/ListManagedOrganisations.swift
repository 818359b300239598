import Postgres
import Vocabulary

/// The organisations in which a person is (chief) access manager.
struct ListManagedOrganisations: Sendable {
    let database: Database

    func callAsFunction(_ person: PersonID) async throws -> [ManagedOrganisation] {
        try await database.read { session in try AccessManagerStore.managed(by: person, in: session) }
    }
}
