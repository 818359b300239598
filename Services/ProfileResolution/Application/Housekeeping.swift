import Logging
import Postgres
import Process
import Sealing
import ServiceLifecycle

/// Seals names again under the current key, and counts what lies under which.
package struct Housekeeping: Service {
    let database: Database
    let logger: Logger
    let sealed: SealedData
    var interval: Duration = .seconds(60)

    package func run() async throws { try await chores.run() }

    /// Does what there is to do now, in small transactions; what fails is tried again at the next turn.
    package func once() async { await chores.once() }

    private var chores: Chores {
        Chores(
            [
                Chore("names under old keys", every: interval) { try await sealed.keep(on: database, logger: logger) }
            ], logger: logger)
    }
}
