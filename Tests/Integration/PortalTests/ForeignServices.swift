import Async
import ContractCore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import MandateRegistryContracts
import NIOCore
import OrganisationRightsContracts
import ProfileResolutionContracts
import Vocabulary
import Web

/// A dossier at the foreign services.
struct ForeignDossier: Sendable {
    let id = DossierID(UUID())
    let mandate = MandateID(UUID())
    var firstName = "An"
    var lastName = "Peeters"
    var version: Int64 = 1
    var contact = ContactData(
        email: "an@example.test", phone: "02 123 45 67", street: "Kerkstraat 1", postalCode: "1000", city: "Brussel")
    var mandateType = MandateType.administrativeDossier
    /// Each change that was written here: its street.
    var written: [String] = []
    var stoppedBecause: [Reason] = []
}

/// The four services as the portal asks them, by their contracts, on the loopback.
final class ForeignServices: Sendable {
    struct State {
        var dossiers: [DossierID: ForeignDossier] = [:]
        var own: DossierID?
        var holdsMandates = true
        var profiles: [ProfileList.Entry] = []
        /// What each living context token is about, and for which tab.
        var contexts: [String: (dossier: DossierID, tab: String)] = [:]
        var exchanges = 0
        var contextLifetime = 300
        var given: [GivenMandate] = []
        var rights: [OrganisationRights.Right] = []
        var organisation = OrganisationID(UUID())
        var manages = false
        /// Whether a page of organisations, managed or to act within, has one organisation alone.
        var pagesOfOne = false
        /// A second organisation that the person manages.
        var further: OrganisationID?
        /// Who manages access, by organisation; those of another one are not to be had.
        var managers: [OrganisationID: OrganisationManagers] = [:]
        var hidesManagers = false
        var refusesRight: [Reason] = []
        /// `Toegang-After` of each request, by path.
        var after: [String: String] = [:]
        var isAway = false
        /// Writes and exchanges are done, and what stands before the services answers in their place.
        var losesAnswers = false
        var searches: [GrantorSearch] = []
    }

    let state = Guarded(State())

    /// Adds a dossier over which the signed-in person holds a mandate.
    func add(_ dossier: ForeignDossier) -> ForeignDossier {
        state.withLock { $0.dossiers[dossier.id] = dossier }
        return dossier
    }

    func dossier(_ id: DossierID) -> ForeignDossier? { state.withLock { $0.dossiers[id] } }

    /// Ends a mandate as its grantor does: contexts die, and no new one is given.
    func stop(
        _ id: DossierID,
        because reasons: [Reason] = [Reason(ReasonCode(rawValue: "mandate.stopped"), remedy: .ask("grantor"))]
    ) {
        state.withLock { state in
            state.dossiers[id]?.stoppedBecause = reasons
            state.contexts = state.contexts.filter { $0.value.dossier != id }
        }
    }

    func addRoutes(to router: RouterGroup<BasicRequestContext>) {
        addProfiles(to: router.group("profiles"))
        addMandates(to: router.group("mandates"))
        addOrganisations(to: router.group("organisations"))
    }

    private func note(_ request: Request) throws {
        guard !state.withLock({ $0.isAway }) else { throw Problem(.unavailable) }
        guard request.bearerToken != nil else { throw Problem.tokenMissing }
        state.withLock { $0.after[request.uri.path] = request.headers[.toegangAfter] ?? "" }
    }

    /// The answer to what was done, unless it is lost on its way.
    private func answer(_ response: Response) -> Response {
        state.withLock { $0.losesAnswers } ? Response(status: .badGateway) : response
    }

