package import MandateRegistryDomain
package import Postgres
package import Vocabulary

/// Finds the grantors for whom somebody may act under her profile.
package struct SearchGrantors: Sendable {
    /// The number of grantors on a page.
    package static let pageSize = 25
    /// The last page that can be asked for; who needs more names what she looks for.
    package static let lastPage = 400

    /// What was found.
    package struct Page: Sendable {
        package let total: Int
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
        try await database.read { session in
            let organisation = try FactReader.standing(of: actor, in: session)
            switch mayUseMandates(actor, organisation: organisation, on: day) {
            case .refused(let refusal):
                return .refused(refusal)
            case .allowed(let standing):
                let query = GrantorQuery(holder: standing.holder, criteria: criteria, on: day)
                let (total, grantors) = try query.run(page: page, size: Self.pageSize, in: session)
                return .allowed(Page(total: total, page: page, grantors: grantors))
            }
        }
    }

    /// The page of a search for somebody who is nobody here, if the profile may search at all.
    package func nobody(page: Int, for actor: Actor, on day: LocalDate) async throws -> Decision<Page> {
        try await database.read { session in
            let organisation = try FactReader.standing(of: actor, in: session)
            return mayUseMandates(actor, organisation: organisation, on: day)
                .map { _ in Page(total: 0, page: page, grantors: []) }
        }
    }
}
