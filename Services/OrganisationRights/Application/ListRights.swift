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

    /// The newest rights that were taken away or that were not, or those older than `after`.
    ///
    /// - Throws: `RightError.notFound` for whoever manages nothing there.
    func callAsFunction(
        _ organisation: OrganisationID, for person: PersonID, ended: Bool, after: RightID?
    ) async throws -> Page {
        try await database.read { session in
            let organisation = try ListRights.managed(organisation, by: person, in: session)
            let rights = try RightStore.list(
                in: organisation.id, ended: ended, after: after, limit: ListRights.pageSize + 1, in: session)
            return Page(
                organisation: organisation, rights: Array(rights.prefix(ListRights.pageSize)),
                hasMore: rights.count > ListRights.pageSize)
        }
    }

    /// One right; throws `RightError.notFound` where there is none, and for whoever manages nothing there.
    func right(_ right: RightID, in organisation: OrganisationID, for person: PersonID) async throws -> ListedRight {
        try await database.read { session in
            let organisation = try ListRights.managed(organisation, by: person, in: session)
            guard let right = try RightStore.find(right, in: organisation.id, in: session) else {
                throw RightError.notFound
            }
            return right
        }
    }

    private static func managed(
        _ organisation: OrganisationID, by person: PersonID, in session: borrowing Session
    ) throws -> Organisation {
        guard let organisation = try OrganisationStore.find(organisation, in: session) else {
            throw RightError.notFound
        }
        let appointment = try AccessManagerStore.find(person, in: organisation.id, in: session)
        if let refusal = mayManage(organisation, appointment).refusal { throw RightError(refusal) }
        return organisation
    }
}
