import CLibpq
import Glibc
import Logging

/// One place in the pool: a thread, and the connection that it keeps open or opens anew.
actor Connection {
    private let executor = ThreadExecutor()
    private let configuration: DatabaseConfiguration
    private let logger: Logger
    private var link: Link?
    /// Whether the last attempt to connect failed, which was told then.
    private var isAway = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    init(_ configuration: DatabaseConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    deinit { executor.stop() }

    /// Runs a body, in a transaction if asked, on this connection's thread.
    ///
    /// Afterwards the connection is idle and drained, or closed.
    func perform<R: Sendable>(
        _ lease: Lease, transactional: Bool, _ body: @Sendable (borrowing Session) throws -> R
    ) throws -> R {
        let link: Link
        do {
            link = try open(for: lease)
        } catch {
            // Whoever interrupts a cancelled lease stops trying once it has ended.
            _ = lease.end()
            throw error
        }
        lease.begin(link.cancelHandle)
        defer { tidy(link, interrupted: lease.end()) }
        let conversation = Conversation(link: link, lease: lease, transactional: transactional)
        let value = try body(Session(conversation: conversation))
        try conversation.commit()
        return value
    }

    /// Ends the connection; the thread ends with the actor.
    func close() {
        link = nil
    }

    /// The open connection, or a new one; tries again with growing pauses until the configured wait is over.
    private func open(for lease: Lease) throws(PostgresError) -> Link {
        if let link, link.isAlive() { return link }
        link = nil
        let start = Link.milliseconds()
        let deadline = start + configuration.waitDeadline.wholeMilliseconds
        var pause: Int64 = 25
        while true {
            if lease.isCancelled { throw PostgresError(.cancelled) }
            do {
                let fresh = try Link(configuration)
                link = fresh
                if isAway { logger.notice("The connection to the database is back") }
                isAway = false
                return fresh
            } catch {
                let now = Link.milliseconds()
                // Once per outage: it is tried several times a second, by each connection.
                logger.log(
                    level: isAway ? .debug : .warning, "No connection to the database",
                    metadata: ["database.error": "\(error)", "database.waited_ms": "\(now - start)"])
                isAway = true
                guard now + pause < deadline else {
                    throw PostgresError(
                        .unavailable(waited: .milliseconds(now - start)), explanation: error.explanation)
                }
            }
            // Instances that lost the same server must not return in step.
            usleep(UInt32(Int64.random(in: pause / 2...pause) * 1_000))
            pause = min(pause * 2, 500)
        }
    }

    /// Leaves the connection idle, or closes it.
    private func tidy(_ link: Link, interrupted: Bool) {
        do {
            guard unsafe PQpipelineStatus(link.handle) == PQ_PIPELINE_OFF else { throw link.broken() }
            switch link.transactionStatus {
            case PQTRANS_IDLE: break
            case PQTRANS_INTRANS, PQTRANS_INERROR: _ = try link.run(["ROLLBACK"])
            default: throw link.broken()
            }
            // An interruption that came late meets this script instead of the statement of whoever comes next.
            if interrupted { try link.script("") }
        } catch {
            self.link = nil
        }
        if !link.isAlive() { self.link = nil }
    }
}
