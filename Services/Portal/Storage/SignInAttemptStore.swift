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

    /// What became of an attempt that was answered before.
    package struct Answered: Sendable {
        package let returnPath: String
        /// Whether a session was opened; nothing while it is being decided.
        package let opened: Bool?
    }

    /// Adds an attempt.
    package static func insert(
        stateHash: [UInt8], browserHash: [UInt8], secrets: [UInt8], returnPath: String, asksAgain: Bool,
        startedAt: Instant, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            INSERT INTO sign_in_attempt (state_hash, browser_hash, secrets, return_path, asks_again, started_at)
            VALUES (\(stateHash), \(browserHash), \(secrets), \(returnPath), \(asksAgain), \(startedAt))
            """)
    }

    /// Takes the attempt of a state, when it is this browser's; a second time there is none.
    package static func take(
        stateHash: [UInt8], browserHash: [UInt8], answerHash: [UInt8], at now: Instant, in session: borrowing Session
    ) throws -> Stored? {
        try session.first(
            """
            UPDATE sign_in_attempt SET answered_at = \(now), answer_hash = \(answerHash)
            WHERE state_hash = \(stateHash) AND browser_hash = \(browserHash) AND answered_at IS NULL
            RETURNING secrets, return_path, asks_again, started_at
            """
        ).map { row in
            let (secrets, returnPath, asksAgain, startedAt) = try row.decode(
                [UInt8].self, String.self, Bool.self, Instant.self)
            return Stored(secrets: secrets, returnPath: returnPath, asksAgain: asksAgain, startedAt: startedAt)
        }
    }

    /// The attempt that this browser answered in the very same way since a moment.
    package static func answered(
        stateHash: [UInt8], browserHash: [UInt8], answerHash: [UInt8], since moment: Instant,
        in session: borrowing Session
    ) throws -> Answered? {
        try session.first(
            """
            SELECT return_path, opened FROM sign_in_attempt
            WHERE state_hash = \(stateHash) AND browser_hash = \(browserHash) AND answer_hash = \(answerHash)
                AND answered_at > \(moment)
            """
        ).map { row in
            let (returnPath, opened) = try row.decode(String.self, Bool?.self)
            return Answered(returnPath: returnPath, opened: opened)
        }
    }

    /// Notes that the answer opened a session, and which page it leads to.
    package static func open(stateHash: [UInt8], returnPath: String, in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE sign_in_attempt SET opened = true, return_path = \(returnPath)
            WHERE state_hash = \(stateHash) AND answered_at IS NOT NULL AND opened IS NULL
            """)
    }

    /// Notes that the answer opened no session.
    package static func refuse(stateHash: [UInt8], in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE sign_in_attempt SET opened = false
            WHERE state_hash = \(stateHash) AND answered_at IS NOT NULL AND opened IS NULL
            """)
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
