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
        /// It came with a code that there never was. It is not kept: anybody can make a portal send one.
        case forNothing
    }

    /// Takes an assertion.
    ///
    /// - Parameters:
    ///   - code: The hash of the code that came with it.
    ///   - madeAt: When it was made at the earliest.
    package func take(
        client: String, id: String, for code: [UInt8]?, madeAt: Instant, expiresAt: Instant,
        in session: borrowing Session
    ) throws -> Taken {
        let nothing: SQL =
            code.map { "NOT EXISTS (SELECT FROM authorization_code WHERE hash = \($0))" } ?? "false"
        let row = try session.first(
            """
            WITH restored AS (SELECT FROM outbox_restoration WHERE found_at >= \(madeAt)),
            use AS (SELECT \(fragment: nothing) AS is_none),
            taken AS (
                INSERT INTO client_assertion (client_id, assertion_id, expires_at)
                SELECT \(client), \(id), \(expiresAt) FROM use WHERE NOT is_none AND NOT EXISTS (SELECT FROM restored)
                ON CONFLICT DO NOTHING RETURNING 1
            )
            SELECT EXISTS (SELECT FROM taken), EXISTS (SELECT FROM restored), is_none FROM use
            """)
        let (isFirst, isOlder, isForNothing) = try row?.decode(Bool.self, Bool.self, Bool.self) ?? (false, false, false)
        return isFirst ? .first : isOlder ? .beforeRestoration : isForNothing ? .forNothing : .again
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
