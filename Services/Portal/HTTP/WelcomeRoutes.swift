import Contracts
import HTTPClients
import Hummingbird
import Logging
import Pages
import PortalDomain
import ServiceKit
import Vocabulary

/// Where a person goes after the sign-in.
///
/// | route | who |
/// | --- | --- |
/// | `GET /welcome`, `GET /profile-selection` | a signed-in person |
struct WelcomeRoutes: Sendable {
    let portal: PortalPages

    func add(to router: Router<AppContext>) {
        router.get(RouterPath(PortalPaths.welcome), use: portal.signedIn(welcome))
        router.get(RouterPath(PortalPaths.profileSelection), use: portal.signedIn(selection))
    }

    @Sendable private func welcome(_ visit: Visit) async throws -> Response {
        switch try await decide(visit) {
        case .allowed(.ownDossier): return .seeOther(PortalPaths.dossier)
        case .allowed(.profileSelection): return .seeOther(PortalPaths.profileSelection)
        case .allowed(.grantors):
            let tab = try await portal.tabs.create(for: visit.access)
            return .seeOther(PortalPaths.tab(tab.handle, "grantors"))
        case .refused(let refusal): return try await explain(refusal, visit)
        }
    }

    @Sendable private func selection(_ visit: Visit) async throws -> Response {
        guard case .allowed(.profileSelection) = try await decide(visit) else { return .seeOther(PortalPaths.welcome) }
        var model = PageHeading(visit.text("selection.title")).model
        model["tabs"] = PortalPaths.tabs
        model["dossier"] = PortalPaths.dossier
        return visit.render("profile-selection", model, title: "selection.title")
    }

    private func decide(_ visit: Visit) async throws -> Decision<WelcomeRoute> {
        let list = try await portal.neighbours.profiles.myProfiles(
            token: try await visit.access.token(), origin: visit.access.origin(for: .profileResolution))
        let facts = list.profiles.map { entry in
            ProfileFacts(
                profile: entry.profile, available: entry.available, reasons: entry.reasons,
                holdsMandates: entry.holdsMandates, hasDossier: entry.dossierId != nil)
        }
        return WelcomeDecision.decide(profile: visit.session.person.profile, profiles: facts)
    }

    /// The page of somebody who has neither a dossier nor a mandate; who manages an organisation is shown the way.
    private func explain(_ refusal: Refusal, _ visit: Visit) async throws -> Response {
        let managed: ManagedOrganisations?
        do {
            managed = try await portal.neighbours.organisations.managedOrganisations(
                token: try await visit.access.token(), origin: visit.access.origin(for: .organisationRights))
        } catch let error as RemoteError {
            visit.context.logger.warning("Managed organisations are not known", metadata: ["error": "\(error)"])
            managed = nil
        }
        // While it is not known whether she manages one, the way there is shown: that page answers for itself.
        let manages = managed.map { !$0.organisations.isEmpty } ?? true
        let isBeingSetUp = refusal.codes.contains(.dossierBeingSetUp)
        let lead =
            manages && managed != nil ? "nothing.lead-manager" : isBeingSetUp ? "nothing.lead-set-up" : "nothing.lead"
        let name = visit.session.person.name
        var model = PageHeading(
            name.map { visit.text("nothing.greeting", ["name": $0]) } ?? visit.text("nothing.title"),
            lead: visit.text(lead)
        ).model
        model["organisations"] = manages ? PortalPaths.organisations as any Sendable : false
        model["explanation"] = visit.explanation(
            refusal.reasons, title: "nothing.why", tone: isBeingSetUp ? .warn : .info)
        model["showsWays"] = !manages && !isBeingSetUp
        return visit.render("nothing", model, title: "nothing.title")
    }
}
