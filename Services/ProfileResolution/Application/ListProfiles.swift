package import Postgres
package import ProfileResolutionDomain
package import Vocabulary

/// Lists the profiles of a person: those that she may take, and those that she may not with the reasons.
package struct ListProfiles: Sendable {
    private let database: Database
    private let today: @Sendable () -> LocalDate

    package init(database: Database, today: @escaping @Sendable () -> LocalDate) {
        self.database = database
        self.today = today
    }

    /// The profiles as they are at this moment, in the alphabetical order of a language.
    package func callAsFunction(of person: PersonID, in language: Language) async throws -> [ProfileOption] {
        let today = today()
        let facts = try await database.read { session in
            try PersonFactsStore.facts(of: person, today: today, in: session)
        }
        return facts.options(in: language, today: today)
    }
}
