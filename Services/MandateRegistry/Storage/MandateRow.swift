import MandateRegistryDomain
import Postgres
import Vocabulary

/// How a mandate lies in its row.
enum MandateRow {
    static let columnsAfterID: SQL = """
        version, grantor_person, grantor_dossier, grantor_profession, holder_person, holder_organisation, type,
        starts_on, ends_on, status, offered_by, offered_at, activated_at, ended_at
        """
    static let columns: SQL = "id, NULL::text, \(fragment: columnsAfterID)"

    static func decode(_ row: Row) throws -> Mandate { try decodeNamed(row).mandate }

    /// Decodes the columns with the holder's name in the second place.
    static func decodeNamed(_ row: Row) throws -> (mandate: Mandate, holderName: String?) {
        let (
            id, holderName, version, grantorPerson, dossier, profession, holderPerson, holderOrganisation, type,
            startsOn, endsOn, status, offeredBy, offeredAt, activatedAt, endedAt
        ) = try row.decode(
            MandateID.self, String?.self, Int64.self, PersonID.self, DossierID.self, String.self, PersonID?.self,
            OrganisationID?.self, String.self, LocalDate.self, LocalDate?.self, String.self, String?.self,
            Instant?.self, Instant?.self, Instant?.self)
        let holder = holderPerson.map(Mandate.Holder.person) ?? holderOrganisation.map(Mandate.Holder.organisation)
        guard let holder else { throw StoredValueError("mandate", column: "holder") }
        guard let profession = Profession(code: profession) else {
            throw StoredValueError("mandate", column: "grantor_profession")
        }
        guard let type = MandateType(rawValue: type) else { throw StoredValueError("mandate", column: "type") }
        guard let period = Period(start: startsOn, end: endsOn) else {
            throw StoredValueError("mandate", column: "ends_on")
        }
        let grantor = Mandate.Grantor(person: grantorPerson, dossier: dossier, profession: profession)
        guard let terms = Mandate.Terms(grantor: grantor, holder: holder, type: type, period: period) else {
            throw StoredValueError("mandate", column: "holder_person")
        }
        let state = State(
            status: status, offeredBy: offeredBy, offeredAt: offeredAt, activatedAt: activatedAt, endedAt: endedAt)
        return (Mandate(id: id, version: version, terms: terms, state: try state.read()), holderName)
    }

    /// The columns of a mandate's state.
    struct State {
        let status: String
        let offeredBy: String?
        let offeredAt: Instant?
        let activatedAt: Instant?
        let endedAt: Instant?

        init(status: String, offeredBy: String?, offeredAt: Instant?, activatedAt: Instant?, endedAt: Instant?) {
            self.status = status
            self.offeredBy = offeredBy
            self.offeredAt = offeredAt
            self.activatedAt = activatedAt
            self.endedAt = endedAt
        }

        init(_ state: Mandate.State) {
            switch state {
            case .offered(let offer):
                self.init(
                    status: "offered", offeredBy: offer.by.rawValue, offeredAt: offer.at, activatedAt: nil,
                    endedAt: nil)
            case .active(let activity):
                self.init(
                    status: "active", offeredBy: nil, offeredAt: nil, activatedAt: activity.since, endedAt: nil)
            case .ended(let end):
                self.init(
                    status: end.manner.rawValue, offeredBy: nil, offeredAt: nil, activatedAt: end.since,
                    endedAt: end.at)
            }
        }

        func read() throws -> Mandate.State {
            switch (status, offeredBy.flatMap(Mandate.Party.init), offeredAt, activatedAt, endedAt) {
            case ("offered", let by?, let at?, nil, nil):
                return .offered(Mandate.Offer(by: by, at: at))
            case ("active", nil, nil, let since?, nil):
                return .active(Mandate.Activity(since: since))
            case (_, nil, nil, let since, let at?):
                guard let manner = Mandate.End.Manner(rawValue: status) else { break }
                return .ended(Mandate.End(manner, at: at, since: since))
            default: break
            }
            throw StoredValueError("mandate", column: "status")
        }
    }
}
