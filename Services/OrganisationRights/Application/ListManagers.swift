import OrganisationRightsDomain
import Postgres
import Vocabulary

/// The access managers whom a person can ask for a right in an organisation.
struct ListManagers: Sendable {
    /// As many as are named; somebody who looks for one of them needs no list of all.
    static let limit = 5

    struct Managers: Sendable {
        /// Chiefs first, and then who was appointed first.
        let first: [AccessManager]
        /// How many there are beside those.
        let others: Int
    }

    let database: Database

    /// Those of an organisation; hidden from whoever never had anything there.
    func callAsFunction(of id: OrganisationID, for person: PersonID) async throws -> Decision<Managers> {
        try await database.read { session in
            guard let organisation = try OrganisationStore.find(id, in: session) else {
                return .refused(Refusal(.hidden, Reason(.notThere)))
            }
            let decision = mayKnowManagers(of: organisation, tie: try Self.tie(person, to: id, in: session))
            if let refusal = decision.refusal { return .refused(refusal) }
            let (first, count) = try AccessManagerStore.managers(of: id, limit: Self.limit, in: session)
            return .allowed(Managers(first: first, others: count - first.count))
        }
    }

    private static func tie(
        _ person: PersonID, to organisation: OrganisationID, in session: borrowing Session
    ) throws -> Tie? {
        if try AccessManagerStore.find(person, in: organisation, in: session) != nil { return .manages }
        return try RightStore.isKnown(person, in: organisation, in: session) ? .right : nil
    }
}
