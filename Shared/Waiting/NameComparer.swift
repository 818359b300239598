package import Logging
import ServiceLifecycle

/// Lets what waits begin soon after somebody signed in.
package struct NameComparer: Service {
    private let comparisons: [NameComparison]
    private let logger: Logger
    private let interval: Duration
    private let pause: Duration

    /// - Parameters:
    ///   - interval: how often names are compared; looking costs one index.
    ///   - pause: how long to leave a neighbour or database alone that could not be asked.
    package init(
        _ comparisons: [NameComparison], logger: Logger, interval: Duration = .milliseconds(500),
        pause: Duration = .seconds(5)
    ) {
        self.comparisons = comparisons
        self.logger = logger
        self.interval = interval
        self.pause = pause
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let isWell = await once()
                try? await Task.sleep(for: isWell ? interval : pause)
            }
        }
    }

    /// Makes each comparison, whatever became of the others; false when one could not be made.
    private func once() async -> Bool {
        var isWell = true
        for comparison in comparisons {
            do {
                try await comparison()
            } catch is CancellationError {
                return true
            } catch {
                isWell = false
                logger.warning(
                    "What waits for somebody could not be looked at; it is tried again",
                    metadata: ["error": "\(error)"])
            }
        }
        return isWell
    }
}
