import FoundationEssentials
package import Postgres
package import Vocabulary

/// Issues, reads and ends opaque tokens that rest on facts, in the schema of the service that owns them.
///
/// Every function works inside the caller's transaction, so that a token and the fact that ends it are ordered by
/// the database: issuing holds a share lock on each basis until commit, ending takes the exclusive one. Either the end
/// waits and then covers the new token, or the issuer waits and then sees the tombstone.
///
/// Whether a token is active is never written on the token: it is asked of its bases, its family and the clock. So
/// ending a basis with a million tokens is one row, and there is no moment at which some of them are still alive.
///
/// Lock order: family, then bases by kind and id, then the token's own row.
package struct TokenStore: Sendable {
    private let random: @Sendable () -> UInt64

    /// Makes a store that draws the text of its tokens from a source of random words.
    ///
    /// The source must be fit for cryptography; tests may give a predictable one.
    package init(random: @escaping @Sendable () -> UInt64 = { SystemRandomNumberGenerator.word() }) {
        self.random = random
    }

    /// Issues a token, unless one of its bases has ended in or after the version that its issuer had read.
    ///
    /// Throws a `PostgresError` when the draft breaks a constraint (no JSON object, a period that is none).
    package func issue(_ draft: TokenDraft, in session: borrowing Session) throws -> IssueOutcome {
        let ended = try lock(draft.bases, in: session)
        guard ended.isEmpty else { return .basisEnded(ended) }
        return .issued(try insert(draft, in: session))
    }

    /// Reads a token by its text with what has become of it; nil for one that was never issued or is pruned.
    package func find(_ secret: TokenSecret, at now: Instant, in session: borrowing Session) throws -> StoredToken? {
        try StoredTokenRow.select(hash: secret.hash, at: now, in: session)
    }

    /// Reads a token by its text if it is active and of the given purpose.
    ///
    /// All other answers are the same nil: the bearer of a token learns nothing about one that is not his.
    package func introspect(
        _ text: String, purpose: String, at now: Instant, in session: borrowing Session
    ) throws -> StoredToken? {
        guard let secret = TokenSecret(text), let token = try find(secret, at: now, in: session) else { return nil }
        return token.state == .active && token.purpose == purpose ? token : nil
    }

    /// Ends a basis in a version: leaves the tombstone, though no token exists, and so ends all its tokens.
    ///
    /// Ending in a lower version than before changes nothing.
    package func end(
        _ basis: Basis, version: Int64, at now: Instant, in session: borrowing Session
    ) throws {
        try end([VersionedBasis(basis, version: version)], at: now, in: session)
    }

    /// Ends several bases at once; they are locked in their fixed order whatever order they are given in.
    package func end(_ bases: [VersionedBasis], at now: Instant, in session: borrowing Session) throws {
        let (kinds, ids, versions) = bases.columns
        try session.execute(
            """
            INSERT INTO token_basis AS known (kind, id, ended_version, ended_at)
            SELECT wanted.kind, wanted.id, max(wanted.version), \(now)
            FROM unnest(\(kinds), \(ids), \(versions)) AS wanted (kind, id, version)
            GROUP BY wanted.kind, wanted.id ORDER BY wanted.kind COLLATE "C", wanted.id
            ON CONFLICT (kind, id) DO UPDATE SET ended_version = excluded.ended_version, ended_at = excluded.ended_at
            WHERE known.ended_version IS NULL OR known.ended_version < excluded.ended_version
            """)
    }

    /// Revokes one token by its text; false when there is none or it was revoked before.
    @discardableResult
    package func revoke(_ secret: TokenSecret, at now: Instant, in session: borrowing Session) throws -> Bool {
        try session.execute("UPDATE token SET ended_at = \(now) WHERE hash = \(secret.hash) AND ended_at IS NULL") == 1
    }
}

extension TokenStore {
    /// Locks the bases in their order until commit, makes those that are absent, and returns those that have ended.
    func lock(_ bases: [VersionedBasis], in session: borrowing Session) throws -> [Basis] {
        guard !bases.isEmpty, Set(bases.map(\.basis)).count == bases.count else {
            throw TokenStoreError.unsuitableBases
        }
        let (kinds, ids, versions) = bases.columns
        // A basis without tokens may be pruned between making and locking it, so a lock that finds too few is retried.
        for _ in 0..<3 {
            let rows = try session.query(
                """
                SELECT known.kind, known.id, coalesce(known.ended_version >= wanted.version, false)
                FROM unnest(\(kinds), \(ids), \(versions)) AS wanted (kind, id, version)
                JOIN token_basis AS known ON known.kind = wanted.kind AND known.id = wanted.id
                ORDER BY known.kind COLLATE "C", known.id
                FOR SHARE OF known
                """)
            if rows.count == bases.count {
                return try rows.compactMap { row in
                    let (kind, id, ended) = try row.decode(String.self, UUID.self, Bool.self)
                    return ended ? Basis(kind: kind, id: id) : nil
                }
            }
            try session.execute(
                """
                INSERT INTO token_basis (kind, id)
                SELECT wanted.kind, wanted.id FROM unnest(\(kinds), \(ids)) AS wanted (kind, id)
                ORDER BY wanted.kind COLLATE "C", wanted.id
                ON CONFLICT DO NOTHING
                """)
        }
        throw TokenStoreError.basesNotLockable
    }

    /// Writes the token and its bindings in one statement.
    func insert(_ draft: TokenDraft, in session: borrowing Session) throws -> TokenSecret {
        let secret = TokenSecret(random: random)
        let (kinds, ids, versions) = draft.bases.columns
        try session.execute(
            """
            WITH issued AS (
                INSERT INTO token (hash, purpose, family, claims, issued_at, expires_at)
                VALUES (\(secret.hash), \(draft.purpose), \(draft.family), \(draft.claims)::text::jsonb,
                        \(draft.issuedAt), \(draft.expiresAt))
                RETURNING hash
            )
            INSERT INTO token_binding (hash, kind, id, version)
            SELECT issued.hash, bound.kind, bound.id, bound.version
            FROM issued, unnest(\(kinds), \(ids), \(versions)) AS bound (kind, id, version)
            """)
        return secret
    }
}

/// What keeps a token from being issued, other than the end of a basis or a constraint.
package enum TokenStoreError: Error, Hashable, Sendable {
    /// A token rests on at least one basis, and on each basis once.
    case unsuitableBases
    /// Bases were pruned as often as they were made; trying again helps.
    case basesNotLockable
}

extension SystemRandomNumberGenerator {
    /// One word of the operating system's generator.
    package static func word() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
