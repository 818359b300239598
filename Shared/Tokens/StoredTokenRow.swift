import FoundationEssentials
import Postgres
import Vocabulary

/// Reads a token with its family and bases: one row for each basis.
enum StoredTokenRow {
    static func select(
        hash: [UInt8], at now: Instant, in session: borrowing Session
    ) throws -> StoredToken? {
        let rows = try session.query(
            """
            SELECT token.purpose, token.claims::text, token.family, token.issued_at, token.expires_at,
                   token.ended_at IS NOT NULL, family.ended_at IS NOT NULL,
                   bound.kind, bound.id, bound.version, coalesce(basis.ended_version >= bound.version, false)
            FROM token
            JOIN token_binding AS bound ON bound.hash = token.hash
            JOIN token_basis AS basis ON basis.kind = bound.kind AND basis.id = bound.id
            LEFT JOIN token_family AS family ON family.id = token.family
            WHERE token.hash = \(hash)
            ORDER BY bound.kind COLLATE "C", bound.id
            """)
        guard let first = rows.first else { return nil }
        var bases: [VersionedBasis] = []
        var ended: Basis?
        for row in rows {
            let (_, _, _, _, _, _, _, kind, id, version, hasEnded) = try decode(row)
            let basis = try Basis(stored: kind, id)
            bases.append(VersionedBasis(basis, version: version))
            if hasEnded { ended = ended ?? basis }
        }
        let (purpose, claims, family, issuedAt, expiresAt, revoked, familyEnded, _, _, _, _) = try decode(first)
        let isOver = now >= expiresAt
        let ends: [TokenEnd?] = [
            ended.map { .basis($0.kind) }, familyEnded ? .family : nil, revoked ? .token : nil, isOver ? .time : nil,
        ]
        let end = ends.compactMap(\.self).first
        return StoredToken(
            purpose: purpose, claims: claims, bases: bases, family: family, issuedAt: issuedAt, expiresAt: expiresAt,
            state: end.map { .ended(by: $0) } ?? .active)
    }

    // swift-format-ignore: the columns of one statement, in its order
    private static func decode(_ row: Row) throws -> (
        String, String, UUID?, Instant, Instant, Bool, Bool, String, UUID, Int64, Bool
    ) {
        try row.decode(
            String.self, String.self, UUID?.self, Instant.self, Instant.self, Bool.self, Bool.self, String.self,
            UUID.self, Int64.self, Bool.self)
    }
}
