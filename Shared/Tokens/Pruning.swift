import FoundationEssentials
package import Postgres
package import Vocabulary

/// How much one call of pruning has removed.
package struct Pruned: Hashable, Sendable {
    /// Tokens whose time was over.
    package let tokens: Int
    /// Families without a token.
    package let families: Int
    /// Bases without a token and without a tombstone.
    package let bases: Int

    /// Whether there was nothing to remove.
    package var isEmpty: Bool { tokens == 0 && families == 0 && bases == 0 }
}

extension TokenStore {
    /// Removes tokens that expired before a moment, at most `limit`, and the families and bases that only they had; call
    /// again until it is empty.
    ///
    /// What is looked at is what the removed tokens belonged to, never what is alive. Rows that somebody holds are
    /// passed over, so pruning waits for nobody; what is left behind by that is found by
    /// ``sweepUnused(before:limit:in:)``. Each removal first locks and then asks again whether the row is unused,
    /// because a token may have been issued on it in between. Tombstones stay: see
    /// ``pruneTombstones(kind:endedBefore:limit:in:)``.
    package func prune(before moment: Instant, limit: Int = 500, in session: borrowing Session) throws -> Pruned {
        let over = try session.query(
            """
            SELECT encode(hash, 'hex'), family FROM token WHERE expires_at < \(moment)
            ORDER BY expires_at LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """
        ).map { try $0.decode(String.self, UUID?.self) }
        guard !over.isEmpty else { return Pruned(tokens: 0, families: 0, bases: 0) }
        let hashes = over.map { $0.0 }
        let held = try session.query(
            """
            SELECT DISTINCT bound.kind, bound.id
            FROM unnest(\(hashes)) AS over (hash) JOIN token_binding AS bound ON bound.hash = decode(over.hash, 'hex')
            """
        ).map { try $0.decode(String.self, UUID.self) }
        let tokens = try session.execute(
            "DELETE FROM token USING unnest(\(hashes)) AS over (hash) WHERE token.hash = decode(over.hash, 'hex')")
        let idleFamilies = try session.query(
            """
            SELECT id FROM token_family AS family
            WHERE id = ANY (\(Array(Set(over.compactMap { $0.1 }))))
              AND NOT EXISTS (SELECT 1 FROM token WHERE token.family = family.id)
            FOR UPDATE SKIP LOCKED
            """)
        let idleBases = try session.query(
            """
            SELECT basis.kind, basis.id
            FROM unnest(\(held.map { $0.0 }), \(held.map { $0.1 })) AS held (kind, id)
            JOIN token_basis AS basis ON basis.kind = held.kind AND basis.id = held.id
            WHERE basis.ended_version IS NULL AND NOT EXISTS (
                SELECT 1 FROM token_binding AS bound WHERE bound.kind = basis.kind AND bound.id = basis.id)
            FOR UPDATE OF basis SKIP LOCKED
            """)
        return Pruned(
            tokens: tokens, families: try removeUnused(families: idleFamilies, in: session),
            bases: try removeUnused(idleBases, in: session))
    }

    /// Removes families and bases on which no token rests and which pruning has passed over, at most `limit` of each;
    /// call again until it is empty.
    ///
    /// It reads all that is alive, so it is for once a day.
    package func sweepUnused(
        before moment: Instant, limit: Int = 500, in session: borrowing Session
    ) throws -> Pruned {
        let idleFamilies = try session.query(
            """
            SELECT id FROM token_family AS family
            WHERE started_at < \(moment) AND NOT EXISTS (SELECT 1 FROM token WHERE token.family = family.id)
            LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """)
        let idleBases = try session.query(
            """
            SELECT kind, id FROM token_basis AS basis
            WHERE ended_version IS NULL AND NOT EXISTS (
                SELECT 1 FROM token_binding AS bound WHERE bound.kind = basis.kind AND bound.id = basis.id)
            LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """)
        return Pruned(
            tokens: 0, families: try removeUnused(families: idleFamilies, in: session),
            bases: try removeUnused(idleBases, in: session))
    }

    /// Removes tombstones of one kind that were left before a moment and that no token rests on any more.
    ///
    /// Only for a kind that can never be issued on again that long after its end, such as a session. The other kinds keep
    /// theirs, one row for each fact that ever ended, which no pruning reads: while a projection is built anew, its rows
    /// pass through versions that ended long ago, and only the tombstone then refuses a token on them.
    package func pruneTombstones(
        kind: String, endedBefore moment: Instant, limit: Int = 500, in session: borrowing Session
    ) throws -> Int {
        let tombstones = try session.query(
            """
            SELECT kind, id FROM token_basis AS basis
            WHERE kind = \(kind) AND ended_at < \(moment) AND NOT EXISTS (
                SELECT 1 FROM token_binding AS bound WHERE bound.kind = basis.kind AND bound.id = basis.id)
            LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """)
        return try removeUnused(tombstones, in: session)
    }

    /// Removes locked families that have no token.
    private func removeUnused(families rows: [Row], in session: borrowing Session) throws -> Int {
        guard !rows.isEmpty else { return 0 }
        return try session.execute(
            """
            DELETE FROM token_family AS family
            WHERE id = ANY (\(try rows.map { try $0.column(0, as: UUID.self) }))
              AND NOT EXISTS (SELECT 1 FROM token WHERE token.family = family.id)
            """)
    }

    /// Removes locked bases that no token rests on.
    private func removeUnused(_ rows: [Row], in session: borrowing Session) throws -> Int {
        guard !rows.isEmpty else { return 0 }
        let keys = try rows.map { try $0.decode(String.self, UUID.self) }
        let (kinds, ids) = (keys.map { $0.0 }, keys.map { $0.1 })
        return try session.execute(
            """
            DELETE FROM token_basis AS basis
            USING unnest(\(kinds), \(ids)) AS wanted (kind, id)
            WHERE basis.kind = wanted.kind AND basis.id = wanted.id AND NOT EXISTS (
                SELECT 1 FROM token_binding AS bound WHERE bound.kind = basis.kind AND bound.id = basis.id)
            """)
    }
}
