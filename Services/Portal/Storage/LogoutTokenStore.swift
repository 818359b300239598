package import Postgres
package import Vocabulary

/// The rows of `logout_token`.
package enum LogoutTokenStore {
    /// Notes that a logout token was used; `false` when it was used before.
    package static func use(tokenHash: [UInt8], expiresAt: Instant, in session: borrowing Session) throws -> Bool {
        try session.execute(
            """
            INSERT INTO logout_token (token_hash, expires_at) VALUES (\(tokenHash), \(expiresAt))
            ON CONFLICT ON CONSTRAINT logout_token_pkey DO NOTHING
            """) == 1
    }

    /// Deletes what no token can repeat any more, at most `limit`.
    package static func purge(before: Instant, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM logout_token WHERE token_hash IN (
                SELECT token_hash FROM logout_token WHERE expires_at < \(before) ORDER BY expires_at LIMIT \(limit))
            """)
    }
}
