package import FoundationEssentials
package import Postgres
import Vocabulary

/// What waits in a table, for whoever runs the service: ids, times and who brought it, never a name or a number.
package struct WaitingList: Sendable {
    /// Rows that are read at a time.
    package static let pageSize = 500

    private let table: WaitingTable
    private let kind: StaticString
    private let facts: SQL
    private let since: SQL
    private let until: SQL
    private let source: SQL

    /// - Parameters:
    ///   - kind: what a row is, such as `right`.
    ///   - facts: text about a row, of its columns: whose it is to be and what.
    ///   - since: when it was brought.
    ///   - until: when it waits no longer, if ever.
    ///   - source: text that says who brought it.
    package init(
        of table: WaitingTable, kind: StaticString, facts: SQL, since: SQL, until: SQL = "waits_until", source: SQL
    ) {
        self.table = table
        self.kind = kind
        self.facts = facts
        self.since = since
        self.until = until
        self.source = source
    }

    /// The lines of the rows behind one, by id, and the last of them; nothing at the end.
    package func page(
        behind last: UUID?, in session: borrowing Session
    ) throws -> (lines: [String], last: UUID)? {
        let behind: SQL = last.map { "AND id > \($0)" } ?? ""
        let rows = try session.query(
            """
            SELECT id, \(fragment: facts), \(fragment: since), \(fragment: until), \(fragment: source)
            FROM \(trusted: table.name) WHERE last_name IS NOT NULL \(fragment: behind)
            ORDER BY id LIMIT \(Self.pageSize)
            """
        ).map { row in try row.decode(UUID.self, String.self, Instant.self, Instant?.self, String.self) }
        guard let last = rows.last?.0 else { return nil }
        let lines = rows.map { id, facts, since, until, source in
            let end = until.map { "until \($0)" } ?? "without end"
            return "\(kind) \(id.uuidString.lowercased()): \(facts); since \(since), \(end); by \(source)"
        }
        return (lines, last)
    }
}
