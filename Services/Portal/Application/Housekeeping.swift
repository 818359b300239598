package import Logging
package import PortalDomain
package import Postgres
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
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    _ = try await once()
                    try await keepKeys()
                } catch {
                    logger.warning("Clearing away failed; it is tried again", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Seals again what lies under old keys, and counts what lies under which.
    package func keepKeys() async throws {
        try await sealed.resealAll(on: database, logger: logger)
        try await sealed.count(on: database)
    }

    /// Deletes all that is over at this moment, and answers how many rows.
    package func once() async throws -> Int {
        let now = now()
        var total = 0
        while true {
            let deleted = try await database.transaction { session in
                try AnswerStore.purge(before: now.adding(.zero - Self.claim), in: session)
                    + SessionStore.purge(
                        before: now.adding(.zero - max(Self.retention, lifetime.absolute)), limit: Self.chunk,
                        in: session)
                    + LogoutTokenStore.purge(before: now, limit: Self.chunk, in: session)
                    + DraftStore.purge(before: now.adding(.zero - Draft.lifetime), limit: Self.chunk, in: session)
            }
            total += deleted
            if deleted == 0 { return total }
        }
    }
}
