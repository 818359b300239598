import OrganisationRightsDomain
package import Postgres
package import Vocabulary

/// An organisation with the appointment by which somebody manages it.
package struct ManagedOrganisation: Sendable {
    package let organisation: OrganisationID
    let name: String
    let type: OrganisationType
    let enterpriseNumber: EnterpriseNumber?
    let role: AccessManager.Role
}

/// Appointments of access managers in the database.
package enum AccessManagerStore {
    /// The appointment of a person in an organisation that holds now, kept until the transaction ends.
    static func hold(
        _ person: PersonID, in organisation: OrganisationID, in session: borrowing Session
    ) throws -> AccessManager? {
        try session.first("\(fragment: select(person, organisation)) FOR SHARE").map(decode)
    }

    /// The appointment of a person in an organisation that holds now.
    static func find(
        _ person: PersonID, in organisation: OrganisationID, in session: borrowing Session
    ) throws -> AccessManager? {
        try session.first(select(person, organisation)).map(decode)
    }

    /// The appointment of a person in an organisation that holds now, to be changed.
    static func lock(
        _ person: PersonID, in organisation: OrganisationID, in session: borrowing Session
    ) throws -> AccessManager? {
        try session.first("\(fragment: select(person, organisation)) FOR UPDATE").map(decode)
    }

    /// Whether a person had an appointment in an organisation that ended.
    static func hasManaged(
        _ person: PersonID, in organisation: OrganisationID, in session: borrowing Session
    ) throws -> Bool {
        try session.first(
            """
            SELECT 1 FROM access_manager
            WHERE person_id = \(person) AND organisation_id = \(organisation) AND ended_at IS NOT NULL LIMIT 1
            """) != nil
    }

    /// An appointment, to be changed, and whether it ended.
    static func lock(
        _ id: RightID, in session: borrowing Session
    ) throws -> (appointment: AccessManager, isEnded: Bool)? {
        try session.first(
            """
            SELECT id, version, organisation_id, person_id, role, ended_at IS NOT NULL FROM access_manager
            WHERE id = \(id) FOR UPDATE
            """
        ).map { row in (try decode(row), try row.column(5, as: Bool.self)) }
    }

    /// Gives an appointment whose row is locked another version, and changes nothing else.
    static func renumber(_ id: RightID, to version: Int64, in session: borrowing Session) throws {
        try session.execute("UPDATE access_manager SET version = \(version) WHERE id = \(id)")
    }

    /// The organisations that exist and that a person manages, by name: `limit` of them, behind `after`.
    ///
    /// What she never managed stands nowhere in her order, so that nobody learns from it where its name would be.
    package static func managed(
        by person: PersonID, after: OrganisationID?, limit: Int, in session: borrowing Session
    ) throws -> [ManagedOrganisation] {
        let behind: SQL =
            after.map { after in
                """
                AND (organisation.name, organisation.id) > (
                    SELECT name, id FROM organisation WHERE id = \(after) AND EXISTS (
                        SELECT FROM access_manager WHERE person_id = \(person) AND organisation_id = \(after)))
                """
            } ?? ""
        return try session.query(
            """
            SELECT organisation.id, organisation.name, organisation.type, organisation.enterprise_number,
                access_manager.role
            FROM access_manager JOIN organisation ON organisation.id = access_manager.organisation_id
            WHERE access_manager.person_id = \(person) AND access_manager.ended_at IS NULL
                AND organisation.status = 'active' \(fragment: behind)
            ORDER BY organisation.name, organisation.id LIMIT \(limit)
            """
        ).map { row in
            let (id, name, type, number, role) = try row.decode(
                OrganisationID.self, String.self, String.self, String?.self, String.self)
            guard let type = OrganisationType(code: type), let role = AccessManager.Role(rawValue: role) else {
                throw StoredValueError("organisation", row: "\(id)")
            }
            return ManagedOrganisation(
                organisation: id, name: name, type: type,
                enterpriseNumber: try number.map { digits in try EnterpriseNumber(digits) }, role: role)
        }
    }

    /// The appointments in an organisation that hold now, chiefs first and then the oldest: `limit` of them, and how many
    /// there are in all.
    static func managers(
        of organisation: OrganisationID, limit: Int, in session: borrowing Session
    ) throws -> (first: [AccessManager], count: Int) {
        let rows = try session.query(
            """
            SELECT id, version, organisation_id, person_id, role, count(*) OVER () FROM access_manager
            WHERE organisation_id = \(organisation) AND ended_at IS NULL
            ORDER BY role = 'chief-access-manager' DESC, appointed_at, id LIMIT \(limit)
            """)
        return (try rows.map(decode), try rows.first?.column(5, as: Int.self) ?? 0)
    }

    /// Stores a new appointment, or another role of one that is known.
    static func save(_ manager: AccessManager, at now: Instant, in session: borrowing Session) throws {
        try session.execute(
            """
            INSERT INTO access_manager (id, version, organisation_id, person_id, role, appointed_at)
            VALUES (\(manager.id), \(manager.version), \(manager.organisation), \(manager.person),
                \(manager.role.rawValue), \(now))
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, role = excluded.role
            """)
    }

    /// Ends an appointment whose row is locked, in its next version.
    ///
    /// The clock of the instance that ends it may be behind the one that appointed: it ends when it began then.
    static func end(_ manager: AccessManager, at now: Instant, in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE access_manager SET version = \(manager.version), ended_at = greatest(\(now), appointed_at)
            WHERE id = \(manager.id)
            """)
    }

    private static func select(_ person: PersonID, _ organisation: OrganisationID) -> SQL {
        """
        SELECT id, version, organisation_id, person_id, role FROM access_manager
        WHERE person_id = \(person) AND organisation_id = \(organisation) AND ended_at IS NULL
        """
    }

    private static func decode(_ row: Row) throws -> AccessManager {
        let (id, version, organisation, person, role) = (
            try row.column(0, as: RightID.self), try row.column(1, as: Int64.self),
            try row.column(2, as: OrganisationID.self), try row.column(3, as: PersonID.self),
            try row.column(4, as: String.self)
        )
        guard let role = AccessManager.Role(rawValue: role) else {
            throw StoredValueError("access_manager", row: "\(id)")
        }
        return AccessManager(id: id, version: version, organisation: organisation, person: person, role: role)
    }
}
