import AuditTrail
import Logging
import Postgres
import Process
import Sealing
import ServiceLifecycle
import Vocabulary
import Waiting

/// Lets rights and appointments begin soon after those for whom they wait have signed in, ends what waited in vain,
/// clears away what is over, and seals names again under the current key.
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

    package func run() async throws { try await Chores(chores, logger: logger).run() }

    private var chores: [Chore] {
        [
            Self.comparing("rights that wait for somebody", rights.comparison),
            Self.comparing("appointments that wait for somebody", appointments.comparison),
            Chore("rights that waited in vain", every: interval) { while try await rights.endOver() > 0 {} },
            Chore("appointments that waited in vain", every: interval) {
                while try await appointments.endOver() > 0 {}
            },
            Chore("what is over", every: interval) {
                let now = acts.now()
                while try await prune(at: now) > 0 {}
            },
            Chore("names under old keys", every: interval) { try await sealed.keep(on: database, logger: logger) },
        ]
    }

    private static func comparing(_ subject: String, _ comparison: NameComparison) -> Chore {
        Chore(subject, every: NameComparison.interval, afterTrouble: NameComparison.pause) { try await comparison() }
    }

    private func prune(at now: Instant) async throws -> Int {
        try await database.transaction { session in
            try WaitingRightStore.prune(
                endedBefore: now.adding(.zero - Self.shownAfterEnd), limit: Self.chunk, in: session)
                + MissStore.prune(emptyBefore: now, limit: Self.chunk, in: session)
        }
    }
}
