package import Logging
package import PortalDomain
package import Postgres
import Process
package import Sealing
import ServiceLifecycle
package import Vocabulary

/// Clears away what is over: sessions that ended, logout tokens and drafts of long ago, and claims to answers of
/// processes that ended.
///
/// Every instance may do it at the same time; each deletes a few rows per transaction.
package struct Housekeeping: Service {
    /// An ended session is kept this long, so that its cookie can still be told why it ended.
    private static let retention: Duration = .seconds(24 * 3600)
    /// No exchange of a code takes this long.
    private static let claim: Duration = .seconds(60)
    private static let chunk = 500

    private let database: Database
    private let now: @Sendable () -> Instant
    private let lifetime: SessionLifetime
    private let interval: Duration
    private let sealed: SealedData
    private let logger: Logger

    package init(
        database: Database, now: @escaping @Sendable () -> Instant, lifetime: SessionLifetime, sealed: SealedData,
        interval: Duration = .seconds(60), logger: Logger
    ) {
        self.database = database
        self.now = now
        self.lifetime = lifetime
        self.interval = interval
        self.sealed = sealed
        self.logger = logger
    }

    package func run() async throws {
        let removing = over.map { removal in
            Chore(removal.subject, every: interval) { _ = try await clear(removal) }
        }
        let keys = Chore("what lies under old keys", every: interval) {
            try await sealed.keep(on: database, logger: logger)
        }
        try await Chores(removing + [keys], logger: logger).run()
    }

    /// Deletes all that is over at this moment, and answers how many rows.
    package func once() async throws -> Int {
        var total = 0
        for removal in over { total += try await clear(removal) }
        return total
    }

    private struct Removal: Sendable {
        let subject: String
        /// How long after its end it is removed.
        let after: Duration
        let purge: @Sendable (Instant, Int, borrowing Session) throws -> Int
    }

    private var over: [Removal] {
        [
            Removal(subject: "claims of processes that ended", after: Self.claim) { before, _, session in
                try AnswerStore.purge(before: before, in: session)
            },
            Removal(subject: "sessions of long ago", after: max(Self.retention, lifetime.absolute)) {
                try SessionStore.purge(before: $0, limit: $1, in: $2)
            },
            Removal(subject: "logout tokens", after: .zero) {
                try LogoutTokenStore.purge(before: $0, limit: $1, in: $2)
            },
            Removal(subject: "drafts", after: Draft.lifetime) { try DraftStore.purge(before: $0, limit: $1, in: $2) },
        ]
    }

    private func clear(_ removal: Removal) async throws -> Int {
        let before = now().adding(.zero - removal.after)
        var total = 0
        while true {
            let deleted = try await database.transaction { session in
                try removal.purge(before, Self.chunk, session)
            }
            total += deleted
            if deleted == 0 { return total }
        }
    }
}
