import Logging
package import PortalDomain
import Postgres
package import Process
package import Sealing
import ServiceLifecycle
import Vocabulary

/// Clears away what is over: attempts that nobody came back from, sessions that ended, logout tokens and drafts of long
/// ago.
///
/// Every instance may do it at the same time; each deletes a few rows per transaction.
package struct Housekeeping: Service {
    /// An ended session is kept this long, so that its cookie can still be told why it ended.
    private static let retention: Duration = .seconds(24 * 3600)
    private static let chunk = 500

    private let base: ServiceBase
    private let lifetime: SessionLifetime
    private let interval: Duration
    private let sealed: SealedData

    package init(base: ServiceBase, lifetime: SessionLifetime, sealed: SealedData, interval: Duration = .seconds(60)) {
        self.base = base
        self.lifetime = lifetime
        self.interval = interval
        self.sealed = sealed
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    _ = try await once()
                    try await keepKeys()
                } catch {
                    base.logger.warning("Clearing away failed; it is tried again", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Seals again what lies under old keys, and counts what lies under which.
    package func keepKeys() async throws {
        try await sealed.resealAll(on: base.database, logger: base.logger)
        try await sealed.count(on: base.database)
    }

    /// Deletes all that is over at this moment, and answers how many rows.
    package func once() async throws -> Int {
        let now = base.now()
        var total = 0
        while true {
            let deleted = try await base.database.transaction { session in
                try SignInAttemptStore.purge(
                    before: now.adding(.zero - SignInAttempt.lifetime), limit: Self.chunk, in: session)
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