    private func addProfiles(to router: RouterGroup<BasicRequestContext>) {
        router.get("/me/profiles") { [self] request, _ in
            try note(request)
            let (own, holds, others, pages) = state.withLock {
                ($0.own, $0.holdsMandates, $0.profiles, $0.pagesOfOne)
            }
            let citizen = ProfileList.Entry(
                profile: .citizen, name: ["nl": "Burger"], available: true, reasons: [], holdsMandates: holds,
                dossierId: own)
            guard pages else { return try Response.json(ProfileList(profiles: [citizen] + others)) }
            let places = others.compactMap { entry -> (OrganisationID, ProfileList.Entry)? in
                guard case .organisation(let id) = entry.profile else { return nil }
                return (id, entry)
            }
            let after = request.uri.queryParameters["after"].map(String.init)
            let index = places.firstIndex { $0.0.description == after }.map { $0 + 1 } ?? 0
            let next = index + 1 < places.count ? places[index].0 : nil
            return try Response.json(
                ProfileList(profiles: (after == nil ? [citizen] : []) + [places[index].1], next: next))
        }
        router.get("/me/dossier") { [self] request, _ in
            try note(request)
            guard let own = state.withLock({ state in state.own.flatMap { state.dossiers[$0] } }) else {
                throw Problem(.notFound, reasons: [Reason(.dossierNone)])
            }
            return try Response.json(own.view, version: own.version)
        }
        router.get("/dossiers/:id") { [self] request, context in
            try note(request)
            let dossier = try opened(request, context)
            return try Response.json(dossier.view, version: dossier.version)
        }
        router.put("/dossiers/:id/contact") { [self] request, context in
            try note(request)
            let dossier = try opened(request, context)
            let body = try await request.body.collect(upTo: 65_536)
            let contact = try JSONDecoder().decode(ContactData.self, from: Data(body.readableBytesView))
            let expected = try request.requiredVersion()
            let version = try state.withLock { state -> Int64 in
                guard let found = state.dossiers[dossier.id], found.version == expected else {
                    throw Problem(.versionMismatch, reasons: [Reason(ReasonCode(rawValue: "dossier.version-changed"))])
                }
                state.dossiers[dossier.id]?.contact = contact
                state.dossiers[dossier.id]?.written.append(contact.street)
                state.dossiers[dossier.id]?.version += 1
                return expected + 1
            }
            var response = try Response.json(ContactChanged(dossierId: dossier.id, version: version))
            response.headers[.toegangPosition] = "profile-resolution:3:\(version)"
            return answer(response)
        }
    }

    /// The dossier of the address, when the token opens it: a context of this tab, or the owner's own token.
    private func opened(_ request: Request, _ context: BasicRequestContext) throws -> ForeignDossier {
        guard let id = context.parameters.get("id").flatMap(DossierID.init) else { throw Problem(.notFound) }
        return try state.withLock { state in
            guard let dossier = state.dossiers[id] else { throw Problem(.notFound) }
            if let tab = request.headers[.toegangTab] {
                guard let token = request.bearerToken, let context = state.contexts[token], context.dossier == id,
                    context.tab == tab
                else { throw Problem.tokenInvalid("The dossier context does not hold.") }
            } else if state.own != id {
                throw Problem(.notFound)
            }
            return dossier
        }
    }

    private func addMandates(to router: RouterGroup<BasicRequestContext>) {
        router.post("/token") { [self] request, _ in
            try note(request)
            let form = try parameters(String(buffer: try await request.body.collect(upTo: 65_536)))
            return answer(try exchange(form, tab: request.headers[.toegangTab] ?? ""))
        }
        router.post("/grantors/search") { [self] request, _ in
            try note(request)
            let body = try await request.body.collect(upTo: 65_536)
            let search = try JSONDecoder().decode(GrantorSearch.self, from: Data(body.readableBytesView))
            state.withLock { $0.searches.append(search) }
            return try Response.json(found(search))
        }
        router.get("/mandates/given") { [self] request, _ in
            try note(request)
            let after = request.uri.queryParameters["after"].map(String.init)
            let given = state.withLock { state in
                let start = state.given.firstIndex { $0.mandateId.description == after }.map { $0 + 1 }
                return state.given[(start ?? 0)...]
            }
            let page = Array(given.prefix(200))
            return try Response.json(
                GivenMandates(mandates: page, next: given.count > page.count ? page.last?.mandateId : nil))
        }
        router.get("/mandates/given/:id") { [self] request, context in
            try note(request)
            let id = context.parameters.get("id").flatMap(MandateID.init)
            guard let mandate = state.withLock({ $0.given.first { $0.mandateId == id } }) else {
                throw Problem(.notFound)
            }
            return try Response.json(mandate)
        }
        router.post("/mandates/:id/stop") { [self] request, context in
            try note(request)
            guard let id = context.parameters.get("id").flatMap(MandateID.init) else { throw Problem(.notFound) }
            let ended = try state.withLock { state -> MandateEnded in
                guard let index = state.given.firstIndex(where: { $0.mandateId == id }) else {
                    throw Problem(.notFound)
                }
                state.given[index] = state.given[index].ended
                return MandateEnded(mandateId: id, version: 2, status: .stopped)
            }
            var response = try Response.json(ended)
            response.headers[.toegangPosition] = "mandate-registry:5:9"
            return answer(response)
        }
    }

