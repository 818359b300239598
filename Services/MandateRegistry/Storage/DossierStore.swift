package import MandateRegistryDomain
package import Postgres
package import Vocabulary

/// Reads and writes what profile-resolution-service has told of care providers' dossiers.
package enum DossierStore {
    private static let columns: SQL = """
        id, version, person, coalesce(nullif(last_name, ''), first_name), profession, state, riziv_number IS NOT NULL
        """

    /// The statement that reads a dossier by its id, for a pipeline.
    static func find(_ id: DossierID) -> SQL {
        "SELECT \(fragment: columns) FROM grantor_dossier WHERE id = \(id)"
    }

    /// Reads the dossier of a person in a profession; nil when it was never announced.
    package static func find(
        of person: PersonID, in profession: Profession, session: borrowing Session
    ) throws -> GrantorDossier? {
        try session.first(
            """
            SELECT \(fragment: columns) FROM grantor_dossier
            WHERE person = \(person) AND profession = \(profession.code) ORDER BY id LIMIT 1
            """
        ).map(decode)
    }

    /// Decodes the row of ``find(_:)``.
    static func decode(_ row: Row) throws -> GrantorDossier {
        let (id, version, person, lastName, profession, state, hasRizivNumber) = try row.decode(
            DossierID.self, Int64.self, PersonID.self, String.self, String.self, String.self, Bool.self)
        guard let profession = Profession(code: profession) else {
            throw StoredValueError("grantor_dossier", column: "profession")
        }
        guard let state = GrantorDossier.State(rawValue: state) else {
            throw StoredValueError("grantor_dossier", column: "state")
        }
        return GrantorDossier(
            id: id, version: version, person: person, lastName: lastName, profession: profession, state: state,
            hasRizivNumber: hasRizivNumber)
    }

    /// Forgets all dossiers, for a rebuild from the first event.
    package static func erase(limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute("DELETE FROM grantor_dossier WHERE id IN (SELECT id FROM grantor_dossier LIMIT \(limit))")
    }

    /// Forgets a dossier that was taken back, unless a later version is known; false when it was, or none is known.
    package static func void(_ id: DossierID, below version: Int64, in session: borrowing Session) throws -> Bool {
        try session.execute("DELETE FROM grantor_dossier WHERE id = \(id) AND version < \(version)") == 1
    }

    /// A dossier with the public names by which it is found.
    package struct Announced: Sendable {
        package let dossier: GrantorDossier
        package let firstName: String
        package let lastName: String
        package let rizivNumber: RizivNumber?

        package init(dossier: GrantorDossier, firstName: String, lastName: String, rizivNumber: RizivNumber?) {
            self.dossier = dossier
            self.firstName = firstName
            self.lastName = lastName
            self.rizivNumber = rizivNumber
        }
    }

    /// Writes what was announced, unless a later version is known; false when it was.
    package static func project(_ announced: Announced, in session: borrowing Session) throws -> Bool {
        let dossier = announced.dossier
        return try session.execute(
            """
            INSERT INTO grantor_dossier AS known (
                id, version, person, profession, first_name, last_name, riziv_number, state)
            VALUES (
                \(dossier.id), \(dossier.version), \(dossier.person), \(dossier.profession.code),
                \(announced.firstName), \(announced.lastName), \(announced.rizivNumber?.digits),
                \(dossier.state.rawValue))
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, person = excluded.person,
                profession = excluded.profession, first_name = excluded.first_name, last_name = excluded.last_name,
                riziv_number = excluded.riziv_number, state = excluded.state
            WHERE known.version < excluded.version
            """) == 1
    }
}
