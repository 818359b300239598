import ContractCore
import Following
import FoundationEssentials
package import Postgres
package import ProfileResolutionDomain
package import Vocabulary

/// Gathers what decisions about a person's profiles rest on.
package struct PersonFactsStore: Sendable {
    /// In how many days from her licence a care provider's dossier is set up at the latest; nothing when nobody says.
    private let setUpDays: Int?

    package init(setUpDays: Int?) { self.setUpDays = setUpDays }

    /// What a person's profiles rest on; what cannot be relied on is marked.
    ///
    /// What is in doubt is asked first in the batch, so nothing is taken for certain that was read before it was.
    ///
    /// - Parameter today: the day for which mandates are looked at.
    package func facts(
        of person: PersonID, today: LocalDate, in session: borrowing Session
    ) throws -> PersonFacts {
        let answers = try session.pipeline([
            Doubts.statement([.organisationRights, .mandates]),
            """
            SELECT id, version, status, profession, visum_issued_on FROM dossier
            WHERE person_id = \(person) AND is_hers ORDER BY id
            """,
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
            SELECT own.organisation_id \(fragment: Self.mandatesOfOrganisations(of: person, today: today, limit: 1))
            """,
        ])
        let doubts = try Doubts(answers[0])
        let organisations = try answers[3].map { try Self.organisation($0, doubts) }
        let mandates =
            doubts.touch(.mandateRegistry)
            ? try Self.certainMandates(of: person, today: today, doubts, in: session)
            : MandateHoldings(
                personHolds: try answers[4].first?.decode(Bool.self) ?? false,
                organisationsHolding: Set(try answers[5].map { try $0.decode(OrganisationID.self) }))
        return PersonFacts(
            personID: person, dossiers: try answers[1].map { try dossier($0, of: person) },
            rights: try answers[2].map { try Self.right($0, doubts) },
            organisations: Dictionary(organisations.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
            mandates: mandates)
    }

    /// The first mandates of each organisation in which a person has a right.
    ///
    /// They are looked up in an order that only the index has: a few insurers hold nearly all mandates, and for one of
    /// the many that hold none the planner would read the whole table.
    private static func mandatesOfOrganisations(of person: PersonID, today: LocalDate, limit: Int) -> SQL {
        """
        FROM (SELECT DISTINCT organisation_id FROM known_right WHERE person_id = \(person)) AS own
        CROSS JOIN LATERAL (
            SELECT id FROM known_mandate WHERE holder_organisation_id = own.organisation_id AND status = 'active'
                AND starts_on <= \(today) AND (ends_on IS NULL OR ends_on >= \(today))
            ORDER BY starts_on LIMIT \(limit)) AS held
        """
    }

    /// Only the mandates that are known for certain: one in doubt may have been stopped.
    ///
    /// At most a hundred of each holder are looked at; where those are all in doubt, it counts as holding none.
    private static func certainMandates(
        of person: PersonID, today: LocalDate, _ doubts: Doubts, in session: borrowing Session
    ) throws -> MandateHoldings {
        let rows = try session.query(
            """
            (SELECT id, NULL::uuid FROM known_mandate
            WHERE holder_person_id = \(person) AND status = 'active'
                AND starts_on <= \(today) AND (ends_on IS NULL OR ends_on >= \(today))
            LIMIT 100)
            UNION ALL
            (SELECT held.id, own.organisation_id
            \(fragment: mandatesOfOrganisations(of: person, today: today, limit: 100))
            LIMIT 10000)
            """)
        let holders = try rows.map { try $0.decode(MandateID.self, OrganisationID?.self) }
            .filter { !doubts.cover($0.0.uuid, of: .mandateRegistry) }.map(\.1)
        return MandateHoldings(
            personHolds: holders.contains(nil), organisationsHolding: Set(holders.compactMap(\.self)))
    }

    private func dossier(_ row: Row, of person: PersonID) throws -> DossierFacts {
        let (id, version, status, code, since) = try row.decode(
            DossierID.self, Int64.self, String.self, String?.self, LocalDate?.self)
        guard let status = DossierStatus(rawValue: status) else {
            throw StoredValueError("dossier", column: "status", row: "\(id)")
        }
        let profession = code.flatMap(Profession.init(code:))
        guard code == nil || profession != nil else {
            throw StoredValueError("dossier", column: "profession", row: "\(id)")
        }
        return DossierFacts(
            id: id, personID: person, version: version, status: status,
            profile: profession.map(ProfileChoice.profession) ?? .citizen, since: since,
            expectedBy: setUpDays.flatMap { since?.adding(days: $0) })
    }

    private static func right(_ row: Row, _ doubts: Doubts) throws -> RightFacts {
        let (id, version, organisation, role, isEnded, start, end) = try row.decode(
            RightID.self, Int64.self, OrganisationID.self, String.self, Bool.self, LocalDate.self, LocalDate?.self)
        guard let period = Period(start: start, end: end) else {
            throw StoredValueError("known_right", column: "ends_on", row: "\(id)")
        }
        return RightFacts(
            id: id, version: version, organisationID: organisation, role: role, isEnded: isEnded, period: period,
            isCertain: !doubts.cover(id.uuid, of: .organisationRights))
    }

    private static func organisation(_ row: Row, _ doubts: Doubts) throws -> OrganisationFacts {
        let (id, name, isStopped) = try row.decode(OrganisationID.self, String.self, Bool.self)
        return OrganisationFacts(
            id: id, name: name, isStopped: isStopped, isCertain: !doubts.cover(id.uuid, of: .organisationRights))
    }
}
