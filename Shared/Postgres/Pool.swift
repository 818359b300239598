import Async
import Logging
import Metrics

/// Lends connections: at most `poolSize` at once, to at most `maximumWaiters` who wait at most `waitDeadline`.
final class Pool: Sendable {
    private typealias Waiter = CheckedContinuation<Connection, any Error>

    private struct State {
        var book: PoolState<Connection, Waiter>
        var whenDrained: [CheckedContinuation<Void, Never>] = []
    }

    private let configuration: DatabaseConfiguration
    private let logger: Logger
    private let state: Guarded<State>
    private let waits: Metrics.Timer
    private let refusals: Counter

    init(_ configuration: DatabaseConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        state = Guarded(
            State(book: PoolState(size: configuration.poolSize, maximumWaiters: configuration.maximumWaiters)))
        waits = Metrics.Timer(label: "database_pool_wait_seconds")
        refusals = Counter(label: "database_pool_refusals_total")
    }

    /// Borrows a connection; whoever gets one must release it.
    func acquire() async throws -> Connection {
        let start = ContinuousClock.now
        switch state.withLock({ $0.book.acquire() }) {
        case .lent(let connection): return connection
        case .make: return Connection(configuration, logger: logger)
        case .refused: throw refusal(.closing, since: start)
        case .wait(let number):
            defer { waits.recordNanoseconds((ContinuousClock.now - start).wholeMilliseconds * 1_000_000) }
            return try await wait(number, since: start)
        }
    }

    private func wait(_ number: UInt64, since start: ContinuousClock.Instant) async throws -> Connection {
        let deadline = configuration.waitDeadline
        let timer = Task {
            try await Task.sleep(for: deadline)
            self.giveUp(number, .deadline, since: start)
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                switch state.withLock({ $0.book.register(number, waiter) }) {
                case .queued: break
                case .lent(let connection): waiter.resume(returning: connection)
                case .givenUp(let reason): waiter.resume(throwing: refusal(reason, since: start))
                }
            }
        } onCancel: {
            giveUp(number, .cancelled, since: start)
        }
    }

    /// Gives a connection back.
    func release(_ connection: Connection) async {
        switch state.withLock({ $0.book.release(connection) }) {
        case .kept: break
        case .give(let connection, let waiter): waiter.resume(returning: connection)
        case .close(let connection):
            await connection.close()
            let drained = state.withLock { state in
                guard state.book.lent == 0 else { return [CheckedContinuation<Void, Never>]() }
                defer { state.whenDrained = [] }
                return state.whenDrained
            }
            for continuation in drained { continuation.resume() }
        }
    }

    /// Refuses new work, waits until what runs has ended, at most `limit`, and closes everything.
    func drain(within limit: Duration) async {
        let (idle, waiters) = state.withLock { $0.book.close() }
        for waiter in waiters { waiter.resume(throwing: PostgresError(.unavailable(waited: .zero))) }
        for connection in idle { await connection.close() }
        // Not the caller's task: it may be cancelled already, and draining has to go on all the same.
        let timer = Task.detached {
            try await Task.sleep(for: limit)
            self.abandonDrain()
        }
        defer { timer.cancel() }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let done = state.withLock { state in
                if state.book.lent > 0 { state.whenDrained.append(continuation) }
                return state.book.lent == 0
            }
            if done { continuation.resume() }
        }
    }

    private func abandonDrain() {
        let (open, drained) = state.withLock { state in
            defer { state.whenDrained = [] }
            return (state.book.lent, state.whenDrained)
        }
        guard !drained.isEmpty else { return }
        logger.warning("Database connections still in use at shutdown", metadata: ["database.open": "\(open)"])
        for continuation in drained { continuation.resume() }
    }

    private func giveUp(
        _ number: UInt64, _ reason: PoolState<Connection, Waiter>.Refusal, since start: ContinuousClock.Instant
    ) {
        guard let waiter = state.withLock({ $0.book.giveUp(number, reason) }) else { return }
        waiter.resume(throwing: refusal(reason, since: start))
    }

    private func refusal(
        _ reason: PoolState<Connection, Waiter>.Refusal, since start: ContinuousClock.Instant
    ) -> PostgresError {
        if case .cancelled = reason { return PostgresError(.cancelled) }
        refusals.increment()
        return PostgresError(.unavailable(waited: ContinuousClock.now - start))
    }
}
