package import Keys
import OrganisationRightsDomain
import Postgres
import Sealing
import Vocabulary

/// Seals the names that were typed, each for its waiting right.
package struct NameSeal: Sendable {
    private let key: SealingKey

    package init(_ key: SealingKey) { self.key = key }

    /// All that this service keeps sealed.
    var stored: SealedData {
        SealedData(
            columns: [
                SealedColumn(table: "waiting_right", row: "id::text", column: "last_name", keyID: "key_id") {
                    sealed, right in
                    try key.seal(try key.open(sealed, associated: associated(right)), associated: associated(right))
                }
            ], currentID: key.currentID, keyIDs: key.ids)
    }

    func seal(_ name: LastName, of right: RightID) throws -> [UInt8] {
        try key.seal(name.text.utf8, associated: associated(right))
    }

    /// The waiting right of a row; nothing for one that waits no longer.
    ///
    /// - Throws: what is wrong with the sealed name.
    func open(_ stored: StoredWaitingRight) throws -> WaitingRight? {
        guard let sealed = stored.sealedName else { return nil }
        let name = String(decoding: try key.open(sealed, associated: associated(stored.id)), as: UTF8.self)
        return WaitingRight(
            id: stored.id, organisation: stored.organisation, request: stored.request, lastName: try LastName(name),
            until: stored.until)
    }

    private func associated(_ right: some CustomStringConvertible) -> [UInt8] { [UInt8]("last-name:\(right)".utf8) }
}
