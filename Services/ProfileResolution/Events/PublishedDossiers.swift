package import EventOutbox
import ProfileResolutionContracts
package import ProfileResolutionDomain
import Vocabulary

/// What happened to a dossier, as it is told to the other services.
package enum DossierFact: Sendable {
    case registered, changed, contactChanged
}

/// Dossiers as events: their public state, never their contact data, and no names of those who are no care providers.
package enum PublishedDossiers {
    /// The event for what happened to a dossier, with the state after it.
    package static func draft(_ fact: DossierFact, of dossier: Dossier) -> EventDraft {
        switch dossier.subject {
        case .careProvider(let provider):
            EventDraft(
                type: careProviderType(fact), key: dossier.id.uuid, aggregate: "dossier", version: dossier.version,
                data: CareProviderDossierState(
                    dossierId: dossier.id, version: dossier.version, personId: dossier.personID,
                    profession: provider.profession, firstName: provider.firstName, lastName: provider.lastName,
                    rizivNumber: provider.recognition.rizivNumber, state: state(dossier.status)))
        case .functionHolder(let holder):
            EventDraft(
                type: functionHolderType(fact), key: dossier.id.uuid, aggregate: "dossier", version: dossier.version,
                data: FunctionHolderDossierState(
                    dossierId: dossier.id, version: dossier.version, personId: dossier.personID,
                    function: holder.function, organisationName: holder.organisation.name,
                    state: state(dossier.status)))
        }
    }

    private static func careProviderType(_ fact: DossierFact) -> String {
        switch fact {
        case .registered: CareProviderDossierState.registered
        case .changed: CareProviderDossierState.changed
        case .contactChanged: CareProviderDossierState.contactChanged
        }
    }

    private static func functionHolderType(_ fact: DossierFact) -> String {
        switch fact {
        case .registered: FunctionHolderDossierState.registered
        case .changed: FunctionHolderDossierState.changed
        case .contactChanged: FunctionHolderDossierState.contactChanged
        }
    }

    private static func state(_ status: DossierStatus) -> DossierState {
        switch status {
        case .beingSetUp: .beingSetUp
        case .open: .open
        case .suspended: .suspended
        case .closed: .closed
        }
    }
}
