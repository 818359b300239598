package import FoundationEssentials
package import Postgres
package import Vocabulary

extension TokenStore {
    /// Begins a family: the tokens that one code was exchanged for, and all that are refreshed from them.
    ///
    /// Its first token is issued in the same transaction.
    package func startFamily(_ id: UUID, at now: Instant, in session: borrowing Session) throws {
        try session.execute("INSERT INTO token_family (id, started_at) VALUES (\(id), \(now))")
    }

    /// Ends a family: none of its tokens is active from now on.
    ///
    /// False when it had ended before or is unknown.
    @discardableResult
    package func endFamily(
        _ id: UUID, reason: FamilyEnd, at now: Instant, in session: borrowing Session
    ) throws -> Bool {
        try session.execute(
            """
            UPDATE token_family SET ended_at = \(now), ended_reason = \(reason.rawValue)
            WHERE id = \(id) AND ended_at IS NULL
            """) == 1
    }
}

/// Why a family of tokens ended.
package enum FamilyEnd: String, Sendable {
    /// The code that it began with was presented twice.
    case reuse
    /// Its bearer gave it up.
    case revoked
    /// The database went back in time: it is not known what had become of it.
    case restored
}
