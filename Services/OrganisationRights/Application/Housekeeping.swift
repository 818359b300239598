import Async
import AuditTrail
import Logging
import Postgres
import Sealing
import ServiceLifecycle
import Vocabulary

/// Ends rights and appointments that waited in vain, clears away what is over, and seals names again under the current
/// key.
package struct Housekeeping: Service {
    /// What waited in vain is shown this long.
    private static let shownAfterEnd: Duration = .seconds(30 * 86_400)
    private static let chunk = 100

    let database: Database
    let acts: Acts
    let logger: Logger
    let rights: StartWaiting
    let appointments: StartAppointments
    let sealed: SealedData
    var interval: Duration = .seconds(60)

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await once()
                } catch {
                    logger.warning("Housekeeping was interrupted", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Does what there is to do now, in small transactions.
    func once() async throws {
        while try await rights.endOver() > 0 {}
        while try await appointments.endOver() > 0 {}
        let now = acts.now()
        while try await prune(at: now) > 0 {}
        try await sealed.resealAll(on: database, logger: logger)
        try await sealed.count(on: database)
    }

    private func prune(at now: Instant) async throws -> Int {
        try await database.transaction { session in
            try WaitingRightStore.prune(
                endedBefore: now.adding(.zero - Self.shownAfterEnd), limit: Self.chunk, in: session)
                + MissStore.prune(emptyBefore: now, limit: Self.chunk, in: session)
        }
    }
}
