package import AuthenticationDomain
package import Crypto
package import Postgres
package import Sealing
import Vocabulary

/// A signing key with its private part.
package struct SigningKey: Sendable {
    package let times: SigningKeyTimes
    package let key: P256.Signing.PrivateKey

    package init(times: SigningKeyTimes, key: P256.Signing.PrivateKey) {
        self.times = times
        self.key = key
    }
}

/// The signing keys, sealed.
package struct SigningKeyStore: Sendable {
    private let sealing: any Sealing

    package init(sealing: any Sealing) {
        self.sealing = sealing
    }

    /// The private parts, to be sealed again when the sealing key is replaced.
    package var sealedColumn: SealedColumn {
        SealedColumn(table: "signing_key", row: "id", column: "sealed", keyID: "key_id") { [sealing] sealed, id in
            try sealing.again(sealed, associated: Self.associated(id))
        }
    }

    /// All keys, oldest first.
    package func all(in session: borrowing Session) throws -> [SigningKey] {
        try session.query("SELECT id, sealed, published_at, signs_from FROM signing_key ORDER BY number").map { row in
            let (id, sealed, published, signs) = try row.decode(
                String.self, [UInt8].self, Instant.self, Instant.self)
            let raw = try sealing.open(sealed, associated: Self.associated(id))
            return SigningKey(
                times: SigningKeyTimes(id: id, publishedAt: published, signsFrom: signs),
                key: try P256.Signing.PrivateKey(rawRepresentation: raw))
        }
    }

    /// Adds a key after those that are known; false when another instance added one meanwhile.
    package func insert(_ key: SigningKey, after count: Int, in session: borrowing Session) throws -> Bool {
        let id = key.times.id
        let sealed = try sealing.seal([UInt8](key.key.rawRepresentation), associated: Self.associated(id))
        return try session.execute(
            """
            INSERT INTO signing_key (number, id, sealed, published_at, signs_from)
            SELECT coalesce(max(number), 0) + 1, \(id), \(sealed), \(key.times.publishedAt), \(key.times.signsFrom)
            FROM signing_key HAVING count(*) = \(count)
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Removes keys that are published no longer.
    package func remove(_ ids: [String], in session: borrowing Session) throws {
        try session.execute("DELETE FROM signing_key WHERE id = ANY (\(ids))")
    }

    private static func associated(_ id: String) -> [UInt8] { [UInt8]("signing-key:\(id)".utf8) }
}
