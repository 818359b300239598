package import AuthenticationDomain
import Keys
import Postgres
import Vocabulary

/// Finds the run that a page belongs to: only for the browser that began it.
package struct FindTransaction: Sendable {
    private let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    /// The run, while the person can go on with it; `nil` for an id that is not this browser's, or whose time is over.
    package func callAsFunction(
        _ id: TransactionID?, browserCookie: String?
    ) async throws -> (transaction: SignInTransaction, client: Client)? {
        guard let id, let browserCookie else { return nil }
        let transactions = essentials.stores.transactions
        let found = try await essentials.database.read { session in
            try transactions.find(id, browser: TokenHash.of(browserCookie), in: session)
        }
        guard let found, found.isOpen(at: essentials.now()),
            let client = essentials.clients.client(found.request.clientID)
        else { return nil }
        return (found, client)
    }
}
