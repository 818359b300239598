import OrganisationRightsContracts
import OrganisationRightsDomain
import Postgres
import Vocabulary
import Waiting

/// What an access manager can look at: what is there, what waits, and what was taken away.
enum ListedRights: Sendable {
    case rights([ListedRight])
    case waiting([ListedWaitingRight])
}

/// A waiting right as an access manager sees it: with the name that was typed, never with the one that is known.
struct ListedWaitingRight: Sendable {
    let stored: StoredWaitingRight
    /// Nothing once it waits no longer.
    let lastName: LastName?
}

/// A page of the rights in an organisation, for its access managers.
struct ListRights: Sendable {
    /// Rights on a page.
    static let pageSize = 200

    struct Page: Sendable {
        let organisation: Organisation
        let rights: ListedRights
        /// There are older ones.
        let hasMore: Bool
    }

    let database: Database
    let names: NameSeal

    /// The newest rights of a standing, or those older than `after`.
    ///
    /// Hidden from whoever manages nothing there.
    func callAsFunction(
        _ organisation: OrganisationID, for person: PersonID, _ shown: RightList, after: RightID?
    ) async throws -> Decision<Page> {
        try await database.read { session in
            switch try Managed.find(organisation, by: person, in: session) {
            case .refused(let refusal): .refused(refusal)
            case .allowed(let managed): .allowed(try page(of: managed.organisation, shown, after: after, in: session))
            }
        }
    }

    private func page(
        of organisation: Organisation, _ shown: RightList, after: RightID?, in session: borrowing Session
    ) throws -> Page {
        let (size, limit) = (ListRights.pageSize, ListRights.pageSize + 1)
        switch shown {
        case .waiting:
            let waiting = try WaitingRightStore.list(
                in: organisation.id, after: after, limit: limit, in: session)
            return Page(
                organisation: organisation, rights: .waiting(try waiting.prefix(size).map(listed)),
                hasMore: waiting.count > size)
        case .active, .ended:
            let rights = try RightStore.list(
                in: organisation.id, ended: shown == .ended, after: after, limit: limit, in: session)
            return Page(
                organisation: organisation, rights: .rights(Array(rights.prefix(size))),
                hasMore: rights.count > size)
        }
    }

    /// One right, or one that waits or waited in vain, as a list of one.
    ///
    /// Hidden where there is none, and from whoever manages nothing there.
    func right(
        _ right: RightID, in organisation: OrganisationID, for person: PersonID
    ) async throws -> Decision<ListedRights> {
        try await database.read { session in
            if let refusal = try Managed.find(organisation, by: person, in: session).refusal {
                return .refused(refusal)
            }
            if let right = try RightStore.find(right, in: organisation, in: session) {
                return .allowed(.rights([right]))
            }
            guard let waiting = try WaitingRightStore.find(right, in: organisation, in: session) else {
                return .refused(Refusal(.hidden, Reason(.notThere)))
            }
            return .allowed(.waiting([try listed(waiting)]))
        }
    }

    private func listed(_ waiting: StoredWaitingRight) throws -> ListedWaitingRight {
        ListedWaitingRight(stored: waiting, lastName: try waiting.opened(with: names)?.lastName)
    }
}
