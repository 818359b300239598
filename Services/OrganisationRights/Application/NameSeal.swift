package import Keys
import OrganisationRightsDomain
import Postgres
import Sealing
import Vocabulary

/// Seals the names that were typed or delivered, each for its waiting right or appointment.
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
                },
                SealedColumn(table: "waiting_appointment", row: "id::text", column: "last_name", keyID: "key_id") {
                    sealed, appointment in
                    try key.seal(
                        try key.open(sealed, associated: associated(appointment)), associated: associated(appointment))
                },
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
        return WaitingRight(
            id: stored.id, organisation: stored.organisation, request: stored.request,
            lastName: try open(sealed, of: stored.id), until: stored.until)
    }

    /// The waiting appointment of a row.
    ///
    /// - Throws: what is wrong with the sealed name.
    func open(_ stored: StoredWaitingAppointment) throws -> WaitingAppointment {
        WaitingAppointment(
            id: stored.id, organisation: stored.organisation, person: stored.person, role: stored.role,
            lastName: try open(stored.sealedName, of: stored.id), until: stored.until)
    }

    private func open(_ sealed: [UInt8], of right: RightID) throws -> LastName {
        try LastName(String(decoding: try key.open(sealed, associated: associated(right)), as: UTF8.self))
    }

    private func associated(_ right: some CustomStringConvertible) -> [UInt8] { [UInt8]("last-name:\(right)".utf8) }
}
