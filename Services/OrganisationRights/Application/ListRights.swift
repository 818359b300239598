import OrganisationRightsDomain
import Postgres
import Vocabulary

/// A page of the rights in an organisation, for its access managers.
struct ListRights: Sendable {
    /// Rights on a page.
    static let pageSize = 200

    struct Page: Sendable {
        let organisation: Organisation
        let rights: [ListedRight]
        /// There are older ones.
        let hasMore: Bool
    }

    let database: Database

    /// The newest rights, or those older than `after`; throws `RightError.notFound` for whoever manages nothing there.
    func callAsFunction(_ organisation: OrganisationID, for person: PersonID, after: RightID?) async throws -> Page {
        try await database.read { session in
            guard let organisation = try OrganisationStore.find(organisation, in: session) else {
                throw RightError.notFound
            }
            let appointment = try AccessManagerStore.find(person, in: organisation.id, in: session)
            if let refusal = mayManage(organisation, appointment).refusal { throw RightError(refusal) }
            let rights = try RightStore.list(
                in: organisation.id, after: after, limit: ListRights.pageSize + 1, in: session)
            return Page(
                organisation: organisation, rights: Array(rights.prefix(ListRights.pageSize)),
                hasMore: rights.count > ListRights.pageSize)
        }
    }
}
