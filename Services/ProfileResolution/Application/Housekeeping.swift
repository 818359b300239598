import Logging
import Postgres
import Sealing
import ServiceLifecycle

/// Seals names again under the current key, and counts what lies under which.
package struct Housekeeping: Service {
    let database: Database
    let logger: Logger
    let sealed: SealedData
    var interval: Duration = .seconds(60)

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
            try await sealed.resealAll(on: database, logger: logger)
            try await sealed.count(on: database)
        } catch is CancellationError {
            return
        } catch {
            logger.warning("Housekeeping was interrupted", metadata: ["error": "\(error)"])
        }
    }
}
