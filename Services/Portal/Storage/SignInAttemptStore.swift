package import Postgres
package import Vocabulary

/// The rows of `sign_in_attempt`.
package enum SignInAttemptStore {
    /// An attempt as its row has it; nonce and verifier are sealed.
    package struct Stored: Sendable {
        package let secrets: [UInt8]
        package let returnPath: String
        package let asksAgain: Bool
        package let startedAt: Instant
    }

    /// A browser that goes back and forth needs no more open attempts than this; the oldest makes place.
    static let limitPerBrowser = 8

    /// Adds an attempt.
    package static func insert(
        stateHash: [UInt8], browserHash: [UInt8], secrets: [UInt8], returnPath: String, asksAgain: Bool,
        startedAt: Instant, in session: borrowing Session
    ) throws {
        try session.pipeline([
            """
            DELETE FROM sign_in_attempt WHERE state_hash IN (
                SELECT state_hash FROM sign_in_attempt WHERE browser_hash = \(browserHash)
                ORDER BY started_at DESC OFFSET \(limitPerBrowser - 1))
            """,
            """
            INSERT INTO sign_in_attempt (state_hash, browser_hash, secrets, return_path, asks_again, started_at)
            VALUES (\(stateHash), \(browserHash), \(secrets), \(returnPath), \(asksAgain), \(startedAt))
            """,
        ])
    }

    /// Takes the attempt of a state out, when it is this browser's; a second time there is none.
    package static func take(
        stateHash: [UInt8], browserHash: [UInt8], in session: borrowing Session
    ) throws -> Stored? {
        try session.first(
            """
            DELETE FROM sign_in_attempt WHERE state_hash = \(stateHash) AND browser_hash = \(browserHash)
            RETURNING secrets, return_path, asks_again, started_at
            """
        ).map { row in
            let (secrets, returnPath, asksAgain, startedAt) = try row.decode(
                [UInt8].self, String.self, Bool.self, Instant.self)
            return Stored(secrets: secrets, returnPath: returnPath, asksAgain: asksAgain, startedAt: startedAt)
        }
    }

    /// Deletes attempts that nobody came back from, at most `limit`.
    package static func purge(before: Instant, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM sign_in_attempt WHERE state_hash IN (
                SELECT state_hash FROM sign_in_attempt WHERE started_at < \(before) ORDER BY started_at LIMIT \(limit))
            """)
    }
}

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
