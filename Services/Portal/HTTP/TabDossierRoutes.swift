import Clients
import ContractCore
import HTTPTypes
import Hummingbird
import Logging
import Pages
import PortalDomain
import Process
import ProfileResolutionClients
import ProfileResolutionContracts
import Vocabulary
import Web

/// The pages of a dossier under a mandate, each in the tab that has the dossier.
///
/// | route | who |
/// | --- | --- |
/// | `GET /t/{tab}/dossier`, `GET,POST /t/{tab}/contact`, `GET /t/{tab}/contact/saved` | a holder of a mandate over it |
struct TabDossierRoutes: Sendable {
    let portal: PortalPages

    func add(to router: Router<AppContext>) {
        router.get("/t/:tab/dossier", use: tab(welcome))
        router.get("/t/:tab/contact", use: tab(form))
        router.post("/t/:tab/contact", use: tab(change))
        router.get("/t/:tab/contact/saved", use: tab(saved))
    }

    private func tab(
        _ body: @escaping @Sendable (Visit, Tab) async throws -> Response
    ) -> @Sendable (Request, AppContext) async throws -> Response {
        portal.signedIn { visit in
            let tab = try await portal.tab(visit)
            do {
                return try await body(visit, tab)
            } catch let refusal as Refusal {
                return lost(refusal.reasons, visit)
            }
        }
    }

    @Sendable private func welcome(_ visit: Visit, _ tab: Tab) async throws -> Response {
        let (dossier, open) = try await dossier(visit, tab)
        return page(visit, tab, open).welcome(
            dossier, menu: [visit.card("other-grantor", to: PortalPaths.tab(tab.handle, "grantors"))],
            draft: try await draft(of: dossier, visit))
    }

    @Sendable private func form(_ visit: Visit, _ tab: Tab) async throws -> Response {
        let (dossier, open) = try await dossier(visit, tab)
        return page(visit, tab, open).contactForm(dossier, draft: try await draft(of: dossier, visit))
    }

    @Sendable private func change(_ visit: Visit, _ tab: Tab) async throws -> Response {
        let form = try await visit.form()
        let contact = ContactForm(form)
        let open: OpenDossier
        switch tab.state.write(formDossier: visit.identifier("dossier", in: form)) {
        case .allowed(let dossier): open = dossier
        case .refused(let refusal):
            if refusal.codes == [.dossierContextMismatch] { throw Problem(.contextMismatch) }
            return lost(refusal.reasons, visit, typed: contact)
        }
        guard form[DossierPage.discardField] == nil else {
            await portal.drafts.discard(.contact(open.dossierID), for: visit.session.person)
            return .seeOther(PortalPaths.tab(tab.handle, "dossier"))
        }
        guard let version = form["version"].flatMap(Int64.init) else { throw Problem(.malformedRequest) }
        return try await portal.keeping(contact.draft(version: version), as: .contact(open.dossierID), visit) {
            do {
                guard contact.flaws.isEmpty else {
                    let (dossier, _) = try await dossier(visit, tab)
                    return page(visit, tab, open).contactForm(dossier, form: contact, version: version)
                }
                return try await save(contact, version: version, in: open, visit, tab)
            } catch let refusal as Refusal {
                // She reads here what she typed; the dossier that it was meant for is not hers to open again.
                await portal.drafts.discard(.contact(open.dossierID), for: visit.session.person)
                return lost(refusal.reasons, visit, typed: contact)
            }
        }
    }

    private func save(
        _ contact: ContactForm, version: Int64, in open: OpenDossier, _ visit: Visit, _ tab: Tab
    ) async throws -> Response {
        do {
            let written = try await portal.tabs.use(tab, for: visit.access) {
                [profiles = portal.neighbours.profiles] dossier, access, origin throws(RemoteError) in
                try await profiles.changeContact(
                    of: dossier.dossierID, to: contact.data, version: version, access: access, origin: origin)
            }.get()
            guard written.value.dossierId == open.dossierID else {
                visit.context.logger.error("A change came back for another dossier than the one it was sent for")
                throw Problem(.internalError)
            }
            await visit.access.remember(written.position)
            await portal.drafts.discard(.contact(open.dossierID), for: visit.session.person)
            return .seeOther(PortalPaths.tab(tab.handle, "contact/saved") + "?version=\(written.value.version)")
        } catch let error as RemoteError where error.isProblem(.versionMismatch) {
            let (dossier, _) = try await dossier(visit, tab)
            return page(visit, tab, open).contactForm(dossier, form: contact, version: version)
        }
    }

    private func draft(of dossier: DossierView, _ visit: Visit) async throws -> Draft? {
        try await portal.drafts.find(.contact(dossier.dossierId), for: visit.session.person)
    }

    @Sendable private func saved(_ visit: Visit, _ tab: Tab) async throws -> Response {
        let (dossier, open) = try await dossier(visit, tab)
        return page(visit, tab, open).saved(dossier, version: visit.query("version").flatMap(Int64.init))
    }

    private func dossier(_ visit: Visit, _ tab: Tab) async throws -> (DossierView, OpenDossier) {
        try await portal.tabs.use(tab, for: visit.access) {
            [profiles = portal.neighbours.profiles] open, access, origin throws(RemoteError) in
            let view = try await profiles.dossier(open.dossierID, access: access, origin: origin)
            // A page never shows another dossier than the one its tab has open.
            guard view.dossierId == open.dossierID else { throw .notUnderstood("another dossier came back") }
            return (view, open)
        }.get()
    }

    private func page(_ visit: Visit, _ tab: Tab, _ open: OpenDossier) -> DossierPage {
        DossierPage(
            visit: visit, dossierPath: PortalPaths.tab(tab.handle, "dossier"),
            contactPath: PortalPaths.tab(tab.handle, "contact"), mandate: open)
    }

    /// What the holder reads when the tab's dossier may not be used any more.
    ///
    /// - Parameter typed: what she sent last, which is not saved; shown so that she can take it along.
    private func lost(_ reasons: [Reason], _ visit: Visit, typed: ContactForm? = nil) -> Response {
        var model = PageHeading(
            visit.text("lost.title"),
            lead: visit.text(visit.request.method == .get ? "lost.lead" : "lost.lead-not-saved")
        ).model
        model["explanation"] = visit.explanation(reasons, title: "lost.why", alert: true)
        model["todo"] = visit.text("lost.todo")
        model["typed"] =
            typed.map { form in
                ContactForm.Field.allCases.map { field in
                    ["label": visit.text("contact.\(field.rawValue)"), "value": form.value(field)]
                }
            } ?? []
        model["hasTyped"] = typed != nil
        model["tabs"] = PortalPaths.tabs
        model["welcome"] = PortalPaths.welcome
        return visit.render("lost", model, title: "lost.title", status: .forbidden)
    }
}

extension PortalPages {
    /// The tab of the address; 404 for a handle that this session has not.
    func tab(_ visit: Visit) async throws -> Tab {
        guard let handle = visit.context.parameters.get("tab"),
            let tab = try await tabs.find(handle, for: visit.access)
        else { throw Problem(.notFound) }
        return tab
    }
}
