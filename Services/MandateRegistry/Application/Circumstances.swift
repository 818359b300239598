import AuditTrail
package import ContractCore
package import EventOutbox
package import MandateRegistryDomain
package import Vocabulary

/// Who wants something, and how she came: what a use case decides on and what the audit trail keeps.
package struct Circumstances: Sendable {
    package let actor: Actor
    package let session: SessionID
    /// Whose end ends what is given to her now.
    package let ends: [AccessEnded.Subject]
    /// The portal through which the person acts.
    package let client: String
    package let acr: Acr
    /// The day of the request.
    package let today: LocalDate
    /// Time, request and trace, for what is published.
    package let origin: EventContext

    package init(
        actor: Actor, session: SessionID, ends: [AccessEnded.Subject], client: String, acr: Acr, today: LocalDate,
        origin: EventContext
    ) {
        self.ends = ends
        self.actor = actor
        self.session = session
        self.client = client
        self.acr = acr
        self.today = today
        self.origin = origin
    }

    /// The moment of the request.
    package var now: Instant { origin.time }

    private var organisation: OrganisationID? {
        guard case .organisation(let id) = actor.profile else { return nil }
        return id
    }

    /// The record of what was allowed or refused.
    ///
    /// - Parameters:
    ///   - action: what was wanted, such as `dossier.open`.
    ///   - refusal: why it was refused; nil when it was allowed.
    ///   - grantor: for whom, where the asker may know that.
    ///   - dossier: whose dossier.
    ///   - mandate: by or about which mandate.
    func record(
        _ action: String, refusal: Refusal? = nil, grantor: PersonID?, dossier: DossierID?, mandate: MandateID? = nil
    ) -> AuditEntry {
        AuditEntry(
            id: AuditID(origin.newID()), at: now, actor: actor.person, actorClient: client, organisation: organisation,
            onBehalfOf: grantor, dossier: dossier, mandate: mandate, action: action,
            outcome: refusal == nil ? .allowed : .refused, reasons: refusal?.codes ?? [], acr: acr.level,
            requestID: origin.correlationID)
    }
}
