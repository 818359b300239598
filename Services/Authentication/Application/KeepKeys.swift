import Async
import AuditTrail
import AuthenticationDomain
import Logging
import Metrics
import Postgres
import Sealing
import Vocabulary

/// Writes what is stored under old keys again under the current ones, and counts what is left.
///
/// Sealed values are found by an index, at every pass. The look-up index is walked whole, so that is done until nothing
/// is left, and then again at times, since another instance may still run with the rings of before.
package final class KeepKeys: Sendable {
    private let database: Database
    private let acts: Acts
    private let sealed: SealedData
    private let persons: PersonStore
    private let logger: Logger
    /// When the index was walked to its end, and when rows were counted.
    private let indexed = Pace(.seconds(600))
    private let counted = Pace(.seconds(600))

    private static let chunk = 100
    private static let patience = 500

    init(database: Database, acts: Acts, sealed: SealedData, persons: PersonStore, logger: Logger) {
        self.database = database
        self.acts = acts
        self.sealed = sealed
        self.persons = persons
        self.logger = logger
    }

    /// Does it once.
    package func callAsFunction() async throws {
        let now = acts.now()
        let sealedAgain = try await sealed.resealAll(on: database, logger: logger)
        var hasWork = sealedAgain > 0
        if indexed.isDue(at: now) {
            let wrote = try await index()
            if wrote == 0 { indexed.done(at: now) }
            hasWork = hasWork || wrote > 0
        }
        if hasWork || counted.isDue(at: now) {
            try await count()
            counted.done(at: now)
        }
    }

    /// Writes missing index rows and removes old ones; answers how many.
    private func index() async throws -> Int {
        let today = acts.today()
        var unopened: Set<PersonID> = []
        var total = 0
        while true {
            let (looked, failed) = try await database.transaction { [unopened] session in
                var failed = unopened
                let looked = try persons.index(limit: Self.chunk, passing: &failed, today: today, in: session)
                return (looked, failed)
            }
            total += looked - (failed.count - unopened.count)
            unopened = failed
            if looked < Self.chunk || unopened.count >= Self.patience { break }
        }
        if !unopened.isEmpty {
            logger.error(
                "National numbers do not open and were left out of the look-up index; nothing else waits for them",
                metadata: ["persons": "\(unopened.prefix(20).map(\.description).sorted().joined(separator: " "))"])
        }
        while true {
            let dropped = try await database.transaction { session in
                try persons.dropOldIndex(limit: Self.chunk, in: session)
            }
            total += dropped
            if dropped < Self.chunk { return total }
        }
    }

    private func count() async throws {
        try await sealed.count(on: database)
        var counts = try await database.read { session in try persons.indexCounts(in: session) }
        for id in persons.vault.indexKeyIDs where counts[id] == nil { counts[id] = 0 }
        for (key, rows) in counts {
            Gauge(label: "toegang_index_rows", dimensions: [("key", key)]).record(rows)
        }
    }
}

/// Remembers when something was done last that need not be done at every pass.
final class Pace: Sendable {
    private let interval: Duration
    private let last = Guarded(Instant?.none)

    init(_ interval: Duration) { self.interval = interval }

    /// Whether it is time; also when it was never done, or the clock went back.
    func isDue(at now: Instant) -> Bool {
        last.withLock { $0.map { now >= $0.adding(interval) || now < $0 } ?? true }
    }

    func done(at now: Instant) { last.withLock { $0 = now } }
}
