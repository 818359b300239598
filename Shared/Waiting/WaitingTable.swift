package import FoundationEssentials
package import Postgres
package import Vocabulary

/// A table of rows that wait for the person of a number.
///
/// Each such table has `id uuid`, `person_id uuid`, `last_name bytea` (sealed, NULL in a row that waits no longer) with
/// `key_id` beside it. One whose rows a `NameComparison` looks at has `due_at timestamptz` as well, with an index over
/// `(due_at, id)` where it is set.
package struct WaitingTable: Sendable {
    package let name: StaticString

    package init(_ name: StaticString) { self.name = name }

    /// A row whose names are to be compared.
    package struct Due: Sendable, Hashable {
        package let id: UUID
        package let person: PersonID
        /// When somebody with its number signed in, or it was written.
        package let at: Instant
    }

    /// Has the names of all that waits for a person compared.
    package func signedIn(_ person: PersonID, at moment: Instant, in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE \(trusted: name) SET due_at = \(moment) WHERE person_id = \(person) AND last_name IS NOT NULL
            """)
    }

    /// What is due, the longest first, behind the row that was looked at last.
    func due(behind last: Due?, limit: Int, in session: borrowing Session) throws -> [Due] {
        let later: SQL = last.map { "AND (due_at, id) > (\($0.at), \($0.id))" } ?? ""
        return try session.query(
            """
            SELECT id, person_id, due_at FROM \(trusted: name) WHERE due_at IS NOT NULL \(fragment: later)
            ORDER BY due_at, id LIMIT \(limit)
            """
        ).map { row in
            let (id, person, at) = try row.decode(UUID.self, PersonID.self, Instant.self)
            return Due(id: id, person: person, at: at)
        }
    }

    /// The names were compared; unless the person signed in again meanwhile.
    package func compared(_ due: Due, in session: borrowing Session) throws {
        try session.execute(
            "UPDATE \(trusted: name) SET due_at = NULL WHERE id = \(due.id) AND due_at = \(due.at)")
    }

    /// Removes what began, or waits no longer.
    package func remove(_ id: UUID, in session: borrowing Session) throws {
        try session.execute("DELETE FROM \(trusted: name) WHERE id = \(id)")
    }
}
