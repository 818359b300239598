package import AuditTrail
package import AuthenticationDomain
import EventOutbox
import Metrics
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
    case replaceNumber = "person.number.replace"
    case erasePerson = "person.erase"
    case showAccount = "account.show"
    case unlockAccount = "account.unlock"
    case disableAccount = "account.disable"
    case enableAccount = "account.enable"
    case endSessions = "account.end-sessions"
}

extension Essentials {
    /// The record of an act; a refusal is counted by its reasons as well (`toegang_refusals_total`).
    ///
    /// - Parameters:
    ///   - reasons: why it was refused; empty means that it was allowed.
    ///   - userName: the keyed hash of the user name that was typed.
    ///   - commandedBy: who ran the command by which it was done.
    package func record(
        _ action: AuditedAction, actor: PersonID?, client: String?, choice: ChosenProfile? = nil,
        reasons: [ReasonCode] = [], acr: Acr? = nil, userName: [UInt8]? = nil, commandedBy: String? = nil,
        facts: RequestFacts
    ) -> AuditEntry {
        for reason in reasons {
            Counter(
                label: "toegang_refusals_total",
                dimensions: [("action", action.rawValue), ("reason", reason.rawValue)]
            ).increment()
        }
        var organisation: OrganisationID?
        if case .organisation(let id)? = choice?.profile { organisation = id }
        return AuditEntry(
            id: AuditID(newID()), at: facts.events.time, actor: actor, actorClient: client,
            organisation: organisation, action: action.rawValue, outcome: reasons.isEmpty ? .allowed : .refused,
            reasons: reasons, acr: acr?.level, requestID: facts.requestID,
            source: facts.source.map(keyedHashes.network), userName: userName, commandedBy: commandedBy)
    }
}

// MARK: - Reasons that only the audit record tells apart

extension ReasonCode {
    /// The reason of a code that is not exchanged.
    package init(_ refusal: CodeRefusal) { self.init(rawValue: refusal.rawValue) }

    /// No such account, or not its password.
    package static let passwordWrong = ReasonCode(rawValue: "credentials.password")
    /// A code that is wrong or was used, after a password that fitted.
    package static let codeWrong = ReasonCode(rawValue: "credentials.code")
    package static let refreshTokenOfOtherClient = ReasonCode(rawValue: "token.of-other-client")
    package static let basisEnded = ReasonCode(rawValue: "token.basis-ended")
    package static let interactionOfOtherBrowser = ReasonCode(rawValue: "interaction.of-other-browser")
    package static let otherPersonExpected = ReasonCode(rawValue: "person.other-expected")
    package static let profileNotChosen = ReasonCode(rawValue: "profile.not-chosen")
}