    private func exchange(_ form: [String: String], tab: String) throws -> Response {
        let prefix = DossierContextToken.resourcePrefix
        guard form["grant_type"] == DossierContextToken.grantType, form["audience"] == DossierContextToken.audience,
            let resource = form["resource"], resource.hasPrefix(prefix),
            let id = DossierID(String(resource.dropFirst(prefix.count)))
        else { return try refuse("invalid_request") }
        let token = UUID().uuidString
        let answer = try state.withLock { state -> DossierContextToken in
            state.exchanges += 1
            guard let dossier = state.dossiers[id] else {
                throw Problem(.refused, reasons: [Reason(.mandateNone, remedy: .ask("grantor"))])
            }
            guard dossier.stoppedBecause.isEmpty else { throw Problem(.refused, reasons: dossier.stoppedBecause) }
            state.contexts[token] = (id, tab)
            return DossierContextToken(
                accessToken: token, expiresIn: state.contextLifetime, dossierId: id, mandateId: dossier.mandate,
                mandateType: dossier.mandateType)
        }
        return try Response.json(answer)
    }

    private func found(_ search: GrantorSearch) -> GrantorPage {
        let all = state.withLock { state in
            state.dossiers.values.filter { $0.stoppedBecause.isEmpty && $0.id != state.own }
                .sorted { $0.lastName < $1.lastName }
        }
        let matching = all.filter { search.lastName == nil || $0.lastName == search.lastName }
        let first = (search.page - 1) * GrantorSearch.pageSize
        let page = matching.dropFirst(first).prefix(GrantorSearch.pageSize)
        return GrantorPage(
            total: matching.count, hasMore: false, page: search.page,
            grantors: page.map { dossier in
                GrantorPage.Grantor(
                    dossierId: dossier.id, firstName: dossier.firstName, lastName: dossier.lastName,
                    profession: dossier.profession, rizivNumber: nil, mandateTypes: [dossier.mandateType])
            })
    }

