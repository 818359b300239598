import Async
package import Logging
import ServiceLifecycle

/// A PostgreSQL database, entered by one role: a bounded pool of connections, each on a thread of its own.
///
/// Connections open when they are needed, so a server that is down at start, or goes away later, is an
/// `unavailable` error of each call and not a crash.
package final class Database: Service, Sendable {
    /// How long shutdown waits for work that is under way.
    private static let drainLimit = Duration.seconds(10)

    /// Where the database is and what limits hold.
    package let configuration: DatabaseConfiguration
    private let logger: Logger
    private let pool: Pool
    private let interrupter = Interrupter()
    /// Nothing once the database is shut down.
    private let listeners = Guarded<[Listener]?>([])

    /// Describes the pool; nothing is opened yet.
    package init(_ configuration: DatabaseConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        pool = Pool(configuration, logger: logger)
    }

    /// Waits for the end of the process and drains the pool then.
    ///
    /// Calls work before and without it.
    package func run() async throws {
        do { try await gracefulShutdown() } catch is CancellationError {}
        await shutdown()
    }

    /// Refuses new work, lets what runs come to its end (at most 10 s), and closes all connections.
    package func shutdown() async {
        let open = listeners.withLock { listeners in
            defer { listeners = nil }
            return listeners ?? []
        }
        for listener in open { listener.stop() }
        await pool.drain(within: Database.drainLimit)
    }

    /// Runs one statement or one pipeline without a transaction of its own.
    ///
    /// Throws `PostgresError`, or what the body throws.
    @discardableResult
    package func read<R: Sendable>(_ body: @Sendable (borrowing Session) throws -> R) async throws -> R {
        try await perform(transactional: false, body)
    }

    /// Runs the body in a transaction that commits when the body returns and rolls back when it throws.
    ///
    /// A transaction that a deadlock or a serialization failure rolled back is run once more from its beginning, so the
    /// body may run twice; nothing else is tried again. The body is synchronous: it cannot wait for anything but the
    /// database while it holds locks. BEGIN travels with the first statement, so a transaction costs one round trip more
    /// than its statements.
    @discardableResult
    package func transaction<R: Sendable>(_ body: @Sendable (borrowing Session) throws -> R) async throws -> R {
        do {
            return try await perform(transactional: true, body)
        } catch let error as PostgresError where error.isSerializationFailure {
            return try await perform(transactional: true, body)
        }
    }

    /// Says each time that something was notified on a channel, and once after each (re)connection, since notifications
    /// in between are lost.
    ///
    /// Several notifications that nobody fetched yet count as one.
    package func listen(_ channel: String) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let listener = Listener(configuration, channel: channel, logger: logger) { continuation.yield() }
        let closed = listeners.withLock { listeners in
            listeners?.append(listener)
            return listeners == nil
        }
        guard !closed else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            listener.stop()
            self?.listeners.withLock { $0?.removeAll { $0 === listener } }
        }
        listener.start { continuation.finish() }
        return stream
    }

    private func perform<R: Sendable>(
        transactional: Bool, _ body: @Sendable (borrowing Session) throws -> R
    ) async throws -> R {
        if Task.isCancelled { throw PostgresError(.cancelled) }
        let connection = try await pool.acquire()
        let lease = Lease()
        do {
            let value = try await withTaskCancellationHandler {
                try await connection.perform(lease, transactional: transactional, body)
            } onCancel: {
                lease.cancel()
                Task { [interrupter] in await interrupter.interrupt(lease) }
            }
            await pool.release(connection)
            return value
        } catch {
            await pool.release(connection)
            throw error
        }
    }
}
