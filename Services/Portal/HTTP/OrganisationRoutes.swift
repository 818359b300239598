import Clients
import ContractCore
import HTTPTypes
import Hummingbird
import OrganisationRightsClients
import OrganisationRightsContracts
import Pages
import PortalDomain
import Vocabulary
import Web

/// "Toegang tot mijn organisatie": the rights that a (chief) access manager gives and takes away.
///
/// | route | who |
/// | --- | --- |
/// | `GET /organisations` | a signed-in person |
/// | `GET,POST /organisations/{organisationId}`, `GET,POST /organisations/{organisationId}/rights/{rightId}/end` | its (chief) access managers |
struct OrganisationRoutes: Sendable {
    let portal: PortalPages

    func add(to router: Router<AppContext>) {
        router.get(RouterPath(PortalPaths.organisations), use: portal.signedIn(list))
        router.get("/organisations/:organisationId", use: portal.signedIn(show))
        router.post("/organisations/:organisationId", use: portal.signedIn(give))
        router.get("/organisations/:organisationId/rights/:rightId/end", use: portal.signedIn(confirm))
        router.post("/organisations/:organisationId/rights/:rightId/end", use: portal.signedIn(end))
    }

    @Sendable private func list(_ visit: Visit) async throws -> Response {
        let after = visit.query("after").flatMap(OrganisationID.init)
        let page = try await portal.neighbours.organisations.managedOrganisations(
            after: after, token: try await visit.access.token(for: .organisationRights),
            origin: visit.access.origin(for: .organisationRights))
        let managed = page.organisations
        // Behind the last of a list that became shorter there is nothing; that she manages nothing is another matter.
        if managed.isEmpty, after != nil { return .seeOther(PortalPaths.organisations) }
        var model = PageHeading(visit.text("organisations.title"), lead: visit.text("organisations.lead")).model
        model["menu"] = managed.map { entry in
            [
                "label": entry.name, "href": "\(PortalPaths.organisations)/\(entry.organisationId)",
                "note": [
                    entry.type.name[visit.language], entry.enterpriseNumber?.formatted,
                    visit.text("organisations.role-\(entry.managerRole.rawValue)"),
                ].compactMap(\.self).joined(separator: " · "),
            ]
        }
        model["explanation"] =
            managed.isEmpty
            ? visit.explanation(
                [Reason(.notAccessManager, remedy: .ask("access-managers"))], title: "organisations.none", tone: .info)
                as any Sendable : false
        let further = page.next.map {
            PageButton(visit.text("organisations.further"), href: "\(PortalPaths.organisations)?after=\($0)")
        }
        let first = after.map { _ in PageButton(visit.text("organisations.first"), href: PortalPaths.organisations) }
        let back = PageButton(visit.text("button.back"), href: PortalPaths.welcome)
        model["buttons"] = [further, first, back].compactMap(\.self).map(\.model)
        return visit.render("organisations", model, title: "organisations.title")
    }

    @Sendable private func show(_ visit: Visit) async throws -> Response {
        let organisation = try await rights(visit)
        let changed = try await changed(visit, in: organisation)
        let draft = try await portal.drafts.find(.right(organisation.organisationId), for: visit.session.person)
        guard let draft else { return page(visit, of: organisation, changed: changed) }
        let kept = RightForm(draft)
        let flaws = kept.flaws(roles: Set(organisation.roles.keys), today: portal.today())
        return page(visit, form: kept, flaws: flaws, of: organisation, changed: changed, isFound: true)
    }

    @Sendable private func give(_ visit: Visit) async throws -> Response {
        let form = try await visit.form()
        let id: OrganisationID = try visit.context.identifier("organisationId")
        guard form[DossierPage.discardField] == nil else {
            await portal.drafts.discard(.right(id), for: visit.session.person)
            return .seeOther(PortalPaths.organisation(id.description))
        }
        let sent = RightForm(form)
        return try await portal.keeping(sent.draft, as: .right(id), visit) { try await give(sent, visit) }
    }

    private func give(_ sent: RightForm, _ visit: Visit) async throws -> Response {
        let organisation = try await rights(visit)
        let request: RightForm.Request
        switch sent.read(roles: Set(organisation.roles.keys), today: portal.today()) {
        case .success(let read): request = read
        case .failure(let flaws): return page(visit, form: sent, flaws: flaws.fields, of: organisation)
        }
        do {
            let written = try await portal.neighbours.organisations.giveRight(
                GiveRight(
                    nationalNumber: request.nationalNumber.digits, lastName: request.lastName, role: request.role,
                    startsOn: request.period.start, endsOn: request.period.end),
                in: organisation.organisationId, token: try await visit.access.token(for: .organisationRights),
                origin: visit.access.origin(for: .organisationRights))
            await visit.access.remember(written.position)
            await portal.drafts.discard(.right(organisation.organisationId), for: visit.session.person)
            return .seeOther(path(organisation, after: written.value, "given"))
        } catch let error as RemoteError {
            guard let problem = error.problem, !problem.reasons.isEmpty else { throw error }
            return page(visit, form: sent, of: organisation, refused: problem.reasons)
        }
    }

