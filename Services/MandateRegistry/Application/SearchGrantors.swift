import MandateRegistryContracts
package import MandateRegistryDomain
package import Postgres
package import Vocabulary

/// Finds the grantors for whom somebody may act under her profile.
package struct SearchGrantors: Sendable {
    /// What was found.
    package struct Page: Sendable {
        /// How many there are, as far as they are counted.
        package let total: Int
        package let hasMore: Bool
        package let page: Int
        package let grantors: [GrantorQuery.Found]
    }

    private let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// Searches among the grantors of mandates in force today that the profile's holder has.
    package func callAsFunction(
        _ criteria: GrantorQuery.Criteria, page: Int, for actor: Actor, on day: LocalDate
    ) async throws -> Decision<Page> {
        try await database.transaction { session in
            let organisation = try FactReader.standing(of: actor, in: session)
            switch mayUseMandates(actor, organisation: organisation, on: day) {
            case .refused(let refusal):
                return .refused(refusal)
            case .allowed(let standing):
                let query = GrantorQuery(holder: standing.holder, criteria: criteria, on: day)
                let most = GrantorSearch.mostCounted
                let (total, grantors) = try query.run(
                    page: page, size: GrantorSearch.pageSize, countingTo: most, in: session)
                return .allowed(
                    Page(total: min(total, most), hasMore: total > most, page: page, grantors: grantors))
            }
        }
    }

    /// The page of a search for somebody who is nobody here, if the profile may search at all.
    package func nobody(page: Int, for actor: Actor, on day: LocalDate) async throws -> Decision<Page> {
        try await database.read { session in
            let organisation = try FactReader.standing(of: actor, in: session)
            return mayUseMandates(actor, organisation: organisation, on: day)
                .map { _ in Page(total: 0, hasMore: false, page: page, grantors: []) }
        }
    }
}
