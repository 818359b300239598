import AuthenticationContracts
import AuthenticationDomain
import EventOutbox
package import Postgres
import Vocabulary

/// What is to be looked at of accounts after the database went back to a backup, since no event tells of it.
///
/// That an account was closed, opened or changed is told to nobody, so it is lost with the database. The one trace is that
/// sessions were ended for security, which closing an account does to those that are open.
package struct AccountsAfterRestore: Sendable {
    private let database: Database
    private let accounts: AccountStore

    package init(database: Database, accounts: AccountStore) {
        self.database = database
        self.accounts = accounts
    }

    /// As lines to read; none when there was no restoration.
    package func lines() async throws -> [String] {
        try await database.read { [accounts] session in
            guard try RestorationStore.last(in: session) != nil else { return [] }
            let persons = try LostTimeStore.endedForSecurity(in: session)
            let known = try persons.compactMap { try accounts.find(of: $0, in: session) }
            let last = try LostTimeStore.lastClosedOrOpened(in: session)
            return Self.hints(known, lost: persons.count - known.count) + [
                """
                Whether an account was closed, opened or changed since the backup cannot be known from here. This database \
                knows \(last.map { "no such command after \($0)" } ?? "no such command at all"): look up what was \
                commanded and imported since the backup, and do it again.
                """
            ]
        }
    }

    private static func hints(_ accounts: [Account], lost: Int) -> [String] {
        var lines = accounts.map { account in
            "  \(account.userName.folded)  \(account.isEnabled ? "open now" : "closed now")"
        }
        if lost > 0 { lines.append("  and \(lost) that this database does not have any more") }
        guard !lines.isEmpty else { return ["No session was ended for security in the time that was lost."] }
        return ["Accounts whose sessions were ended for security in the time that was lost; each was perhaps closed:"]
            + lines
    }
}
