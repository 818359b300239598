import MandateRegistryDomain
package import Postgres
package import Vocabulary

/// Reads and writes what organisation-rights-service has told of organisations and of rights in them.
package enum OrganisationStore {
    /// The statement that reads an organisation with a person's living rights to use its mandates, for a pipeline.
    ///
    /// One row for each right, and one without when there is none.
    static func standing(of person: PersonID, in organisation: OrganisationID) -> SQL {
        """
        SELECT organisation.id, organisation.version, organisation.name, organisation.status = 'active',
               held.id, held.version, held.starts_on, held.ends_on
        FROM organisation
        LEFT JOIN organisation_right AS held
          ON held.organisation = organisation.id AND held.person = \(person)
         AND held.role = \(OrganisationStanding.executorRole) AND held.status = 'active'
        WHERE organisation.id = \(organisation)
        ORDER BY held.id
        """
    }

    /// Decodes the rows of ``standing(of:in:)``; nil when the organisation was never heard of.
    static func decodeStanding(_ rows: [Row]) throws -> OrganisationStanding? {
        var rights: [OrganisationStanding.ExecutorRight] = []
        var standing: OrganisationStanding?
        for row in rows {
            let (id, version, name, isActive, right, rightVersion, startsOn, endsOn) = try row.decode(
                OrganisationID.self, Int64.self, String.self, Bool.self, RightID?.self, Int64?.self, LocalDate?.self,
                LocalDate?.self)
            if let right, let rightVersion, let startsOn, let period = Period(start: startsOn, end: endsOn) {
                rights.append(OrganisationStanding.ExecutorRight(id: right, version: rightVersion, period: period))
            }
            standing = OrganisationStanding(
                id: id, version: version, name: name, isActive: isActive, executorRights: rights)
        }
        return standing
    }

    /// Forgets all organisations and rights, for a rebuild from the first event.
    package static func erase(limit: Int, in session: borrowing Session) throws -> Int {
        let rights = try session.execute(
            "DELETE FROM organisation_right WHERE id IN (SELECT id FROM organisation_right LIMIT \(limit))")
        let organisations = try session.execute(
            "DELETE FROM organisation WHERE id IN (SELECT id FROM organisation LIMIT \(limit))")
        return rights + organisations
    }

    /// Forgets an organisation that was taken back, unless a later version is known.
    package static func void(
        _ id: OrganisationID, below version: Int64, in session: borrowing Session
    ) throws -> Bool {
        try session.execute("DELETE FROM organisation WHERE id = \(id) AND version < \(version)") == 1
    }

    /// Forgets a right that was taken back, unless a later version is known.
    package static func void(_ id: RightID, below version: Int64, in session: borrowing Session) throws -> Bool {
        try session.execute("DELETE FROM organisation_right WHERE id = \(id) AND version < \(version)") == 1
    }

    /// An organisation found by its enterprise number.
    package struct Found: Sendable {
        package let id: OrganisationID
        package let isActive: Bool
    }

    /// Reads an organisation by its enterprise number; an active one before a stopped one.
    package static func find(_ number: EnterpriseNumber, in session: borrowing Session) throws -> Found? {
        try session.first(
            """
            SELECT id, status = 'active' FROM organisation WHERE enterprise_number = \(number.digits)
            ORDER BY status, id LIMIT 1
            """
        ).map { row in
            let (id, isActive) = try row.decode(OrganisationID.self, Bool.self)
            return Found(id: id, isActive: isActive)
        }
    }

    /// An organisation as it was announced.
    package struct Announced: Sendable {
        package let id: OrganisationID
        package let version: Int64
        package let enterpriseNumber: EnterpriseNumber?
        package let rizivNumber: RizivNumber?
        package let name: String
        package let isActive: Bool

        package init(
            id: OrganisationID, version: Int64, enterpriseNumber: EnterpriseNumber?, rizivNumber: RizivNumber?,
            name: String, isActive: Bool
        ) {
            self.id = id
            self.version = version
            self.enterpriseNumber = enterpriseNumber
            self.rizivNumber = rizivNumber
            self.name = name
            self.isActive = isActive
        }
    }

    /// Writes an organisation, unless a later version is known; false when it was.
    package static func project(_ announced: Announced, in session: borrowing Session) throws -> Bool {
        try session.execute(
            """
            INSERT INTO organisation AS known (id, version, enterprise_number, riziv_number, name, status)
            VALUES (
                \(announced.id), \(announced.version), \(announced.enterpriseNumber?.digits),
                \(announced.rizivNumber?.digits), \(announced.name), \(announced.isActive ? "active" : "stopped"))
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, enterprise_number = excluded.enterprise_number,
                riziv_number = excluded.riziv_number, name = excluded.name, status = excluded.status
            WHERE known.version < excluded.version
            """) == 1
    }

    /// A right as it was announced.
    package struct AnnouncedRight: Sendable {
        package let id: RightID
        package let version: Int64
        package let organisation: OrganisationID
        package let person: PersonID
        package let role: String
        package let isActive: Bool
        package let startsOn: LocalDate
        package let endsOn: LocalDate?

        package init(
            id: RightID, version: Int64, organisation: OrganisationID, person: PersonID, role: String, isActive: Bool,
            startsOn: LocalDate, endsOn: LocalDate?
        ) {
            self.id = id
            self.version = version
            self.organisation = organisation
            self.person = person
            self.role = role
            self.isActive = isActive
            self.startsOn = startsOn
            self.endsOn = endsOn
        }
    }

    /// Writes a right, unless a later version is known; false when it was.
    package static func project(_ announced: AnnouncedRight, in session: borrowing Session) throws -> Bool {
        try session.execute(
            """
            INSERT INTO organisation_right AS known (
                id, version, organisation, person, role, status, starts_on, ends_on)
            VALUES (
                \(announced.id), \(announced.version), \(announced.organisation), \(announced.person),
                \(announced.role), \(announced.isActive ? "active" : "ended"), \(announced.startsOn),
                \(announced.endsOn))
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, organisation = excluded.organisation,
                person = excluded.person, role = excluded.role, status = excluded.status,
                starts_on = excluded.starts_on, ends_on = excluded.ends_on
            WHERE known.version < excluded.version
            """) == 1
    }
}
