package import AuditTrail
package import Logging
package import Postgres
import Process
package import Sealing
import ServiceLifecycle
package import Tokens
import Vocabulary
import Waiting

/// Writes down at an interval what the calendar has ended, lets what waits for somebody begin soon after she signed in,
/// ends what waited in vain, removes tokens that nobody can use any more, and seals names again under the current key.
///
/// Every instance of the service does it; they pass over each other's rows.
package struct Housekeeping: Service {
    /// Tokens stay for a while after their end, so that a question about one is answered from what it was.
    private static let keptAfterExpiry = Duration.seconds(3600)
    /// Sessions cannot come back a week after their end; the tombstones of other facts stay.
    private static let sessionTombstonesKept = Duration.seconds(7 * 86_400)

    private let database: Database
    private let acts: Acts
    private let expire: ExpireMandates
    private let waiting: StartMandates
    private let sealed: SealedData
    private let tokens: TokenStore
    private let interval: Duration
    private let logger: Logger

    package init(
        database: Database, acts: Acts, expire: ExpireMandates, waiting: StartMandates, sealed: SealedData,
        tokens: TokenStore, interval: Duration, logger: Logger
    ) {
        self.database = database
        self.acts = acts
        self.expire = expire
        self.waiting = waiting
        self.sealed = sealed
        self.tokens = tokens
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws { try await chores.run() }

    /// Does what there is to do now, in small transactions; what fails is tried again at the next turn.
    package func once() async { await chores.once() }

    private var chores: Chores {
        Chores(
            [
                Chore("mandates that expired", every: interval) {
                    while try await expire(acts.own()) > 0 { try Task.checkCancellation() }
                },
                Chore(
                    "mandates that wait for somebody", every: NameComparison.interval,
                    afterTrouble: NameComparison.pause
                ) { [waiting] in try await waiting.comparison() },
                Chore("mandates that waited in vain", every: interval) { [waiting] in
                    while try await waiting.endOver() > 0 { try Task.checkCancellation() }
                },
                Chore("tokens of long ago", every: interval) {
                    let before = acts.now().adding(.zero - Self.keptAfterExpiry)
                    try await untilNone { [tokens] session in try tokens.prune(before: before, in: session).tokens }
                },
                Chore("sessions that ended long ago", every: interval) {
                    let before = acts.now().adding(.zero - Self.sessionTombstonesKept)
                    try await untilNone { [tokens] session in
                        try tokens.pruneTombstones(kind: .session, endedBefore: before, in: session)
                    }
                },
                Chore("names under old keys", every: interval) { try await sealed.keep(on: database, logger: logger) },
            ], logger: logger)
    }

    private func untilNone(_ body: @Sendable (borrowing Session) throws -> Int) async throws {
        while try await database.transaction(body) > 0 { try Task.checkCancellation() }
    }
}
