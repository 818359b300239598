import AuditTrail
package import ContractCore
import FoundationEssentials
import MandateRegistryDomain
package import Vocabulary

/// What a dossier context says: who acts on whose dossier, under which mandate, in which tab.
///
/// It is kept beside the hash of its token and decides nothing by itself: each introspection asks the facts again.
package struct DossierContext: Codable, Sendable, Hashable {
    /// The purpose under which the token is stored.
    package static let purpose = "dossier-context"
    /// How long one lives at most.
    package static let lifetime = Duration.seconds(300)

    package let grantor: PersonID
    package let person: PersonID
    package let profile: ProfileChoice
    package let dossier: DossierID
    package let mandate: MandateID
    package let mandateType: MandateType
    /// SHA-256 of the tab's handle, base64url.
    package let tab: String
    /// How strong the sign-in was.
    package let acr: Int
    /// The portal that opened it.
    package let client: String
    /// What the access token belonged to that it was opened with: it ends with any of that.
    package let ends: [AccessEnded.Subject]

    init(_ grant: ActGrant, for act: PersonAct, ends: [AccessEnded.Subject], tab: String) {
        grantor = grant.mandate.terms.grantor.person
        person = act.by.id
        profile = act.by.profile
        dossier = grant.dossier.id
        mandate = grant.mandate.id
        mandateType = grant.mandate.terms.type
        self.tab = tab
        acr = act.by.level.level
        client = act.by.client
        self.ends = ends
    }

    /// The organisation for which the person acts.
    package var organisation: OrganisationID? {
        guard case .organisation(let id) = profile else { return nil }
        return id
    }

    /// Who acts.
    var actor: Actor { Actor(person: person, profile: profile) }

    /// Reads the claims of a stored token.
    init(claims: String) throws {
        self = try JSONDecoder().decode(DossierContext.self, from: Data(claims.utf8))
    }

    /// The claims to store, as the text of a JSON object.
    func claims() throws -> String {
        String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    }
}

extension ProfileBearer {
    /// Who wants to act, as the decisions of this service ask.
    var actor: Actor { Actor(person: id, profile: profile) }
}
