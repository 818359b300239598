import Async
package import Logging
import Metrics
package import Postgres

/// All that one service keeps sealed under one ring of keys.
///
/// Replacing a key is: put the new one first in the ring, restart, wait until `toegang_sealed_rows` shows none under the
/// old one, take the old one out, restart. Each instance seals again what it finds; none waits for another.
package final class SealedData: Sendable {
    private let columns: [SealedColumn]
    private let currentID: String
    private let keyIDs: Set<String>
    private let reported = Guarded(Reported())

    private static let chunk = 100
    /// How many rows of a column may fail to open before the rest of its pass is left for later.
    private static let patience = 500

    /// What was said last, so that nothing is said again and again and a key that is gone counts zero.
    private struct Reported {
        var unopened: [String: Set<String>] = [:]
        var counted: Set<[String]> = []
    }

    /// - Parameters:
    ///   - currentID: the id of the key that seals.
    ///   - keyIDs: the ids of all keys that open.
    package init(columns: [SealedColumn], currentID: String, keyIDs: [String]) {
        self.columns = columns
        self.currentID = currentID
        self.keyIDs = Set(keyIDs)
    }

    /// `table.column` of each column with a key's id.
    package var keyColumns: [String] { columns.map { "\($0.table).\($0.keyID)" } }

    /// The stored keys that the configuration does not have, one sentence each; empty when all is well.
    package func unknownKeys(in session: borrowing Session) throws -> [String] {
        var found: [String] = []
        for column in columns {
            let unknown = try column.keyIDs(in: session).filter { !keyIDs.contains($0) }
            if unknown.isEmpty { continue }
            let ids = unknown.map { "\"\($0)\"" }.joined(separator: ", ")
            found.append("\(column.name) has rows sealed under the key \(ids), which the configuration does not have.")
        }
        return found
    }

    /// Seals again what lies under another key than the current one, and counts what lies under which.
    package func keep(on database: Database, logger: Logger) async throws {
        try await resealAll(on: database, logger: logger)
        try await count(on: database)
    }

    /// Seals again all that lies under another key than the current one, in short transactions.
    ///
    /// A row that does not open is reported, once, and passed over.
    /// - Returns: how many rows were sealed again.
    @discardableResult
    package func resealAll(on database: Database, logger: Logger) async throws -> Int {
        var total = 0
        for column in columns {
            var unopened: Set<String> = []
            while true {
                let (looked, failed) = try await database.transaction { [currentID, unopened] session in
                    var failed = unopened
                    let looked = try column.reseal(
                        under: currentID, limit: Self.chunk, passing: &failed, in: session)
                    return (looked, failed)
                }
                total += looked - (failed.count - unopened.count)
                unopened = failed
                if looked < Self.chunk || unopened.count >= Self.patience { break }
            }
            report(unopened, of: column, logger: logger)
        }
        return total
    }

    /// Sets the gauges `toegang_sealed_rows` of each column and key.
    package func count(on database: Database) async throws {
        for column in columns {
            let counts = try await database.read { session in try column.counts(in: session) }
            let labels = Set(counts.keys.map { [column.name, $0] })
            let gone = reported.withLock { reported in
                let gone = reported.counted.filter { $0[0] == column.name && !labels.contains($0) }
                reported.counted.formUnion(labels)
                return gone
            }
            for label in gone { Self.gauge(label[0], label[1]).record(0) }
            for (key, rows) in counts { Self.gauge(column.name, key).record(rows) }
        }
    }

    private static func gauge(_ column: String, _ key: String) -> Gauge {
        Gauge(label: "toegang_sealed_rows", dimensions: [("column", column), ("key", key)])
    }

    private func report(_ unopened: Set<String>, of column: SealedColumn, logger: Logger) {
        Gauge(label: "toegang_sealed_rows_unopened", dimensions: [("column", column.name)]).record(unopened.count)
        let fresh = reported.withLock { reported in
            defer { reported.unopened[column.name] = unopened }
            return unopened.subtracting(reported.unopened[column.name] ?? [])
        }
        guard !fresh.isEmpty else { return }
        logger.error(
            """
            Sealed values do not open, and stay under their old key: they were changed, moved to another row, or their \
            key's file is another one than it was. Nothing else waits for them
            """,
            metadata: [
                "column": "\(column.name)", "rows": "\(fresh.sorted().prefix(20).joined(separator: " "))",
                "count": "\(fresh.count)",
            ])
    }
}
