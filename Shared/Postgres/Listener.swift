import CLibpq
import Glibc
import Logging
import Synchronization

/// Keeps one connection of its own on LISTEN, on a thread of its own, and opens it anew with growing pauses.
///
/// Any thread may use the descriptors; they are closed only when the last reference is gone.
final class Listener: Sendable {
    private let configuration: DatabaseConfiguration
    private let channel: String
    private let logger: Logger
    private let signal: @Sendable () -> Void
    /// The two ends of a pipe whose only message is "stop".
    private let stopEnd: Int32
    private let wake: Int32
    private let stopped = Atomic<Bool>(false)

    init(
        _ configuration: DatabaseConfiguration, channel: String, logger: Logger, signal: @escaping @Sendable () -> Void
    ) {
        self.configuration = configuration
        self.channel = channel
        self.logger = logger
        self.signal = signal
        var ends: [Int32] = [-1, -1]
        let result = unsafe pipe(&ends)
        precondition(result == 0, "the system gave no pipe for a database listener (error \(errno))")
        stopEnd = ends[0]
        wake = ends[1]
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        Glibc.close(stopEnd)
        Glibc.close(wake)
    }

    /// Starts the thread; `atEnd` is called as the last thing that it does.
    func start(atEnd: @escaping @Sendable () -> Void) {
        let executor = ThreadExecutor()
        Task(executorPreference: nil) { await ListenerThread(executor).run(self, atEnd: atEnd) }
    }

    /// Ends the thread soon.
    func stop() {
        stopped.store(true, ordering: .relaxed)
        var one: UInt8 = 1
        _ = unsafe write(wake, &one, 1)
    }

    fileprivate func loop() {
        var pause: Int32 = 50
        while !stopped.load(ordering: .relaxed) {
            do {
                let link = try Link(configuration)
                try link.script("LISTEN \"\(channel.replacing("\"", with: "\"\""))\"")
                pause = 50
                signal()
                try follow(link)
            } catch {
                logger.warning(
                    "Lost the connection that listens for notifications",
                    metadata: ["database.channel": "\(channel)", "database.error": "\(error)"])
                _ = waitForStop(milliseconds: pause)
                pause = min(pause * 2, 2_000)
            }
        }
    }

    /// Passes notifications on until told to stop; throws when the connection breaks.
    private func follow(_ link: Link) throws(PostgresError) {
        while !stopped.load(ordering: .relaxed) {
            var descriptors = unsafe [
                pollfd(fd: PQsocket(link.handle), events: Int16(POLLIN), revents: 0),
                pollfd(fd: stopEnd, events: Int16(POLLIN), revents: 0),
            ]
            let ready = unsafe poll(&descriptors, 2, -1)
            guard ready > 0 else { continue }
            guard unsafe PQconsumeInput(link.handle) == 1, unsafe PQstatus(link.handle) == CONNECTION_OK else {
                throw link.broken()
            }
            var notified = false
            while let notification = unsafe PQnotifies(link.handle) {
                unsafe PQfreemem(notification)
                notified = true
            }
            if notified { signal() }
        }
    }

    private func waitForStop(milliseconds: Int32) -> Bool {
        var descriptor = pollfd(fd: stopEnd, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&descriptor, 1, milliseconds) > 0
    }
}

/// The thread of a listener.
private actor ListenerThread {
    private let executor: ThreadExecutor

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    init(_ executor: ThreadExecutor) { self.executor = executor }

    deinit { executor.stop() }

    func run(_ listener: Listener, atEnd: @Sendable () -> Void) {
        listener.loop()
        atEnd()
    }
}
