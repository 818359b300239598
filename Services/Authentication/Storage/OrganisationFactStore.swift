package import Postgres
package import Vocabulary

/// What events say of organisations: the version, and whether it is active.
package struct OrganisationFactStore: Sendable {
    package init() {}

    /// Takes over a fact; false when the same or a later version was known.
    package func save(
        _ id: OrganisationID, version: Int64, active: Bool, in session: borrowing Session
    ) throws -> Bool {
        try session.execute(
            """
            INSERT INTO organisation_fact AS known (organisation_id, version, active)
            VALUES (\(id), \(version), \(active))
            ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version, active = excluded.active
            WHERE known.version < excluded.version
            """) == 1
    }

    /// Forgets an organisation that was taken back, unless a later version is known.
    package func void(_ id: OrganisationID, below version: Int64, in session: borrowing Session) throws {
        try session.execute("DELETE FROM organisation_fact WHERE organisation_id = \(id) AND version < \(version)")
    }

    /// The version of an organisation that was last heard of; 0 when none was.
    package func version(of id: OrganisationID, in session: borrowing Session) throws -> Int64 {
        let row = try session.first("SELECT version FROM organisation_fact WHERE organisation_id = \(id)")
        return try row?.decode(Int64.self) ?? 0
    }
}
