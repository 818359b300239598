package import Keys
package import Sealing
package import Vocabulary

/// Seals the last names beside numbers, each for its waiting row.
package struct NameSeal: Sendable {
    private let key: SealingKey
    private let tables: [WaitingTable]

    /// - Parameter tables: all in which this key seals.
    package init(_ key: SealingKey, in tables: [WaitingTable]) {
        self.key = key
        self.tables = tables
    }

    /// All that lies sealed, for the check of keys and for sealing again.
    package var stored: SealedData {
        SealedData(
            columns: tables.map { table in
                SealedColumn(table: table.name, row: "id::text", column: "last_name", keyID: "key_id") { sealed, row in
                    try key.seal(try key.open(sealed, associated: associated(row)), associated: associated(row))
                }
            }, currentID: key.currentID, keyIDs: key.ids)
    }

    /// Seals the name of a row; throws only what the cryptographic library throws.
    package func seal(_ name: LastName, of row: some CustomStringConvertible) throws -> [UInt8] {
        try key.seal(name.text.utf8, associated: associated(row))
    }

    /// The name of a row.
    ///
    /// - Throws: `SealingError` when it does not open, for this row and with these keys.
    package func open(_ sealed: [UInt8], of row: some CustomStringConvertible) throws -> LastName {
        try LastName(String(decoding: try key.open(sealed, associated: associated(row)), as: UTF8.self))
    }

    private func associated(_ row: some CustomStringConvertible) -> [UInt8] { [UInt8]("last-name:\(row)".utf8) }
}
