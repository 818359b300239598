import FoundationEssentials
import MandateRegistryDomain
import Vocabulary

typealias RegisteredMandate = MandateRegistryDomain.Mandate

/// A day on which the tests of the register take place, with people, dossiers and mandates around it.
struct RegistryFixture {
    let today: LocalDate
    let yesterday: LocalDate
    let tomorrow: LocalDate
    let noon: Instant
    let physician: Profession
    let pharmacist: Profession

    let grantor = PersonID(UUID())
    let holder = PersonID(UUID())
    let stranger = PersonID(UUID())
    let organisation = OrganisationID(UUID())
    let otherOrganisation = OrganisationID(UUID())
    let dossier = DossierID(UUID())

    init() throws {
        today = try Self.present(LocalDate(year: 2026, month: 6, day: 15))
        yesterday = today.adding(days: -1)
        tomorrow = today.adding(days: 1)
        noon = Instant(secondsSinceEpoch: Int64(today.daysSinceEpoch) * 86_400 + 43_200)
        physician = try Self.present(Profession(code: "persphysician"))
        pharmacist = try Self.present(Profession(code: "perspharmacist"))
    }

    struct Absent: Error {}

    static func present<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Absent() }
        return value
    }

    func terms(
        to holder: RegisteredMandate.Holder, _ type: MandateType = .administrativeDossier, from start: LocalDate? = nil,
        until end: LocalDate? = nil
    ) throws -> RegisteredMandate.Terms {
        try Self.present(
            RegisteredMandate.Terms(
                grantor: RegisteredMandate.Grantor(person: grantor, dossier: dossier, profession: physician),
                holder: holder, type: type,
                period: try Self.present(Period(start: start ?? yesterday, end: end))))
    }

    func mandate(
        to holder: RegisteredMandate.Holder, _ type: MandateType = .administrativeDossier, from start: LocalDate? = nil,
        until end: LocalDate? = nil
    ) throws -> RegisteredMandate {
        .grant(try terms(to: holder, type, from: start, until: end), as: MandateID(UUID()), at: noon)
    }

    func openDossier(
        _ state: GrantorDossier.State = .open, of lastName: String = "Peeters", rizivNumber: Bool = true
    ) -> GrantorDossier {
        GrantorDossier(
            id: dossier, version: 3, person: grantor, lastName: lastName, profession: physician, state: state,
            hasRizivNumber: rizivNumber)
    }

    func delivered(
        by grantorName: String = "Peeters", to holder: RegisteredMandate.Holder? = nil, from start: LocalDate? = nil,
        until end: LocalDate? = nil
    ) throws -> DeliveredMandate {
        DeliveredMandate(
            grantor: grantor, grantorName: try LastName(grantorName), grantorProfession: physician,
            holder: holder ?? .person(self.holder), type: .administrativeDossier,
            period: try Self.present(Period(start: start ?? yesterday, end: end)))
    }

    func standing(
        isActive: Bool = true, from start: LocalDate? = nil, until end: LocalDate? = nil, rights: Int = 1
    ) throws -> OrganisationStanding {
        let period = try Self.present(Period(start: start ?? yesterday, end: end))
        return OrganisationStanding(
            id: organisation, version: 2, name: "Verzekeringen Noord NV", isActive: isActive,
            executorRights: (0..<rights).map { _ in
                OrganisationStanding.ExecutorRight(id: RightID(UUID()), version: 1, period: period)
            })
    }
}
