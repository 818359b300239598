import OrganisationRightsDomain
import Postgres
import Vocabulary

/// A right as an access manager sees it in a list.
struct ListedRight: Sendable {
    let right: Right
    let maskedNumber: String
}

/// Rights in the database.
enum RightStore {
    private static let columns: SQL = """
        id, version, organisation_id, person_id, role, starts_on, ends_on, ended_at
        """

    /// The rights in an organisation that were taken away or were not, newest first: `limit` of them, older than `after`.
    static func list(
        in organisation: OrganisationID, ended: Bool, after: RightID?, limit: Int, in session: borrowing Session
    ) throws -> [ListedRight] {
        // As text, so that the planner sees which of the two indexes serves.
        let group: SQL = ended ? "AND ended_at IS NOT NULL" : "AND ended_at IS NULL"
        let older: SQL = after.map { "AND id < \($0)" } ?? ""
        return try session.query(
            """
            SELECT \(fragment: columns), masked_number FROM granted_right
            WHERE organisation_id = \(organisation) \(fragment: group) \(fragment: older)
            ORDER BY id DESC LIMIT \(limit)
            """
        ).map(listed)
    }

    /// A right in an organisation.
    static func find(
        _ id: RightID, in organisation: OrganisationID, in session: borrowing Session
    ) throws -> ListedRight? {
        try session.first(
            """
            SELECT \(fragment: columns), masked_number FROM granted_right
            WHERE id = \(id) AND organisation_id = \(organisation)
            """
        ).map(listed)
    }

    /// A right in an organisation, to be changed.
    static func lock(
        _ id: RightID, in organisation: OrganisationID, in session: borrowing Session
    ) throws -> Right? {
        try session.first(
            """
            SELECT \(fragment: columns) FROM granted_right
            WHERE id = \(id) AND organisation_id = \(organisation) FOR UPDATE
            """
        ).map(decode)
    }

    /// A right, to be changed.
    static func lock(_ id: RightID, in session: borrowing Session) throws -> Right? {
        try session.first("SELECT \(fragment: columns) FROM granted_right WHERE id = \(id) FOR UPDATE").map(decode)
    }

    /// Gives a right whose row is locked another version, and changes nothing else.
    static func renumber(_ id: RightID, to version: Int64, in session: borrowing Session) throws {
        try session.execute("UPDATE granted_right SET version = \(version) WHERE id = \(id)")
    }

    /// Gives a right whose row is locked the end that was told of it before a restoration; by whom is lost.
    static func endAgain(_ id: RightID, at ended: Instant, in session: borrowing Session) throws {
        try session.execute("UPDATE granted_right SET ended_at = greatest(\(ended), given_at) WHERE id = \(id)")
    }

    /// All rights of a person in a role in an organisation, newest first; `locking` when they are to be changed.
    static func rights(
        of person: PersonID, role: String, in organisation: OrganisationID, locking: Bool = false,
        in session: borrowing Session
    ) throws -> [Right] {
        let lock: SQL = locking ? "FOR UPDATE" : ""
        return try session.query(
            """
            SELECT \(fragment: columns) FROM granted_right
            WHERE person_id = \(person) AND organisation_id = \(organisation) AND role = \(role)
            ORDER BY id DESC \(fragment: lock)
            """
        ).map(decode)
    }

    /// Whether a person has or had a right in an organisation.
    static func isKnown(
        _ person: PersonID, in organisation: OrganisationID, in session: borrowing Session
    ) throws -> Bool {
        try session.first(
            """
            SELECT 1 FROM granted_right WHERE person_id = \(person) AND organisation_id = \(organisation) LIMIT 1
            """) != nil
    }

    /// Stores a new right; throws an exclusion violation when somebody gave the same at the same moment.
    static func insert(
        _ right: Right, maskedNumber: String, by giver: PersonID?, at now: Instant, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            INSERT INTO granted_right (id, version, organisation_id, person_id, masked_number, role, starts_on,
                ends_on, given_by, given_at)
            VALUES (\(right.id), \(right.version), \(right.organisation), \(right.person), \(maskedNumber),
                \(right.role), \(right.period.start), \(right.period.end), \(giver), \(now))
            """)
    }

    /// Stores the next version of a right whose row is locked.
    ///
    /// The clock of the instance that ends a right may be behind the clock of the one that gave it: it ends when it was
    /// given then.
    ///
    /// - Throws: `StaleRight` when the row is not the version before.
    static func update(_ right: Right, by person: PersonID?, in session: borrowing Session) throws {
        let written = try session.execute(
            """
            UPDATE granted_right SET version = \(right.version), starts_on = \(right.period.start),
                ends_on = \(right.period.end),
                ended_at = CASE WHEN \(right.endedAt != nil) THEN greatest(\(right.endedAt), given_at) END,
                ended_by = \(right.endedAt == nil ? nil : person)
            WHERE id = \(right.id) AND version = \(right.version - 1)
            """)
        guard written == 1 else { throw StaleRight() }
    }

    private static func listed(_ row: Row) throws -> ListedRight {
        ListedRight(right: try decode(row), maskedNumber: try row.column(8, as: String.self))
    }

    private static func decode(_ row: Row) throws -> Right {
        let id = try row.column(0, as: RightID.self)
        let start = try row.column(5, as: LocalDate.self)
        let end = try row.column(6, as: LocalDate?.self)
        guard let period = Period(start: start, end: end) else {
            throw StoredValueError("granted_right", row: "\(id)")
        }
        let endedAt = try row.column(7, as: Instant?.self)
        return Right(
            id: id, version: try row.column(1, as: Int64.self),
            organisation: try row.column(2, as: OrganisationID.self), person: try row.column(3, as: PersonID.self),
            role: try row.column(4, as: String.self), period: period, state: endedAt.map { .ended(at: $0) } ?? .active)
    }
}

/// A right was changed since it was read, so that the decision about it no longer holds.
struct StaleRight: Error {}
