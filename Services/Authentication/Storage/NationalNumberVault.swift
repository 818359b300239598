import Keys
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
    private let index: [(id: String, key: HMACKey)]

    /// - Parameter index: keys by id, the current one first; at least one, each of at least 32 bytes, or `nil`.
    package init?(sealing: any Sealing, index: [(id: String, key: [UInt8])]) {
        let keys = index.compactMap { entry in HMACKey(entry.key).map { (id: entry.id, key: $0) } }
        guard !keys.isEmpty, keys.count == index.count else { return nil }
        self.sealing = sealing
        self.index = keys
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
        let text = "national-number:\(number.digits)"
        return index.map { IndexEntry(keyID: $0.id, digest: Hex.encode($0.key.code(of: text))) }
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
