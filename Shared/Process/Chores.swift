import Async
package import Logging
import ServiceLifecycle

/// Something that a service does again and again beside answering requests.
package struct Chore: Sendable {
    /// What it is about, for the log: "sessions that are over".
    package let subject: String
    private let interval: Duration
    private let rest: Duration
    private let body: @Sendable () async throws -> Void

    /// A chore.
    ///
    /// - Parameters:
    ///   - interval: How long it waits after it was done.
    ///   - rest: How long it waits after it failed; as long as after it was done unless given.
    package init(
        _ subject: String, every interval: Duration, afterTrouble rest: Duration? = nil,
        _ body: @escaping @Sendable () async throws -> Void
    ) {
        self.subject = subject
        self.interval = interval
        self.rest = rest ?? interval
        self.body = body
    }

    /// Does it once.
    package func callAsFunction() async throws { try await body() }

    /// Does it once, tells the log of trouble, and answers how long to wait then.
    fileprivate func turn(_ logger: Logger) async -> Duration {
        do {
            try await body()
            return interval
        } catch {
            if !Task.isCancelled {
                logger.warning(
                    "A chore was not done; it is tried again",
                    metadata: ["subject": "\(subject)", "error": "\(error)"])
            }
            return rest
        }
    }
}

/// The chores of a service, side by side: trouble with one, or its slowness, keeps none of the others waiting.
package struct Chores: Service {
    private let chores: [Chore]
    private let logger: Logger

    package init(_ chores: [Chore], logger: Logger) {
        self.chores = chores
        self.logger = logger
    }

    /// Does them again and again until shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for chore in chores {
                    group.addTask { while await pause(await chore.turn(logger)) {} }
                }
            }
        }
    }

    /// Does each once, one after the other, whatever becomes of those before it.
    package func once() async {
        for chore in chores where !Task.isCancelled { _ = await chore.turn(logger) }
    }
}
