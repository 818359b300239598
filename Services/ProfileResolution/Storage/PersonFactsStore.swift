import ContractCore
import FoundationEssentials
import Messaging
package import Postgres
package import ProfileResolutionDomain
package import Vocabulary

/// Gathers what decisions about a person's profiles rest on.
package enum PersonFactsStore {
    /// The facts of one moment, in one round trip unless something that was published could not be taken in.
    ///
    /// - Parameter today: the day for which mandates are looked at.
    package static func facts(
        of person: PersonID, today: LocalDate, in session: borrowing Session
    ) throws -> PersonFacts {
        let answers = try session.pipeline([
            "SELECT id, version, status, profession, visum_issued_on FROM dossier WHERE person_id = \(person) ORDER BY id",
            """
            SELECT id, version, organisation_id, role, status = 'ended', starts_on, ends_on
            FROM known_right WHERE person_id = \(person) ORDER BY id
            """,
            """
            SELECT id, name, status = 'stopped' FROM known_organisation
            WHERE id IN (SELECT organisation_id FROM known_right WHERE person_id = \(person))
            """,
            """
            SELECT EXISTS (
                SELECT FROM known_mandate WHERE holder_person_id = \(person) AND status = 'active'
                    AND starts_on <= \(today) AND (ends_on IS NULL OR ends_on >= \(today)))
            """,
            """
            SELECT DISTINCT organisation_id FROM known_right WHERE person_id = \(person) AND EXISTS (
                SELECT FROM known_mandate WHERE holder_organisation_id = known_right.organisation_id
                    AND status = 'active' AND starts_on <= \(today) AND (ends_on IS NULL OR ends_on >= \(today)))
            """,
            """
            SELECT EXISTS (SELECT FROM parked WHERE source = \(source))
                OR EXISTS (SELECT FROM position WHERE source = \(source) AND state = 'halted')
            """,
        ])
        let doubtful = try answers[5].first?.decode(Bool.self) ?? true
        let uncertain =
            try doubtful ? unreliable(rights: answers[1], organisations: answers[2], in: session) : []
        let organisations = try answers[2].map { try organisation($0, uncertain: uncertain) }
        return PersonFacts(
            personID: person, dossiers: try answers[0].map { try dossier($0, of: person) },
            rights: try answers[1].map { try right($0, uncertain: uncertain) },
            organisations: Dictionary(organisations.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
            mandates: MandateHoldings(
                personHolds: try answers[3].first?.decode(Bool.self) ?? false,
                organisationsHolding: Set(try answers[4].map { try $0.decode(OrganisationID.self) })))
    }

    private static let source = EventSource.organisationRights.rawValue

    private static func unreliable(
        rights: [Row], organisations: [Row], in session: borrowing Session
    ) throws -> Set<UUID> {
        let keys = try (rights + organisations).map { try $0.column(0, as: UUID.self) }
        return try ProjectionGate.unreliable(of: .organisationRights, keys: keys, in: session)
    }

    private static func dossier(_ row: Row, of person: PersonID) throws -> DossierFacts {
        let (id, version, status, code, since) = try row.decode(
            DossierID.self, Int64.self, String.self, String?.self, LocalDate?.self)
        guard let status = DossierStatus(rawValue: status) else {
            throw StoredDataError(description: "dossier \(id) has an unknown status")
        }
        let profession = code.flatMap(Profession.init(code:))
        guard code == nil || profession != nil else {
            throw StoredDataError(description: "dossier \(id) has an unknown profession")
        }
        return DossierFacts(
            id: id, personID: person, version: version, status: status,
            profile: profession.map(ProfileChoice.profession) ?? .citizen, since: since)
    }

    private static func right(_ row: Row, uncertain: Set<UUID>) throws -> RightFacts {
        let (id, version, organisation, role, isEnded, start, end) = try row.decode(
            RightID.self, Int64.self, OrganisationID.self, String.self, Bool.self, LocalDate.self, LocalDate?.self)
        guard let period = Period(start: start, end: end) else {
            throw StoredDataError(description: "right \(id) ends before it starts")
        }
        return RightFacts(
            id: id, version: version, organisationID: organisation, role: role, isEnded: isEnded, period: period,
            isCertain: !uncertain.contains(id.uuid))
    }

    private static func organisation(_ row: Row, uncertain: Set<UUID>) throws -> OrganisationFacts {
        let (id, name, isStopped) = try row.decode(OrganisationID.self, String.self, Bool.self)
        return OrganisationFacts(
            id: id, name: name, isStopped: isStopped, isCertain: !uncertain.contains(id.uuid))
    }
}
