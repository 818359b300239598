import Crypto
package import Sealing
package import Vocabulary

/// The keys under which national numbers are sealed and found.
///
/// Sealing and looking up have separate keys, each with an id, so that either can be replaced while the service runs:
/// see `Shared/Docs/keys.md`.
package struct NationalNumberVault: Sendable {
    /// One key of the look-up index.
    package struct IndexEntry: Hashable, Sendable {
        package let keyID: String
        /// Hexadecimal, since a list of them travels to the database as a list of texts.
        package let digest: String
    }

    private let sealing: any Sealing
    private let index: [(id: String, key: SymmetricKey)]

    /// - Parameter index: keys by id, the current one first; at least one, each of at least 32 bytes, or `nil`.
    package init?(sealing: any Sealing, index: [(id: String, key: [UInt8])]) {
        guard !index.isEmpty, index.allSatisfy({ $0.key.count >= 32 }) else { return nil }
        self.sealing = sealing
        self.index = index.map { ($0.id, SymmetricKey(data: $0.key)) }
    }

    /// The sealed numbers, to be sealed again when the sealing key is replaced.
    package var sealedColumn: SealedColumn {
        SealedColumn(table: "person_number", row: "person_id::text", column: "sealed", keyID: "key_id") {
            [sealing] sealed, person in try sealing.again(sealed, associated: Self.associated(person))
        }
    }

    /// The ids of all index keys in use, the current one first.
    package var indexKeyIDs: [String] { index.map(\.id) }

    /// The id of the key that new index rows are written under.
    package var currentIndexKeyID: String { index[0].id }

    /// The index entries of a number, under each key in use, the current one first.
    package func entries(of number: NationalNumber) -> [IndexEntry] {
        let message = [UInt8]("national-number:\(number.digits)".utf8)
        return index.map { entry in
            let code = HMAC<SHA256>.authenticationCode(for: message, using: entry.key)
            return IndexEntry(keyID: entry.id, digest: Hex.encode([UInt8](code)))
        }
    }

    /// The sealed number of a person.
    package func seal(_ number: NationalNumber, of person: PersonID) throws -> [UInt8] {
        try sealing.seal([UInt8](number.digits.utf8), associated: Self.associated(person))
    }

    /// The number of a person again; it was checked before it was sealed.
    package func open(_ sealed: [UInt8], of person: PersonID, today: LocalDate) throws -> NationalNumber {
        let digits = String(decoding: try sealing.open(sealed, associated: Self.associated(person)), as: UTF8.self)
        return try NationalNumber(digits, today: today)
    }

    private static func associated(_ person: some CustomStringConvertible) -> [UInt8] {
        [UInt8]("national-number:\(person)".utf8)
    }
}

/// Hexadecimal text of bytes.
package enum Hex {
    private static let digits = [UInt8]("0123456789abcdef".utf8)

    /// Two lower-case digits for each byte.
    package static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
