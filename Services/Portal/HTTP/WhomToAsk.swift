import Clients
import ContractCore
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
    /// The access managers of the organisations at which the page sends her to them, by name as far as it is known.
    ///
    /// The page says whom to ask by role already, so a service that is away does not keep it from being shown.
    func whomToAsk(
        _ profiles: [ProfileList.Entry], _ refusal: Refusal, _ visit: Visit
    ) async throws -> [[String: any Sendable]] {
        let chosen = visit.session.person.profile
        let facts = profiles.map(ProfileFacts.init)
        var sections: [[String: any Sendable]] = []
        for place in WelcomeDecision.placesToAsk(chosen: chosen, profiles: facts, refusal: refusal) {
            do {
                sections.append(section(place, try await managers(of: place.organisation, visit), visit))
            } catch let error as RemoteError where error.isProblem(.notFound) {
                // It stopped since the profiles were read: there is nobody to ask any more.
            }
        }
        return sections
    }

    /// Nothing while they cannot be asked for.
    ///
    /// - Throws: `RemoteError` where they are not for her.
    private func managers(of organisation: OrganisationID, _ visit: Visit) async throws -> OrganisationManagers? {
        do {
            return try await neighbours.organisations.managers(
                of: organisation, token: try await visit.access.token(for: .organisationRights),
                origin: visit.access.origin(for: .organisationRights))
        } catch let error as RemoteError where !error.isProblem(.notFound) {
            visit.context.logger.warning("Access managers are not known", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func section(
        _ place: PlaceToAsk, _ known: OrganisationManagers?, _ visit: Visit
    ) -> [String: any Sendable] {
        let managers = known?.managers ?? []
        let named = managers.compactMap { manager in
            manager.personName.map {
                ["name": $0, "role": visit.text("nothing.role-\(manager.role.rawValue)")]
            }
        }
        let others = (known?.others ?? 0) + managers.count - named.count
        let note: String? =
            if known == nil || managers.contains(where: \.nameUnavailable) {
                visit.text("nothing.managers-unknown")
            } else if managers.isEmpty {
                visit.text("nothing.managers-none")
            } else if others > 0 {
                visit.text(
                    named.isEmpty ? "nothing.managers-nameless" : "nothing.managers-others", ["count": "\(others)"])
            } else {
                nil
            }
        return [
            "organisation": place.name ?? visit.text("profile.organisation"), "hasNames": !named.isEmpty,
            "managers": named, "note": note.orAbsent,
        ]
    }
}
