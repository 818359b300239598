package import AuthenticationDomain
package import FoundationEssentials
package import Postgres
package import Vocabulary

/// A code as it was found, with what became of the tokens it was exchanged for.
package struct FoundCode: Sendable {
    package let code: AuthorizationCode
    /// The family of the refresh tokens that it was exchanged for.
    package let tokenFamily: UUID?
}

/// Codes that portals exchange for tokens.
package struct CodeStore: Sendable {
    private let transactions = TransactionStore()

    package init() {}

    /// Forgets codes that were made before a moment; answers how many.
    package func forget(madeBefore moment: Instant, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM authorization_code WHERE hash IN (
                SELECT hash FROM authorization_code WHERE created_at < \(moment) ORDER BY hash LIMIT \(limit) FOR UPDATE)
            """)
    }

    /// Keeps a code by the hash of its text.
    package func insert(
        _ hash: [UInt8], transaction: TransactionID, session signedIn: SessionID, choice: ChosenProfile,
        at now: Instant, expiresAt: Instant, in session: borrowing Session
    ) throws {
        let text = try StoredJSON.encode(choice)
        try session.execute(
            """
            INSERT INTO authorization_code (hash, transaction_id, session_id, choice, created_at, expires_at)
            VALUES (\(hash), \(transaction), \(signedIn), \(Json(text)), \(now), \(expiresAt))
            """)
    }

    /// The code with this hash, locked until commit: of two that exchange it at once, the second waits and sees it used.
    package func findForUpdate(_ hash: [UInt8], in session: borrowing Session) throws -> FoundCode? {
        let row = try session.first(
            """
            SELECT transaction_id, session_id, choice, expires_at, used_at, token_family
            FROM authorization_code WHERE hash = \(hash) FOR UPDATE
            """)
        guard let row else { return nil }
        let (transactionID, signedIn, choice, expires, used, family) = try row.decode(
            TransactionID.self, SessionID.self, Json.self, Instant.self, Instant?.self, UUID?.self)
        guard let transaction = try transactions.find(transactionID, in: session) else { return nil }
        let code = AuthorizationCode(
            request: transaction.request, sessionID: signedIn,
            choice: try StoredJSON.decode(choice.text, as: ChosenProfile.self), expiresAt: expires, usedAt: used)
        return FoundCode(code: code, tokenFamily: family)
    }

    /// Notes that a code was exchanged for the tokens of a family, or, without one, that it is good for nothing any more.
    package func use(
        _ hash: [UInt8], family: UUID?, at now: Instant, in session: borrowing Session
    ) throws {
        try session.execute(
            "UPDATE authorization_code SET used_at = \(now), token_family = \(family) WHERE hash = \(hash)")
    }
}
