import AuditTrail
package import ProfileResolutionDomain
import Vocabulary

/// Who asks for something in a dossier, and through what.
package struct Requester: Sendable {
    package let caller: DossierCaller
    /// The portal through which the person acts.
    package let client: String
    package let acr: Int?
    package let requestID: String

    package init(caller: DossierCaller, client: String, acr: Int?, requestID: String) {
        self.caller = caller
        self.client = client
        self.acr = acr
        self.requestID = requestID
    }

    /// The record of an act of this requester.
    func audit(
        _ action: AuditedAction, dossier: DossierID?, refusal: Refusal?, id: AuditID, at time: Instant
    ) -> AuditEntry {
        let (organisation, onBehalfOf, mandate) =
            switch caller {
            case .person(_, .organisation(let id)): (id, nil, nil) as (OrganisationID?, PersonID?, MandateID?)
            case .person: (nil, nil, nil)
            case .context(let context): (context.organisationID, context.grantor, context.mandateID)
            }
        return AuditEntry(
            id: id, at: time, actor: caller.actor, actorClient: client, organisation: organisation,
            onBehalfOf: onBehalfOf, dossier: dossier, mandate: mandate, action: action.rawValue,
            outcome: refusal == nil ? .allowed : .refused, reasons: refusal?.codes ?? [], acr: acr,
            requestID: requestID)
    }
}

/// The acts that this service records.
package enum AuditedAction: String, CaseIterable, Sendable {
    case chooseProfile = "profile.choose"
    case openDossier = "dossier.open"
    case changeContact = "dossier.contact.change"
    case importDossiers = "dossier.import"
}
