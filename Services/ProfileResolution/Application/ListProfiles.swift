package import Postgres
package import ProfileResolutionDomain
package import Vocabulary

/// Lists the profiles of a person: those that she may take, and those that she may not with the reasons.
package struct ListProfiles: Sendable {
    private let database: Database
    private let persons: PersonFactsStore
    private let today: @Sendable () -> LocalDate

    package init(database: Database, persons: PersonFactsStore, today: @escaping @Sendable () -> LocalDate) {
        self.database = database
        self.persons = persons
        self.today = today
    }

    /// How many organisations are on a page.
    package static let pageSize = 200

    /// A page of the profiles as they are at this moment, in the alphabetical order of a language: the first, or those
    /// behind an organisation.
    package func callAsFunction(
        of person: PersonID, in language: Language, behind: OrganisationID?
    ) async throws -> (options: [ProfileOption], next: OrganisationID?) {
        let today = today()
        let facts = try await database.read { session in
            try persons.facts(of: person, today: today, in: session)
        }
        return facts.options(in: language, today: today, behind: behind, limit: Self.pageSize)
    }
}
