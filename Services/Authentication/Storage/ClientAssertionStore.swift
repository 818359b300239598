package import Postgres
package import Vocabulary

/// The assertions that clients have authenticated with.
package struct ClientAssertionStore: Sendable {
    package init() {}

    /// Takes an assertion; false when it was taken before.
    package func take(
        client: String, id: String, expiresAt: Instant, in session: borrowing Session
    ) throws -> Bool {
        try session.execute(
            """
            INSERT INTO client_assertion (client_id, assertion_id, expires_at)
            VALUES (\(client), \(id), \(expiresAt)) ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Forgets up to `limit` assertions that are refused for their age in any case.
    package func prune(expiredBefore moment: Instant, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM client_assertion WHERE (client_id, assertion_id) IN (
                SELECT client_id, assertion_id FROM client_assertion WHERE expires_at < \(moment)
                ORDER BY expires_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            """)
    }
}
