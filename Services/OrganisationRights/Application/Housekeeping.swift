import AuditTrail
import Logging
import Postgres
import Process
import Sealing
import ServiceLifecycle
import Vocabulary

/// Lets waiting rights and appointments begin soon after somebody signed in, ends those that waited in vain, and clears
/// away what is over.
struct Housekeeping: Service {
    /// What waited in vain is shown this long.
    private static let shownAfterEnd: Duration = .seconds(30 * 86_400)
    private static let chunk = 100

    let database: Database
    let acts: Acts
    let logger: Logger
    let start: StartWaiting
    let startAppointments: StartAppointments
    let sealed: SealedData
    /// How often names are compared; looking costs one index.
    var interval: Duration = .milliseconds(500)
    /// How long to leave a neighbour or database alone that could not be asked.
    var pause: Duration = .seconds(5)
    /// How often the rest is done.
    var sweep: Duration = .seconds(60)

    func run() async throws { try await Chores(chores, logger: logger).run() }

    private var chores: [Chore] {
        [
            Chore("rights that wait for somebody", every: interval, afterTrouble: pause) { _ = try await start() },
            Chore("appointments that wait for somebody", every: interval, afterTrouble: pause) {
                _ = try await startAppointments()
            },
            Chore("rights that waited in vain", every: sweep) { while try await start.endOver() > 0 {} },
            Chore("appointments that waited in vain", every: sweep) {
                while try await startAppointments.endOver() > 0 {}
            },
            Chore("what is over", every: sweep) {
                let now = acts.now()
                while try await prune(at: now) > 0 {}
            },
            Chore("names under old keys", every: sweep) {
                try await sealed.resealAll(on: database, logger: logger)
                try await sealed.count(on: database)
            },
        ]
    }

    private func prune(at now: Instant) async throws -> Int {
        try await database.transaction { session in
            try WaitingRightStore.prune(
                endedBefore: now.adding(.zero - Self.shownAfterEnd), limit: Self.chunk, in: session)
                + MissStore.prune(emptyBefore: now, limit: Self.chunk, in: session)
        }
    }
}
