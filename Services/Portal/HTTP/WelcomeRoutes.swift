import ContractCore
import Hummingbird
import Logging
import OrganisationRightsContracts
import Pages
import PortalDomain
import Process
import ProfileResolutionClients
import ProfileResolutionContracts
import Vocabulary
import Web

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
        let profiles = try await portal.profiles(of: visit)
        switch visit.wayOn(by: profiles) {
        case .allowed(.ownDossier): return .seeOther(PortalPaths.dossier)
        case .allowed(.profileSelection): return .seeOther(PortalPaths.profileSelection)
        case .allowed(.grantors):
            let tab = try await portal.tabs.create(for: visit.access)
            return .seeOther(PortalPaths.tab(tab.handle, "grantors"))
        case .refused(let refusal): return try await portal.nothing(refusal, profiles: profiles, visit)
        }
    }

    @Sendable private func selection(_ visit: Visit) async throws -> Response {
        guard case .allowed(.profileSelection) = visit.wayOn(by: try await portal.profiles(of: visit)) else {
            return .seeOther(PortalPaths.welcome)
        }
        var model = PageHeading(visit.text("selection.title")).model
        model["tabs"] = PortalPaths.tabs
        model["dossier"] = PortalPaths.dossier
        return visit.render("profile-selection", model, title: "selection.title")
    }
}

extension Visit {
    /// Where the person goes with the profile that she chose, by all her profiles.
    func wayOn(by profiles: [ProfileList.Entry]) -> Decision<WelcomeRoute> {
        WelcomeDecision.decide(profile: session.person.profile, profiles: profiles.map(ProfileFacts.init))
    }
}

extension PortalPages {
    /// Whether the person can choose between her own dossier and her mandates; `false` while that is not known, since
    /// it decides about a link and nothing else.
    func hasSelection(_ visit: Visit) async throws -> Bool {
        guard visit.session.person.profile == .citizen else { return false }
        do {
            return visit.wayOn(by: try await profiles(of: visit)).grant == .profileSelection
        } catch is RemoteError {
            return false
        }
    }
}
