import FoundationEssentials
package import MandateRegistryContracts
package import OrganisationRightsContracts
package import Postgres
import Vocabulary

/// What other services published, written by a higher version only; each answers whether it wrote.
package enum KnownFactsStore {
    package static func save(_ state: OrganisationState, in session: borrowing Session) throws -> Bool {
        try session.execute(
            """
            INSERT INTO known_organisation AS known (id, version, name, status)
            VALUES (\(state.organisationId), \(state.version), \(state.name), \(state.status.rawValue))
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name, status = excluded.status
            WHERE known.version < excluded.version
            """) > 0
    }

    package static func save(_ state: RightState, in session: borrowing Session) throws -> Bool {
        try session.execute(
            """
            INSERT INTO known_right AS known
                (id, version, organisation_id, person_id, role, status, starts_on, ends_on)
            VALUES (\(state.rightId), \(state.version), \(state.organisationId), \(state.personId), \(state.role),
                \(state.status.rawValue), \(state.startsOn), \(state.endsOn))
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, organisation_id = excluded.organisation_id,
                person_id = excluded.person_id, role = excluded.role, status = excluded.status,
                starts_on = excluded.starts_on, ends_on = excluded.ends_on
            WHERE known.version < excluded.version
            """) > 0
    }

    package static func save(_ state: MandateState, in session: borrowing Session) throws -> Bool {
        let (person, organisation) =
            switch state.holder {
            case .person(let id): (id.uuid, nil) as (UUID?, UUID?)
            case .organisation(let id): (nil, id.uuid) as (UUID?, UUID?)
            }
        return try session.execute(
            """
            INSERT INTO known_mandate AS known
                (id, version, grantor_dossier_id, holder_person_id, holder_organisation_id, status, starts_on, ends_on)
            VALUES (\(state.mandateId), \(state.version), \(state.grantorDossierId), \(person), \(organisation),
                \(state.status.rawValue), \(state.startsOn), \(state.endsOn))
            ON CONFLICT (id) DO UPDATE SET version = excluded.version,
                grantor_dossier_id = excluded.grantor_dossier_id, holder_person_id = excluded.holder_person_id,
                holder_organisation_id = excluded.holder_organisation_id, status = excluded.status,
                starts_on = excluded.starts_on, ends_on = excluded.ends_on
            WHERE known.version < excluded.version
            """) > 0
    }

    /// Forgets at most so many rows of what organisation-rights published, for a rebuild; answers how many.
    package static func eraseOrganisationRights(limit: Int, in session: borrowing Session) throws -> Int {
        let rights = try session.execute(
            "DELETE FROM known_right WHERE id IN (SELECT id FROM known_right LIMIT \(limit))")
        let organisations = try session.execute(
            "DELETE FROM known_organisation WHERE id IN (SELECT id FROM known_organisation LIMIT \(limit))")
        return rights + organisations
    }

    /// Forgets at most so many rows of what mandate-registry published, for a rebuild; answers how many.
    package static func eraseMandates(limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute("DELETE FROM known_mandate WHERE id IN (SELECT id FROM known_mandate LIMIT \(limit))")
    }
}
