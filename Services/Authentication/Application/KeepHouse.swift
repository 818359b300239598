import AuditTrail
import AuthenticationContracts
import AuthenticationDomain
import EventOutbox
package import Logging
import Postgres
import ServiceLifecycle
import Tokens
import Vocabulary

/// Ends sessions whose time is over, removes what nobody can use any more, and writes what lies under old keys again.
///
/// Each instance does it; rows that another one holds are passed over.
package struct KeepHouse: Service {
    private let essentials: Essentials
    private let interval: Duration
    private let facts: @Sendable () -> RequestFacts
    private let logger: Logger
    private let keys: KeepKeys
    private let sweep = Pace(.seconds(86_400))

    /// How many rows one transaction takes.
    private static let chunk = 100
    /// How long what is over is kept, so that its late use can still be told from a forgery.
    private static let retention: Duration = .seconds(86400)
    /// How long ended sessions are kept.
    private static let sessionRetention: Duration = .seconds(30 * 86400)

    package init(
        _ essentials: Essentials, interval: Duration = .seconds(15), facts: @escaping @Sendable () -> RequestFacts,
        logger: Logger
    ) {
        self.essentials = essentials
        self.interval = interval
        self.facts = facts
        self.logger = logger
        keys = KeepKeys(essentials, logger: logger)
    }

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
        let facts = facts()
        let now = facts.events.time
        let ender = SessionEnder(essentials)
        let (sessions, policy) = (essentials.stores.sessions, essentials.policy.sessions)
        let count = try await essentials.outbox.transaction(on: essentials.database) { [essentials] session in
            let over = try sessions.expired(at: now, under: policy, limit: Self.chunk, in: session)
            guard !over.isEmpty else { return 0 }
            var drafts: [EventDraft] = []
            for id in over { drafts += try ender.end(id, reason: .expired, at: now, in: session) }
            let entry = essentials.record(.endSession, actor: nil, client: "authentication", facts: facts)
            try essentials.outbox.append(drafts, audit: entry, context: facts.events, in: session)
            return over.count
        }
        if count > 0 { essentials.logoutBell.ring() }
        return count
    }

    /// Removes what is over, in short transactions and until nothing is left of it.
    private func prune() async throws {
        let now = essentials.now()
        let past = now.adding(.zero - Self.retention)
        let longPast = now.adding(.zero - Self.sessionRetention)
        let forgotten = now.adding(.zero - essentials.policy.appCodeThrottle.browserMemory)
        let (stores, tokens) = (essentials.stores, essentials.tokens)
        // An instance whose clock is behind still takes an assertion that has expired here.
        let expired = now.adding(.seconds(-300))
        try await untilNone { session in
            try stores.assertions.prune(expiredBefore: expired, limit: Self.chunk, in: session)
        }
        try await untilNone { session in try stores.throttle.prune(emptyBefore: now, limit: Self.chunk, in: session) }
        try await untilNone { session in try stores.devices.prune(before: forgotten, limit: Self.chunk, in: session) }
        try await untilNone { session in
            try stores.transactions.pruneUnused(expiredBefore: now, limit: Self.chunk, in: session)
        }
        try await untilNone { session in
            try stores.transactions.prune(expiredBefore: past, limit: Self.chunk, in: session)
        }
        try await untilNone { session in
            try stores.sessions.prune(endedBefore: longPast, limit: Self.chunk, in: session)
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
        while try await essentials.database.transaction(body) > 0 {}
    }
}
