package import AuditTrail
package import ProfileResolutionDomain
package import Vocabulary

/// Who asks for something in a dossier, as the decisions ask, and what she does by it.
package struct Requester: Sendable {
    package let caller: DossierCaller
    package let act: Act<ActingPerson>

    /// A requester through a portal.
    package init(_ caller: DossierCaller, through client: String, acr: Acr?, on occasion: Occasion) {
        self.caller = caller
        let standing: Capacity =
            switch caller {
            case .person(_, let profile): .profile(profile)
            case .context(let context):
                .mandate(
                    context.mandateID, grantor: context.grantor, dossier: context.dossierID,
                    organisation: context.organisationID)
            }
        act = Act(by: ActingPerson(caller.actor, as: standing, through: client, acr: acr), on: occasion)
    }
}