    @Sendable private func confirm(_ visit: Visit) async throws -> Response {
        let (organisation, right) = try await right(visit)
        let facts = [
            ("organisation.column-person", right.holder(visit)),
            ("organisation.column-role", roleName(right.role, organisation, visit)),
            ("organisation.column-period", period(right.startsOn, right.endsOn, visit)),
        ]
        let act = right.status == .waiting ? "organisation.withdraw" : "organisation.confirm"
        var model = PageHeading(
            visit.text("\(act)-title"), caption: organisation.name, lead: visit.text("\(act)-lead")
        ).model
        model["action"] = "\(path(organisation))/rights/\(right.rightId)/end"
        model["facts"] = facts.map { ["label": visit.text($0.0), "value": $0.1] }
        model["hidden"] = [[String: String]]()
        model["buttons"] = [
            PageButton(submit: visit.text("\(act)-end"), kind: .danger).model,
            PageButton(visit.text("button.cancel"), href: path(organisation)).model,
        ]
        return visit.render("confirm", model, title: "\(act)-title")
    }

    @Sendable private func end(_ visit: Visit) async throws -> Response {
        _ = try await visit.form()
        let (organisation, right) = try await right(visit)
        let written = try await portal.neighbours.organisations.endRight(
            right.rightId, in: organisation.organisationId,
            token: try await visit.access.token(for: .organisationRights),
            origin: visit.access.origin(for: .organisationRights))
        await visit.access.remember(written.position)
        return .seeOther(path(organisation, after: written.value, "ended"))
    }

    // MARK: - What is shown

    /// The page of rights that the address asks for.
    private func rights(_ visit: Visit) async throws -> OrganisationRights {
        let id: OrganisationID = try visit.context.identifier("organisationId")
        return try await portal.neighbours.organisations.rights(
            in: id, RightList(shownBy: visit), after: visit.query("after").flatMap(RightID.init),
            token: try await visit.access.token(for: .organisationRights),
            origin: visit.access.origin(for: .organisationRights))
    }

    private func right(_ visit: Visit) async throws -> (OrganisationRights, OrganisationRights.Right) {
        let id: RightID = try visit.context.identifier("rightId")
        let organisation = try await rights(visit)
        let right = try await right(id, in: organisation, visit)
        guard right.status.canBeEnded else { throw Problem(.conflict, reasons: [Reason(.rightEnded)]) }
        return (organisation, right)
    }

    private func right(
        _ id: RightID, in organisation: OrganisationRights, _ visit: Visit
    ) async throws -> OrganisationRights.Right {
        try await portal.neighbours.organisations.right(
            id, in: organisation.organisationId, token: try await visit.access.token(for: .organisationRights),
            origin: visit.access.origin(for: .organisationRights))
    }

    /// The right that was given or taken away just now, as it stands; the address alone proves nothing.
    private func changed(
        _ visit: Visit, in organisation: OrganisationRights
    ) async throws -> OrganisationRights.Right? {
        guard let id = (visit.query("given") ?? visit.query("ended")).flatMap(RightID.init) else { return nil }
        do {
            return try await right(id, in: organisation, visit)
        } catch let error as RemoteError where error.isProblem(.notFound) {
            return nil
        }
    }

    private func path(_ organisation: OrganisationRights) -> String {
        "\(PortalPaths.organisations)/\(organisation.organisationId)"
    }

    /// The page that shows what was done: among the rights that count, or among those that wait.
    private func path(_ organisation: OrganisationRights, after changed: RightChanged, _ what: String) -> String {
        let waits = changed.status == .waiting || changed.status == .neverBegan
        return "\(path(organisation))?\(waits ? "show=\(RightList.waiting.rawValue)&" : "")\(what)=\(changed.rightId)"
    }

    private func page(
        _ visit: Visit, form: RightForm? = nil, flaws: [RightForm.Field] = [], of organisation: OrganisationRights,
        changed: OrganisationRights.Right? = nil, refused: [Reason] = [], isFound: Bool = false
    ) -> Response {
        let today = portal.today()
        let shown = form ?? RightForm(nationalNumber: "", lastName: "", role: "", startsOn: today.written, endsOn: "")
        return OrganisationPage(
            visit: visit, organisation: organisation, changed: changed, today: today, path: path(organisation)
        ).render(shown, flaws: flaws, refused: refused, typed: form != nil, isFound: isFound)
    }
}

extension RightForm {
    init(_ form: FormData) {
        self.init(
            nationalNumber: form.trimmed("nationalNumber"), lastName: form.trimmed("lastName"),
            role: form.trimmed("role"), startsOn: form.trimmed("startsOn"), endsOn: form.trimmed("endsOn"))
    }
}

extension OrganisationRights.Right {
    /// Whose it is, as an access manager tells people apart.
    func holder(_ visit: Visit) -> String {
        if let personName { return "\(personName) (\(maskedNationalNumber))" }
        return nameUnavailable
            ? visit.text("right.holder-unavailable", ["number": maskedNationalNumber]) : maskedNationalNumber
    }
}

extension RightList {
    /// Which rights the page of an organisation lists: `?show=waiting`, `?show=ended`, or those that count.
    init(shownBy visit: Visit) { self = visit.query("show").flatMap(Self.init) ?? .active }
}

extension RightStanding {
    /// Whether an access manager can still take it away or withdraw it.
    var canBeEnded: Bool { self == .active || self == .waiting }
}

/// The name of a role in the reader's language, as the organisation's catalogue has it.
func roleName(_ role: String, _ organisation: OrganisationRights, _ visit: Visit) -> String {
    organisation.roles[role]?[visit.language.rawValue] ?? organisation.roles[role]?["nl"] ?? role
}
