import AuditTrail
import OrganisationRightsDomain
import Vocabulary
import Web

/// Who asks for something, and in which request.
struct Actor: Sendable {
    let person: PersonID
    let client: String
    let acr: Acr
    let requestID: String

    init(_ caller: PersonCaller, requestID: String) {
        person = caller.personID
        client = caller.clientID
        acr = caller.acr
        self.requestID = requestID
    }

    /// The record of what was asked and how it was decided.
    func audit(
        _ action: String, _ organisation: OrganisationID, for subject: PersonID?, refusal: Refusal? = nil,
        id: AuditID, at now: Instant
    ) -> AuditEntry {
        AuditEntry(
            id: id, at: now, actor: person, actorClient: client, organisation: organisation, onBehalfOf: subject,
            action: action, outcome: refusal == nil ? .allowed : .refused, reasons: refusal?.codes ?? [],
            acr: acr.level, requestID: requestID)
    }
}

/// Why an access manager's wish was not fulfilled.
enum RightError: Error, Sendable {
    /// The organisation or right does not exist, or not for this person.
    case notFound
    /// It was decided against.
    case refused(Refusal)
    /// The right is there already, or was ended already.
    case conflict(Refusal)
    /// Too many of her rights wait for somebody; she can give another one later.
    case tooMany(Refusal)

    init(_ refusal: Refusal) {
        switch refusal.reasons[0].code {
        case .notAccessManager: self = .notFound
        case .rightTooManyWaiting: self = .tooMany(refusal)
        case .rightAlreadyGiven, .rightAlreadyWaiting, .rightEnded: self = .conflict(refusal)
        default: self = .refused(refusal)
        }
    }
}
