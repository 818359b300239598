package import FoundationEssentials
package import Postgres
package import Vocabulary

extension TokenStore {
    /// Begins a family of refresh tokens; its first token is issued in the same transaction.
    package func startFamily(_ id: UUID, at now: Instant, in session: borrowing Session) throws {
        try session.execute("INSERT INTO token_family (id, started_at) VALUES (\(id), \(now))")
    }

    /// Exchanges a refresh token for its successor in the same family and on the same bases.
    ///
    /// A token that was used before is a sign that it was stolen, from the first bearer or the second: the family ends
    /// (RFC 9700, section 4.14.2). Commit whatever the outcome is.
    ///
    /// - Parameters:
    ///   - secret: the token as presented.
    ///   - claims: what the successor says, as the text of a JSON object; what its predecessor says if nil.
    ///   - expiresAt: the end of the successor's life.
    package func rotate(
        _ secret: TokenSecret, claims: String? = nil, expiresAt: Instant, at now: Instant,
        in session: borrowing Session
    ) throws -> RotationOutcome {
        guard let seen = try find(secret, at: now, in: session), let family = seen.family else { return .unknown }
        // The family's lock lets one rotation through at a time; what was read before it is read again.
        try session.execute("SELECT 1 FROM token_family WHERE id = \(family) FOR UPDATE")
        _ = try lock(seen.bases, in: session)
        guard let token = try find(secret, at: now, in: session) else { return .unknown }
        switch token.state {
        case .active: break
        case .rotated:
            try endFamily(family, reason: .reuse, at: now, in: session)
            return .reused(family: family)
        case .basisEnded, .familyEnded, .revoked, .expired: return .inactive(token.state)
        }
        let draft = TokenDraft(
            purpose: token.purpose, claims: claims ?? token.claims, bases: token.bases, family: family, issuedAt: now,
            expiresAt: expiresAt)
        try session.execute("UPDATE token SET used_at = \(now) WHERE hash = \(secret.hash)")
        return .rotated(try insert(draft, in: session), token)
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

/// Why a family of refresh tokens ended.
package enum FamilyEnd: String, Sendable {
    /// One of its tokens was used twice.
    case reuse
    /// Its bearer gave it up.
    case revoked
}
