package import Postgres
package import Vocabulary

/// The browsers in which people have signed in with their accounts.
package struct DeviceStore: Sendable {
    package init() {}

    /// Whether an account has signed in with a browser since a moment.
    package func isKnown(
        _ browser: [UInt8], to person: PersonID, since moment: Instant, in session: borrowing Session
    ) throws -> Bool {
        try session.first(
            """
            SELECT 1 FROM device
            WHERE person_id = \(person) AND browser_hash = \(browser) AND last_success_at > \(moment)
            """) != nil
    }

    /// Whether anybody has signed in with a browser since a moment: only then did its cookie come from us.
    package func isKnown(
        _ browser: [UInt8], since moment: Instant, in session: borrowing Session
    ) throws -> Bool {
        try session.first(
            "SELECT 1 FROM device WHERE browser_hash = \(browser) AND last_success_at > \(moment) LIMIT 1") != nil
    }

    /// Notes that an account signed in with a browser.
    package func remember(
        _ browser: [UInt8], of person: PersonID, at now: Instant, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            INSERT INTO device AS known (person_id, browser_hash, last_success_at)
            VALUES (\(person), \(browser), \(now))
            ON CONFLICT (person_id, browser_hash) DO UPDATE
            SET last_success_at = greatest(known.last_success_at, excluded.last_success_at)
            """)
    }

    /// Forgets all browsers of an account, and answers how many there were.
    package func forget(of person: PersonID, in session: borrowing Session) throws -> Int {
        try session.execute("DELETE FROM device WHERE person_id = \(person)")
    }

    /// How many browsers an account has signed in with since a moment.
    package func count(of person: PersonID, since moment: Instant, in session: borrowing Session) throws -> Int {
        try session.first(
            "SELECT count(*) FROM device WHERE person_id = \(person) AND last_success_at > \(moment)")?
            .decode(Int.self) ?? 0
    }

    /// Removes up to `limit` browsers with which nobody signed in since a moment.
    package func prune(before moment: Instant, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM device WHERE (person_id, browser_hash) IN (
                SELECT person_id, browser_hash FROM device WHERE last_success_at < \(moment)
                ORDER BY last_success_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            """)
    }
}
