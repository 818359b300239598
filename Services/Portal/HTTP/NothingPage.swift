import ContractCore
import HTTPTypes
import Hummingbird
import Logging
import OrganisationRightsClients
import OrganisationRightsContracts
import Pages
import PortalDomain
import Process
import ProfileResolutionContracts
import Vocabulary

extension PortalPages {
    /// The page of somebody who can open nothing under the profile that she chose: which other profile opens what,
    /// which organisations she manages, and why there is nothing here.
    func nothing(
        _ refusal: Refusal, profiles: [ProfileList.Entry], _ visit: Visit, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let managed = try await managedOrganisations(visit)
        let chosen = visit.session.person.profile
        let others = WelcomeDecision.otherWays(than: chosen, profiles: profiles.map(ProfileFacts.init))
        let isBeingSetUp = refusal.codes.contains(.dossierBeingSetUp)
        let name = visit.session.person.name
        var model = PageHeading(
            name.map { visit.text("nothing.greeting", ["name": $0]) } ?? visit.text("nothing.title"),
            lead: lead(others: !others.isEmpty, managed: managed, isBeingSetUp: isBeingSetUp, visit)
        ).model
        model["profile"] = visit.page.workingAs ?? ""
        model["hasOthers"] = !others.isEmpty
        model["others"] = others.map { other in
            card(other, named: profiles.first { $0.profile == other.profile }?.name, visit)
        }
        // While it is not known whether she manages one, the way there is shown: that page answers for itself.
        model["organisations"] = managed.map { !$0.isEmpty } ?? true ? PortalPaths.organisations as any Sendable : false
        model["explanation"] = visit.explanation(
            refusal.reasons.filter { $0.code != .profileOpensNothing || others.isEmpty }, title: "nothing.why",
            tone: isBeingSetUp ? .warn : .info)
        model["hasReasons"] = refusal.reasons.contains { $0.code != .profileOpensNothing || others.isEmpty }
        let asked = try await whomToAsk(profiles, refusal, visit)
        model["hasAsked"] = !asked.isEmpty
        model["asked"] = asked
        model["showsWays"] = others.isEmpty && managed?.isEmpty == true && !isBeingSetUp
        return visit.render("nothing", model, title: "nothing.page-title", status: status)
    }

    private func lead(
        others: Bool, managed: [ManagedOrganisations.Entry]?, isBeingSetUp: Bool, _ visit: Visit
    ) -> String {
        let facts = ["profile": visit.page.workingAs ?? "", "organisation": managed?.first?.name ?? ""]
        if others { return visit.text("nothing.lead-others", facts) }
        switch managed?.count {
        case 1?: return visit.text("nothing.lead-manager", facts)
        case let count? where count > 1: return visit.text("nothing.lead-manager-more")
        default: return visit.text(isBeingSetUp ? "nothing.lead-set-up" : "nothing.lead", facts)
        }
    }

    /// What another profile opens, and how it is chosen.
    private func card(_ other: OtherWay, named name: [String: String]?, _ visit: Visit) -> [String: String] {
        let organisation = name?[Language.nl.rawValue]
        let title = visit.name(of: other.profile, organisation: organisation)
        let isOrganisation = other.profile.kind == .organisation
        let opens = [
            other.opensDossier ? visit.text("others.dossier") : nil,
            other.opensMandates
                ? visit.text(isOrganisation ? "others.mandates-organisation" : "others.mandates", ["profile": title])
                : nil,
        ].compactMap(\.self)
        let how = visit.text("others.choose-\(other.profile.kind.rawValue)", ["profile": title])
        return [
            "label": visit.text("others.go-on", ["profile": title]), "href": PortalPaths.changeProfile,
            "note": (opens + [how]).joined(separator: " "),
        ]
    }

    /// The organisations that the person manages; nothing while that is not known.
    private func managedOrganisations(_ visit: Visit) async throws -> [ManagedOrganisations.Entry]? {
        do {
            return try await neighbours.organisations.managedOrganisations(
                token: try await visit.access.token(for: .organisationRights),
                origin: visit.access.origin(for: .organisationRights)
            ).organisations
        } catch let error as RemoteError {
            visit.context.logger.warning("Managed organisations are not known", metadata: ["error": "\(error)"])
            return nil
        }
    }
}

extension ProfileFacts {
    /// What the way on depends on, of a profile as profile-resolution lists it.
    init(_ entry: ProfileList.Entry) {
        self.init(
            profile: entry.profile,
            organisation: entry.profile.kind == .organisation ? entry.name[Language.nl.rawValue] : nil,
            available: entry.available, reasons: entry.reasons, holdsMandates: entry.holdsMandates,
            hasDossier: entry.dossierId != nil)
    }
}
