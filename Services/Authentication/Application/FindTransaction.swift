package import AuthenticationDomain
import Keys
import Postgres
package import Vocabulary

/// Finds the run that a page belongs to: only for the browser that began it.
package struct FindTransaction: Sendable {
    /// What there is to go on with.
    package enum Outcome: Sendable {
        /// The run, which the person can go on with.
        case open(SignInTransaction, Client)
        /// None: it is unknown, another browser's, or its time is over. The portal it came from, when it is known.
        case over(Client?)
    }

    private let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    package func callAsFunction(_ id: TransactionID?, browserCookie: String?) async throws -> Outcome {
        guard let id else { return .over(nil) }
        let transactions = essentials.stores.transactions
        let found = try await essentials.database.read { session in
            (
                try transactions.find(id, in: session),
                try browserCookie.flatMap { try transactions.find(id, browser: TokenHash.of($0), in: session) }
            )
        }
        guard let any = found.0, let client = essentials.clients.client(any.request.clientID) else {
            return .over(nil)
        }
        guard let held = found.1, held.isOpen(at: essentials.now()) else { return .over(client) }
        return .open(held, client)
    }

    /// The run of an errand.
    package func transaction(of id: InteractionID) async throws -> TransactionID? {
        let interactions = essentials.stores.interactions
        return try await essentials.database.read { session in try interactions.transaction(of: id, in: session) }
    }
}
