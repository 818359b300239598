import Clients
import ContractCore
import HTTPTypes
import Hummingbird
import Pages
import PortalDomain
import ProfileResolutionClients
import ProfileResolutionContracts
import Vocabulary
import Web

/// The pages of a person's own dossier.
///
/// | route | who |
/// | --- | --- |
/// | `GET /dossier`, `GET,POST /dossier/contact`, `GET /dossier/contact/saved` | the dossier's owner |
struct OwnDossierRoutes: Sendable {
    let portal: PortalPages

    func add(to router: Router<AppContext>) {
        router.get(RouterPath(PortalPaths.dossier), use: portal.signedIn(withDossier(welcome)))
        router.get(RouterPath(PortalPaths.contact), use: portal.signedIn(withDossier(form)))
        router.post(RouterPath(PortalPaths.contact), use: portal.signedIn(change))
        router.get(RouterPath(PortalPaths.contact + "/saved"), use: portal.signedIn(withDossier(saved)))
    }

    /// A page of the dossier; who has none under her profile reads what the start page says of it as well.
    private func withDossier(
        _ body: @escaping @Sendable (Visit, DossierView) async throws -> Response
    ) -> @Sendable (Visit) async throws -> Response {
        { visit in
            let found: DossierView
            do {
                found = try await dossier(visit)
            } catch let error as RemoteError {
                guard let problem = error.problem, let refused = Refusal(problem.reasons) else { throw error }
                let profiles = try await portal.profiles(of: visit)
                let refusal = visit.wayOn(by: profiles).refusal ?? refused
                return try await portal.nothing(refusal, profiles: profiles, visit, status: .notFound)
            }
            return try await body(visit, found)
        }
    }

    @Sendable private func welcome(_ visit: Visit, _ dossier: DossierView) async throws -> Response {
        var menu: [DossierPage.Card] = []
        if dossier.kind == .careProvider { menu.append(visit.card("mandates", to: PortalPaths.mandates)) }
        menu.append(visit.card("organisations", to: PortalPaths.organisations))
        if try await portal.hasSelection(visit) {
            menu.append(visit.card("selection", to: PortalPaths.profileSelection))
        }
        return page(visit).welcome(dossier, menu: menu, draft: try await draft(of: dossier, visit))
    }

    @Sendable private func form(_ visit: Visit, _ dossier: DossierView) async throws -> Response {
        page(visit).contactForm(dossier, draft: try await draft(of: dossier, visit))
    }

    @Sendable private func change(_ visit: Visit) async throws -> Response {
        let form = try await visit.form()
        guard let dossierID: DossierID = visit.identifier("dossier", in: form),
            let version = form["version"].flatMap(Int64.init)
        else { throw Problem(.contextMismatch) }
        guard form[DossierPage.discardField] == nil else {
            await portal.drafts.discard(.contact(dossierID), for: visit.session.person)
            return .seeOther(PortalPaths.dossier)
        }
        let contact = ContactForm(form)
        return try await portal.keeping(contact.draft(version: version), as: .contact(dossierID), visit) {
            let dossier = try await dossier(visit)
            guard dossier.dossierId == dossierID else { throw Problem(.contextMismatch) }
            guard contact.flaws.isEmpty else {
                return page(visit).contactForm(dossier, form: contact, version: version)
            }
            do {
                let written = try await portal.neighbours.profiles.changeContact(
                    of: dossierID, to: contact.data, version: version,
                    access: .owner(try await visit.access.token(for: .profileResolution)),
                    origin: visit.access.origin(for: .profileResolution))
                await visit.access.remember(written.position)
                await portal.drafts.discard(.contact(dossierID), for: visit.session.person)
                return .seeOther("\(PortalPaths.contact)/saved?version=\(written.value.version)")
            } catch let error as RemoteError where error.isProblem(.versionMismatch) {
                return page(visit).contactForm(try await self.dossier(visit), form: contact, version: version)
            }
        }
    }

    @Sendable private func saved(_ visit: Visit, _ dossier: DossierView) async throws -> Response {
        page(visit).saved(dossier, version: visit.query("version").flatMap(Int64.init))
    }

    private func dossier(_ visit: Visit) async throws -> DossierView {
        try await portal.neighbours.profiles.myDossier(
            token: try await visit.access.token(for: .profileResolution),
            origin: visit.access.origin(for: .profileResolution))
    }

    private func draft(of dossier: DossierView, _ visit: Visit) async throws -> Draft? {
        try await portal.drafts.find(.contact(dossier.dossierId), for: visit.session.person)
    }

    private func page(_ visit: Visit) -> DossierPage {
        DossierPage(
            visit: visit, dossierPath: PortalPaths.dossier, contactPath: PortalPaths.contact, mandate: nil)
    }
}
