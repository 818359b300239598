package import AuthenticationDomain
package import Messaging
package import Vocabulary

/// The acts of this service that are recorded, by the name under which they are.
package enum AuditedAction: String, Sendable {
    case signIn = "sign-in.attempt"
    case redeemInteraction = "sign-in.interaction.redeem"
    case chooseProfile = "sign-in.profile.choose"
    case resume = "sign-in.resume"
    case exchangeCode = "token.code.exchange"
    case refresh = "token.refresh"
    case revoke = "token.revoke"
    case endSession = "session.end"
    case resolvePersons = "person.resolve"
    case namePersons = "person.name"
    case importAccount = "account.import"
}

extension Essentials {
    /// The record of an act.
    ///
    /// - Parameter reasons: why it was refused; empty means that it was allowed.
    package func record(
        _ action: AuditedAction, actor: PersonID?, client: String?, choice: ChosenProfile? = nil,
        reasons: [ReasonCode] = [], acr: Acr? = nil, facts: RequestFacts
    ) -> AuditEntry {
        var organisation: OrganisationID?
        if case .organisation(let id)? = choice?.profile { organisation = id }
        return AuditEntry(
            id: AuditID(newID()), at: facts.events.time, actor: actor, actorClient: client,
            organisation: organisation, action: action.rawValue, outcome: reasons.isEmpty ? .allowed : .refused,
            reasons: reasons, acr: acr?.level, requestID: facts.requestID)
    }
}

// MARK: - Reasons that only the audit record tells apart

extension ReasonCode {
    /// The reason of a code that is not exchanged.
    package init(_ refusal: CodeRefusal) { self.init(rawValue: refusal.rawValue) }

    package static let refreshTokenReused = ReasonCode(rawValue: "token.reused")
    package static let refreshTokenOfOtherClient = ReasonCode(rawValue: "token.of-other-client")
    package static let basisEnded = ReasonCode(rawValue: "token.basis-ended")
    package static let interactionOfOtherBrowser = ReasonCode(rawValue: "interaction.of-other-browser")
    package static let profileNotChosen = ReasonCode(rawValue: "profile.not-chosen")
}
