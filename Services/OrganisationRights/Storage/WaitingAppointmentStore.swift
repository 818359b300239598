import OrganisationRightsDomain
import Postgres
import Vocabulary
import Waiting

/// A waiting appointment as it lies in its row; the name is sealed.
struct StoredWaitingAppointment: Sendable {
    let id: RightID
    let organisation: OrganisationID
    let person: PersonID
    let role: AccessManager.Role
    let sealedName: [UInt8]
    let until: Instant

    /// The waiting appointment, with its name.
    ///
    /// - Throws: what is wrong with the sealed name.
    func opened(with names: NameSeal) throws -> WaitingAppointment {
        WaitingAppointment(
            id: id, organisation: organisation, person: person, role: role,
            lastName: try names.open(sealedName, of: id), until: until)
    }
}

/// Waiting appointments in the database.
enum WaitingAppointmentStore {
    static let table = WaitingTable("waiting_appointment")

    /// What waits, for whoever runs the service.
    static let waiting = WaitingList(
        of: table, kind: "appointment", facts: "'organisation ' || organisation_id || ', ' || role",
        since: "delivered_at", source: "'a file'")

    private static let columns: SQL = "id, organisation_id, person_id, role, last_name, waits_until"

    /// What waits for a person in an organisation, locked until the transaction ends.
    static func lock(
        _ person: PersonID, in organisation: OrganisationID, in session: borrowing Session
    ) throws -> StoredWaitingAppointment? {
        try session.first(
            """
            SELECT \(fragment: columns) FROM waiting_appointment
            WHERE person_id = \(person) AND organisation_id = \(organisation) FOR UPDATE
            """
        ).map(decode)
    }

    /// A waiting appointment; with `locking` nobody else changes it until the transaction ends.
    static func find(
        _ id: RightID, locking: Bool = false, in session: borrowing Session
    ) throws -> StoredWaitingAppointment? {
        let lock: SQL = locking ? "FOR UPDATE" : ""
        return try session.first(
            "SELECT \(fragment: columns) FROM waiting_appointment WHERE id = \(id) \(fragment: lock)"
        ).map(decode)
    }

    /// Stores a waiting appointment, which is due: its person may have signed in while it was being delivered.
    ///
    /// Throws a unique violation when the same was delivered at the same moment.
    static func insert(
        _ waiting: WaitingAppointment, sealedName: [UInt8], at now: Instant, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            INSERT INTO waiting_appointment (id, organisation_id, person_id, role, last_name, delivered_at,
                waits_until, due_at)
            VALUES (\(waiting.id), \(waiting.organisation), \(waiting.person), \(waiting.role.rawValue),
                \(sealedName), \(now), \(waiting.until), \(now))
            """)
    }

    /// It was delivered again and waits on.
    static func prolong(_ waiting: WaitingAppointment, in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE waiting_appointment SET waits_until = greatest(waits_until, \(waiting.until))
            WHERE id = \(waiting.id)
            """)
    }

    /// Ends all that waits for a person who was erased.
    static func erased(_ person: PersonID, in session: borrowing Session) throws {
        try session.execute("DELETE FROM waiting_appointment WHERE person_id = \(person)")
    }

    /// What has waited for too long; locked, without those that somebody holds.
    static func over(
        at now: Instant, limit: Int, in session: borrowing Session
    ) throws -> [StoredWaitingAppointment] {
        try session.query(
            """
            SELECT \(fragment: columns) FROM waiting_appointment WHERE waits_until <= \(now)
            LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """
        ).map(decode)
    }

    private static func decode(_ row: Row) throws -> StoredWaitingAppointment {
        let id = try row.column(0, as: RightID.self)
        guard let role = AccessManager.Role(rawValue: try row.column(3, as: String.self)) else {
            throw StoredValueError("waiting_appointment", row: "\(id)")
        }
        return StoredWaitingAppointment(
            id: id, organisation: try row.column(1, as: OrganisationID.self),
            person: try row.column(2, as: PersonID.self), role: role,
            sealedName: try row.column(4, as: [UInt8].self), until: try row.column(5, as: Instant.self))
    }
}
