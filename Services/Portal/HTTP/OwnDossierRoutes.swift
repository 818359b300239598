import Contracts
import HTTPClients
import Hummingbird
import Pages
import PortalDomain
import ServiceKit
import Vocabulary

/// The pages of a person's own dossier.
///
/// | route | who |
/// | --- | --- |
/// | `GET /dossier`, `GET,POST /dossier/contact`, `GET /dossier/contact/saved` | the dossier's owner |
struct OwnDossierRoutes: Sendable {
    let portal: PortalPages

    func add(to router: Router<AppContext>) {
        router.get(RouterPath(PortalPaths.dossier), use: portal.signedIn(welcome))
        router.get(RouterPath(PortalPaths.contact), use: portal.signedIn(form))
        router.post(RouterPath(PortalPaths.contact), use: portal.signedIn(change))
        router.get(RouterPath(PortalPaths.contact + "/saved"), use: portal.signedIn(saved))
    }

    @Sendable private func welcome(_ visit: Visit) async throws -> Response {
        let dossier = try await dossier(visit)
        var menu: [(label: String, note: String, href: String)] = []
        if dossier.kind == .careProvider {
            menu.append((visit.text("menu.mandates"), visit.text("menu.mandates-note"), PortalPaths.mandates))
        }
        if visit.session.person.profile == .citizen {
            menu.append(
                (visit.text("menu.organisations"), visit.text("menu.organisations-note"), PortalPaths.organisations))
        }
        return page(visit).welcome(dossier, menu: menu)
    }

    @Sendable private func form(_ visit: Visit) async throws -> Response {
        page(visit).contactForm(try await dossier(visit))
    }

    @Sendable private func change(_ visit: Visit) async throws -> Response {
        let form = try await visit.form()
        let dossier = try await dossier(visit)
        guard visit.identifier("dossier", in: form) == dossier.dossierId,
            let version = form["version"].flatMap(Int64.init)
        else {
            throw Problem(.contextMismatch)
        }
        let contact = ContactForm(form)
        guard contact.flaws.isEmpty else { return page(visit).contactForm(dossier, form: contact, version: version) }
        let written = try await portal.neighbours.profiles.changeContact(
            of: dossier.dossierId, to: contact.data, version: version, access: .owner(try await visit.access.token()),
            origin: visit.access.origin(for: .profileResolution))
        try await visit.access.remember(written.position)
        return .seeOther("\(PortalPaths.contact)/saved?version=\(written.value.version)")
    }

    @Sendable private func saved(_ visit: Visit) async throws -> Response {
        page(visit).saved(try await dossier(visit), version: visit.query("version").flatMap(Int64.init))
    }

    private func dossier(_ visit: Visit) async throws -> DossierView {
        try await portal.neighbours.profiles.myDossier(
            token: try await visit.access.token(), origin: visit.access.origin(for: .profileResolution))
    }

    private func page(_ visit: Visit) -> DossierPage {
        DossierPage(
            visit: visit, dossierPath: PortalPaths.dossier, contactPath: PortalPaths.contact, mandate: nil)
    }
}
