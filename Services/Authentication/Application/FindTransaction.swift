import AuditTrail
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

    let database: Database
    let acts: Acts
    let clients: ClientRegistry
    let transactionSeal: TransactionSeal
    private let transactions = TransactionStore()
    private let interactions = InteractionStore()

    /// A run that is stored is what is stored of it: the sealed one of before is then over, whoever brings it.
    package func callAsFunction(_ name: TransactionName?, browserCookie: String?) async throws -> Outcome {
        guard let name else { return .over(nil) }
        let id = name.id
        let found = try await database.read { session in
            (
                try transactions.find(id, in: session),
                try browserCookie.flatMap { try transactions.find(id, browser: TokenHash.of($0), in: session) }
            )
        }
        guard let any = found.0 else { return sealed(name, browserCookie: browserCookie) }
        guard let client = clients.client(any.request.clientID) else { return .over(nil) }
        guard let held = found.1, held.isOpen(at: acts.now()) else { return .over(client) }
        return .open(held, client)
    }

    /// A run in which nobody has signed in yet.
    private func sealed(_ name: TransactionName, browserCookie: String?) -> Outcome {
        guard let (transaction, browser) = transactionSeal.open(name),
            let client = clients.client(transaction.request.clientID)
        else { return .over(nil) }
        guard let browserCookie, constantTimeEqual(TokenHash.of(browserCookie), browser),
            transaction.isOpen(at: acts.now())
        else { return .over(client) }
        return .open(transaction, client)
    }

    /// The run of an errand.
    package func transaction(of id: InteractionID) async throws -> TransactionID? {
        return try await database.read { session in try interactions.transaction(of: id, in: session) }
    }
}
