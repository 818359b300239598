package import Postgres
package import Vocabulary

/// The last days of rights that have one, until they are over.
package struct RightPeriodStore: Sendable {
    package init() {}

    /// Takes over the last day of a right, unless a later version was known; one that has none, or has ended, is
    /// forgotten.
    package func save(
        _ id: RightID, version: Int64, lastDay: LocalDate?, in session: borrowing Session
    ) throws {
        guard let lastDay else {
            try session.execute("DELETE FROM right_period WHERE right_id = \(id) AND version < \(version)")
            return
        }
        try session.execute(
            """
            INSERT INTO right_period AS known (right_id, version, last_day)
            VALUES (\(id), \(version), \(lastDay))
            ON CONFLICT (right_id) DO UPDATE SET version = excluded.version, last_day = excluded.last_day
            WHERE known.version < excluded.version
            """)
    }

    /// Takes out rights whose last day lies before a day, with the versions that said so; those that another instance
    /// takes out are passed over.
    package func takeOver(
        before day: LocalDate, limit: Int, in session: borrowing Session
    ) throws -> [(id: RightID, version: Int64)] {
        try session.query(
            """
            DELETE FROM right_period WHERE right_id IN (
                SELECT right_id FROM right_period WHERE last_day < \(day)
                ORDER BY last_day LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            RETURNING right_id, version
            """
        ).map { try $0.decode(RightID.self, Int64.self) }
    }
}
