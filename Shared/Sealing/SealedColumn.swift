package import Postgres

/// A column of sealed values, and how one of them is sealed again.
///
/// A sealed value begins with the length of its key's id, and the id; beside the column the table keeps that id as a
/// generated column with an index, so that what is left of an old key is found and counted without reading the rest:
///
///     key_id text GENERATED ALWAYS AS (encode(substring(sealed FROM 2 FOR get_byte(sealed, 0)), 'escape')) STORED
package struct SealedColumn: Sendable {
    package let table: StaticString
    /// An expression that names the row as a text, as its associated data and reports do.
    package let row: StaticString
    package let column: StaticString
    /// The generated column with the key's id.
    package let keyID: StaticString
    /// Opens a value of a row and seals it under the current key; throws for one that does not open.
    package let reseal: @Sendable (_ sealed: [UInt8], _ row: String) throws -> [UInt8]

    package init(
        table: StaticString, row: StaticString, column: StaticString, keyID: StaticString,
        reseal: @escaping @Sendable (_ sealed: [UInt8], _ row: String) throws -> [UInt8]
    ) {
        self.table = table
        self.row = row
        self.column = column
        self.keyID = keyID
        self.reseal = reseal
    }

    /// `table.column`, for messages and metrics.
    package var name: String { "\(table).\(column)" }

    /// The ids of the keys under which there are rows; a skip over the index, not a look at each row.
    package func keyIDs(in session: borrowing Session) throws -> [String] {
        try session.query(
            """
            WITH RECURSIVE known AS (
                (SELECT \(trusted: keyID) AS id FROM \(trusted: table)
                 WHERE \(trusted: keyID) IS NOT NULL ORDER BY 1 LIMIT 1)
                UNION ALL
                SELECT (SELECT \(trusted: keyID) FROM \(trusted: table)
                        WHERE \(trusted: keyID) > known.id ORDER BY 1 LIMIT 1)
                FROM known WHERE known.id IS NOT NULL)
            SELECT id FROM known WHERE id IS NOT NULL
            """
        ).map { try $0.decode(String.self) }
    }

    /// How many rows there are under each key.
    package func counts(in session: borrowing Session) throws -> [String: Int] {
        let rows = try session.query(
            """
            SELECT \(trusted: keyID), count(*) FROM \(trusted: table)
            WHERE \(trusted: keyID) IS NOT NULL GROUP BY 1
            """)
        return try Dictionary(rows.map { try $0.decode(String.self, Int.self) }) { first, _ in first }
    }

    /// Seals up to `limit` rows again that lie under another key than the current one.
    ///
    /// - Parameters:
    ///   - current: the id of the key that seals.
    ///   - passing: rows that did not open before; those that do not open now are added. They keep nobody waiting.
    /// - Returns: how many rows were looked at; fewer than the limit means that no others are left.
    func reseal(
        under current: String, limit: Int, passing unopened: inout Set<String>, in session: borrowing Session
    ) throws -> Int {
        let rows = try session.query(
            """
            SELECT ctid::text, \(trusted: row), \(trusted: column) FROM \(trusted: table)
            WHERE (\(trusted: keyID) < \(current) OR \(trusted: keyID) > \(current))
              AND NOT \(trusted: row) = ANY (\(Array(unopened)))
            LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """)
        for found in rows {
            let (place, name, sealed) = try found.decode(String.self, String.self, [UInt8].self)
            guard let again = try? reseal(sealed, name) else {
                unopened.insert(name)
                continue
            }
            // The row is locked, so it is still at its place.
            try session.execute(
                "UPDATE \(trusted: table) SET \(trusted: column) = \(again) WHERE ctid = \(place)::text::tid")
        }
        return rows.count
    }
}
