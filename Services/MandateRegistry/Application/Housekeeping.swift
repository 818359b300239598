package import AuditTrail
package import Logging
package import Postgres
package import Sealing
import ServiceLifecycle
package import Tokens
import Vocabulary

/// Writes down at an interval what the calendar has ended, ends what waited in vain, removes tokens that nobody can use
/// any more, and seals names again under the current key.
///
/// Every instance of the service does it; they pass over each other's rows.
package struct Housekeeping: Service {
    /// Tokens stay for a while after their end, so that a question about one is answered from what it was.
    private static let keptAfterExpiry = Duration.seconds(3600)
    /// Sessions cannot come back a week after their end; the tombstones of other facts stay.
    private static let sessionTombstonesKept = Duration.seconds(7 * 86_400)

    private let database: Database
    private let acts: Acts
    private let expire: ExpireMandates
    private let waiting: StartMandates
    private let sealed: SealedData
    private let tokens: TokenStore
    private let interval: Duration
    private let logger: Logger

    package init(
        database: Database, acts: Acts, expire: ExpireMandates, waiting: StartMandates, sealed: SealedData,
        tokens: TokenStore, interval: Duration, logger: Logger
    ) {
        self.database = database
        self.acts = acts
        self.expire = expire
        self.waiting = waiting
        self.sealed = sealed
        self.tokens = tokens
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await once()
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Does what there is to do now, in small transactions; what fails is tried again at the next turn.
    package func once() async {
        do {
            while try await expire(acts.own()) > 0 { try Task.checkCancellation() }
            while try await waiting.endOver() > 0 { try Task.checkCancellation() }
            let now = acts.now()
            while try await prune(at: now) > 0 { try Task.checkCancellation() }
            try await sealed.resealAll(on: database, logger: logger)
            try await sealed.count(on: database)
        } catch is CancellationError {
            return
        } catch {
            logger.warning("Housekeeping was interrupted", metadata: ["error": "\(error)"])
        }
    }

    /// Removes some of what is over; answers how many tokens and tombstones went.
    private func prune(at now: Instant) async throws -> Int {
        let (tokens, kept) = (tokens, Self.keptAfterExpiry)
        return try await database.transaction { session in
            let tombstones = try tokens.pruneTombstones(
                kind: .session, endedBefore: now.adding(.zero - Self.sessionTombstonesKept), in: session)
            return try tombstones + tokens.prune(before: now.adding(.zero - kept), in: session).tokens
        }
    }
}
