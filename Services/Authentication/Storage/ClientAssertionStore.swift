package import Postgres
package import Vocabulary

/// The assertions that clients have authenticated with.
package struct ClientAssertionStore: Sendable {
    package init() {}

    /// What became of an assertion.
    package enum Taken: Sendable {
        case first
        /// It was taken before.
        case again
        /// It was made before the database went back in time, so nobody knows whether it was taken.
        case beforeRestoration
    }

    /// Takes an assertion.
    ///
    /// - Parameter madeAt: When it was made at the earliest.
    package func take(
        client: String, id: String, madeAt: Instant, expiresAt: Instant, in session: borrowing Session
    ) throws -> Taken {
        let row = try session.first(
            """
            WITH restored AS (SELECT FROM outbox_restoration WHERE found_at >= \(madeAt)),
            taken AS (
                INSERT INTO client_assertion (client_id, assertion_id, expires_at)
                SELECT \(client), \(id), \(expiresAt) WHERE NOT EXISTS (SELECT FROM restored)
                ON CONFLICT DO NOTHING RETURNING 1
            )
            SELECT EXISTS (SELECT FROM taken), EXISTS (SELECT FROM restored)
            """)
        let (isFirst, isOlder) = try row?.decode(Bool.self, Bool.self) ?? (false, false)
        return isFirst ? .first : isOlder ? .beforeRestoration : .again
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