    private func addOrganisations(to router: RouterGroup<BasicRequestContext>) {
        router.get("/me/organisations") { [self] request, _ in
            try note(request)
            let (manages, id, further) = state.withLock { ($0.manages, $0.organisation, $0.further) }
            let entry = { (id: OrganisationID, name: String) in
                ManagedOrganisations.Entry(
                    organisationId: id, name: name, type: OrganisationType.catalogue[0], enterpriseNumber: nil,
                    managerRole: .chiefAccessManager)
            }
            switch request.uri.queryParameters["after"].map(String.init) {
            case nil:
                return try Response.json(
                    ManagedOrganisations(
                        organisations: manages ? [entry(id, "Ziekenhuis Oost")] : [], next: further.map { _ in id }))
            case id.description?:
                return try Response.json(
                    ManagedOrganisations(organisations: further.map { [entry($0, "Ziekenhuis West")] } ?? []))
            default: return try Response.json(ManagedOrganisations(organisations: []))
            }
        }
        router.get("/organisations/:id/access-managers") { [self] request, context in
            try note(request)
            let id = context.parameters.get("id").flatMap(OrganisationID.init)
            guard !state.withLock({ $0.hidesManagers }) else { throw Problem(.notFound) }
            guard let managers = state.withLock({ state in id.flatMap { state.managers[$0] } }) else {
                throw Problem(.unavailable)
            }
            return try Response.json(managers)
        }
        router.get("/organisations/:id/rights") { [self] request, context in
            try note(request)
            let wanted = request.uri.queryParameters["status"].map(String.init)
            return try Response.json(try rights(context) { $0.list.rawValue == wanted })
        }
        router.get("/organisations/:id/rights/:right") { [self] request, context in
            try note(request)
            let known = try rights(context).rights
            guard let right = known.first(where: { $0.rightId.description == context.parameters.get("right") })
            else { throw Problem(.notFound) }
            return try Response.json(right)
        }
        router.post("/organisations/:id/rights") { [self] request, context in
            try note(request)
            _ = try rights(context)
            let body = try await request.body.collect(upTo: 65_536)
            let given = try JSONDecoder().decode(GiveRight.self, from: Data(body.readableBytesView))
            let id = RightID(UUID())
            try state.withLock { state in
                guard state.refusesRight.isEmpty else { throw Problem(.conflict, reasons: state.refusesRight) }
                state.rights.append(
                    OrganisationRights.Right(
                        rightId: id, version: 1, personName: given.lastName,
                        maskedNationalNumber: "85.07.30-***.**", role: given.role,
                        status: given.standing, startsOn: given.startsOn, endsOn: given.endsOn))
            }
            var response = try Response.json(
                RightChanged(rightId: id, version: 1, status: given.standing), status: .created)
            if given.standing == .active { response.headers[.toegangPosition] = "organisation-rights:1:2" }
            return answer(response)
        }
        router.post("/organisations/:id/rights/:right/end") { [self] request, context in
            try note(request)
            _ = try rights(context)
            guard let id = context.parameters.get("right").flatMap(RightID.init) else { throw Problem(.notFound) }
            let status = state.withLock { state -> RightStanding? in
                guard let index = state.rights.firstIndex(where: { $0.rightId == id }) else { return nil }
                state.rights[index] = state.rights[index].ended
                return state.rights[index].status
            }
            guard let status else { throw Problem(.notFound) }
            return answer(try Response.json(RightChanged(rightId: id, version: 2, status: status)))
        }
    }

    private func rights(
        _ context: BasicRequestContext, where isWanted: (OrganisationRights.Right) -> Bool = { _ in true }
    ) throws -> OrganisationRights {
        try state.withLock { state in
            guard state.manages, context.parameters.get("id") == state.organisation.description else {
                throw Problem(.notFound)
            }
            return OrganisationRights(
                organisationId: state.organisation, name: "Ziekenhuis Oost",
                roles: [
                    "mandate-executor": ["nl": "Mandaatuitvoerder", "en": "Mandate executor"],
                    "member": ["nl": "Medewerker", "en": "Member"],
                ], rights: state.rights.filter(isWanted))
        }
    }
}

extension ForeignDossier {
    var profession: Profession { Profession.catalogue[0] }

    var view: DossierView {
        DossierView(
            dossierId: id, kind: .careProvider, version: version, firstName: firstName, lastName: lastName,
            profession: profession, rizivNumber: nil, function: nil, organisationName: nil, state: "open",
            contact: contact, actions: [.viewWelcome, .viewContact, .changeContact])
    }
}

extension GivenMandate {
    var ended: GivenMandate {
        GivenMandate(
            mandateId: mandateId, version: version + 1, type: type, status: .stopped, holderKind: holderKind,
            holderName: holderName, reference: reference, profession: profession, startsOn: startsOn, endsOn: endsOn)
    }
}

extension OrganisationRights.Right {
    var ended: OrganisationRights.Right {
        OrganisationRights.Right(
            rightId: rightId, version: version + 1, maskedNationalNumber: maskedNationalNumber, role: role,
            status: status == .waiting ? .neverBegan : .ended, startsOn: startsOn, endsOn: endsOn)
    }

    /// The list that it stands in.
    var list: RightList {
        switch status {
        case .active: .active
        case .waiting, .neverBegan: .waiting
        case .ended: .ended
        }
    }
}

extension GiveRight {
    /// A last name that nobody has beside a number.
    static let nobody = "Niemand"

    /// What becomes of it.
    var standing: RightStanding { lastName == Self.nobody ? .waiting : .active }
}
