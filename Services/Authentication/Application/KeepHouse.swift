import AuditTrail
import AuthenticationContracts
import AuthenticationDomain
import EventOutbox
import Logging
import Postgres
import ServiceLifecycle
import Tokens
import Vocabulary

/// Ends sessions whose time is over, removes what nobody can use any more, and writes what lies under old keys again.
///
/// Each instance does it; rows that another one holds are passed over.
package struct KeepHouse: Service {
    let database: Database
    let outbox: Outbox
    let acts: Acts
    let policy: SignInPolicy
    let tokens: TokenStore
    let logoutBell: Bell
    let ender: SessionEnder
    private let throttles = ThrottleStore()
    private let devices = DeviceStore()
    private let sessions = SessionStore()
    private let transactions = TransactionStore()
    private let assertions = ClientAssertionStore()
    let keys: KeepKeys
    let interval: Duration
    let logger: Logger
    private let sweep = Pace(.seconds(86_400))

    /// How many rows one transaction takes.
    private static let chunk = 100
    /// How long what is over is kept, so that its late use can still be told from a forgery.
    private static let retention: Duration = .seconds(86400)
    /// How long ended sessions are kept.
    private static let sessionRetention: Duration = .seconds(30 * 86400)

    /// Does it again and again until the process ends.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self()
                } catch {
                    logger.warning("Keeping house did not succeed", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Does it once.
    package func callAsFunction() async throws {
        while try await expireSessions() == Self.chunk {}
        try await prune()
        try await keys()
    }

    private func expireSessions() async throws -> Int {
        let act = acts.own()
        let now = act.time
        let count = try await outbox.transaction(on: database) { session in
            let over = try sessions.expired(at: now, under: policy.sessions, limit: Self.chunk, in: session)
            guard !over.isEmpty else { return 0 }
            var drafts: [EventDraft] = []
            for id in over { drafts += try ender.end(id, reason: .expired, at: now, in: session) }
            let entry = act.record(.endSession, actor: nil, client: "authentication")
            try outbox.append(drafts, audit: entry, in: session)
            return over.count
        }
        if count > 0 { logoutBell.ring() }
        return count
    }

    /// Removes what is over, in short transactions and until nothing is left of it.
    private func prune() async throws {
        let now = acts.now()
        let past = now.adding(.zero - Self.retention)
        let longPast = now.adding(.zero - Self.sessionRetention)
        let forgotten = now.adding(.zero - policy.appCodeThrottle.browserMemory)
        // An instance whose clock is behind still takes an assertion that has expired here.
        let expired = now.adding(.seconds(-300))
        try await untilNone { session in
            try assertions.prune(expiredBefore: expired, limit: Self.chunk, in: session)
        }
        try await untilNone { session in try throttles.prune(emptyBefore: now, limit: Self.chunk, in: session) }
        try await untilNone { session in try devices.prune(before: forgotten, limit: Self.chunk, in: session) }
        try await untilNone { session in
            try transactions.prune(expiredBefore: past, limit: Self.chunk, in: session)
        }
        try await untilNone { session in
            try sessions.prune(endedBefore: longPast, limit: Self.chunk, in: session)
        }
        try await untilNone { session in try tokens.prune(before: past, in: session).tokens }
        try await untilNone { session in
            try tokens.pruneTombstones(kind: .session, endedBefore: longPast, in: session)
        }
        guard sweep.isDue(at: now) else { return }
        try await untilNone { session in
            let swept = try tokens.sweepUnused(before: past, in: session)
            return swept.families + swept.bases
        }
        sweep.done(at: now)
    }

    private func untilNone(_ body: @Sendable (borrowing Session) throws -> Int) async throws {
        while try await database.transaction(body) > 0 {}
    }
}
