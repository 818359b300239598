import AuditTrail
import AuthenticationContracts
import AuthenticationDomain
import EventOutbox
import Logging
import Postgres
import Process
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
    private let periods = RightPeriodStore()
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
    package func run() async throws { try await Chores(chores, logger: logger).run() }

    /// Does it once; what fails ends it.
    package func callAsFunction() async throws {
        for chore in chores { try await chore() }
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

    /// What is over is removed in short transactions, and until nothing is left of it.
    private var chores: [Chore] {
        [
            chore("sessions whose time is over") { _ in while try await expireSessions() == Self.chunk {} },
            chore("rights whose last day is over") { now in
                while try await endRights(before: acts.today(), at: now) == Self.chunk {}
            },
            // An instance whose clock is behind still takes an assertion that has expired here.
            pruning("assertions of clients", after: .seconds(300)) { [assertions] in
                try assertions.prune(expiredBefore: $0, limit: Self.chunk, in: $1)
            },
            pruning("empty buckets", after: .zero) { [throttles] in
                try throttles.prune(emptyBefore: $0, limit: Self.chunk, in: $1)
            },
            pruning("browsers that are not known any more", after: policy.appCodeThrottle.browserMemory) {
                [devices] in try devices.prune(before: $0, limit: Self.chunk, in: $1)
            },
            pruning("runs that are over", after: Self.retention) { [transactions] in
                try transactions.prune(expiredBefore: $0, limit: Self.chunk, in: $1)
            },
            pruning("sessions of long ago", after: Self.sessionRetention) { [sessions] in
                try sessions.prune(endedBefore: $0, limit: Self.chunk, in: $1)
            },
            pruning("tokens of long ago", after: Self.retention) { [tokens] in
                try tokens.prune(before: $0, in: $1).tokens
            },
            pruning("ends of long ago", after: Self.sessionRetention) { [tokens] in
                try tokens.pruneTombstones(kind: .session, endedBefore: $0, in: $1)
            },
            chore("what no token rests on", sweepUnused),
            chore("what lies under old keys") { _ in try await keys() },
        ]
    }

    private func chore(_ subject: String, _ body: @escaping @Sendable (Instant) async throws -> Void) -> Chore {
        Chore(subject, every: interval) { [acts] in try await body(acts.now()) }
    }

    /// Removes what was over for so long.
    private func pruning(
        _ subject: String, after time: Duration,
        _ prune: @escaping @Sendable (Instant, borrowing Session) throws -> Int
    ) -> Chore {
        chore(subject) { now in
            let before = now.adding(.zero - time)
            try await untilNone { session in try prune(before, session) }
        }
    }

    /// Ends tokens that rest on rights which the calendar has ended: no event tells of that.
    private func endRights(before today: LocalDate, at now: Instant) async throws -> Int {
        try await database.transaction { session in
            let over = try periods.takeOver(before: today, limit: Self.chunk, in: session)
            for right in over {
                try tokens.end(Basis(kind: .right, id: right.id.uuid), version: right.version, at: now, in: session)
            }
            return over.count
        }
    }

    @Sendable private func sweepUnused(at now: Instant) async throws {
        guard sweep.isDue(at: now) else { return }
        let past = now.adding(.zero - Self.retention)
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
