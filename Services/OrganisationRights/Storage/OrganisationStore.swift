import OrganisationRightsDomain
import Postgres
import Vocabulary

/// Organisations in the database.
enum OrganisationStore {
    private static let columns: SQL = "id, version, enterprise_number, riziv_number, name, type, status"

    /// The organisation of an id.
    static func find(_ id: OrganisationID, in session: borrowing Session) throws -> Organisation? {
        try session.first("SELECT \(fragment: columns) FROM organisation WHERE id = \(id)").map(decode)
    }

    /// The organisation of an enterprise number.
    static func find(_ number: EnterpriseNumber, in session: borrowing Session) throws -> Organisation? {
        try session.first(
            "SELECT \(fragment: columns) FROM organisation WHERE enterprise_number = \(number.digits)"
        ).map(decode)
    }

    /// The organisation of an id, held as it is until the transaction ends: it cannot be stopped meanwhile.
    static func hold(_ id: OrganisationID, in session: borrowing Session) throws -> Organisation? {
        try session.first("SELECT \(fragment: columns) FROM organisation WHERE id = \(id) FOR SHARE").map(decode)
    }

    /// The organisation of an enterprise number, held as it is until the transaction ends.
    static func hold(_ number: EnterpriseNumber, in session: borrowing Session) throws -> Organisation? {
        try session.first(
            "SELECT \(fragment: columns) FROM organisation WHERE enterprise_number = \(number.digits) FOR SHARE"
        ).map(decode)
    }

    /// The organisation of an id, to be changed.
    static func lock(_ id: OrganisationID, in session: borrowing Session) throws -> Organisation? {
        try session.first("SELECT \(fragment: columns) FROM organisation WHERE id = \(id) FOR UPDATE").map(decode)
    }

    /// Gives an organisation whose row is locked another version, and changes nothing else.
    static func renumber(_ id: OrganisationID, to version: Int64, in session: borrowing Session) throws {
        try session.execute("UPDATE organisation SET version = \(version) WHERE id = \(id)")
    }

    /// The organisations of either number, to be changed: one that both numbers mean, or two.
    static func lock(_ numbers: Organisation.Numbers, in session: borrowing Session) throws -> [Organisation] {
        try session.query(
            """
            SELECT \(fragment: columns) FROM organisation
            WHERE enterprise_number = \(numbers.enterprise?.digits) OR riziv_number = \(numbers.riziv?.digits)
            ORDER BY id FOR UPDATE
            """
        ).map(decode)
    }

    /// Stores a new organisation.
    static func insert(_ organisation: Organisation, at now: Instant, in session: borrowing Session) throws {
        let description = organisation.description
        try session.execute(
            """
            INSERT INTO organisation (id, version, enterprise_number, riziv_number, name, type, status, registered_at,
                changed_at)
            VALUES (\(organisation.id), \(organisation.version), \(description.numbers.enterprise?.digits),
                \(description.numbers.riziv?.digits), \(description.name), \(description.type.code),
                \(description.status.rawValue), \(now), \(now))
            """)
    }

    /// Stores the next version of an organisation whose row is locked.
    static func update(_ organisation: Organisation, at now: Instant, in session: borrowing Session) throws {
        let description = organisation.description
        try session.execute(
            """
            UPDATE organisation SET version = \(organisation.version),
                enterprise_number = \(description.numbers.enterprise?.digits),
                riziv_number = \(description.numbers.riziv?.digits), name = \(description.name),
                type = \(description.type.code), status = \(description.status.rawValue), changed_at = greatest(changed_at, \(now))
            WHERE id = \(organisation.id)
            """)
    }

    private static func decode(_ row: Row) throws -> Organisation {
        let (id, version, enterprise, riziv, name, type, status) = try row.decode(
            OrganisationID.self, Int64.self, String?.self, String?.self, String.self, String.self, String.self)
        let numbers = Organisation.Numbers(
            enterprise: try enterprise.map { digits in try EnterpriseNumber(digits) },
            riziv: try riziv.map { digits in try RizivNumber(digits) })
        guard let numbers, let type = OrganisationType(code: type), let status = Organisation.Status(rawValue: status)
        else { throw StoredValueError("organisation", row: "\(id)") }
        return Organisation(
            id: id, version: version,
            description: Organisation.Description(numbers: numbers, name: name, type: type, status: status))
    }
}
