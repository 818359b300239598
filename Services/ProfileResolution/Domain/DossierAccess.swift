package import Vocabulary

/// A dossier context as its issuer says it is at this moment.
package struct DossierContext: Hashable, Sendable {
    /// Who acts.
    package let actor: PersonID
    /// For whom.
    package let grantor: PersonID
    package let dossierID: DossierID
    package let mandateID: MandateID
    package let mandateType: MandateType
    /// The organisation that holds the mandate, when it is not the actor.
    package let organisationID: OrganisationID?
    /// Whether the request comes from the tab that the context is bound to.
    package let isOfThisTab: Bool

    package init(
        actor: PersonID, grantor: PersonID, dossierID: DossierID, mandateID: MandateID, mandateType: MandateType,
        organisationID: OrganisationID?, isOfThisTab: Bool
    ) {
        self.actor = actor
        self.grantor = grantor
        self.dossierID = dossierID
        self.mandateID = mandateID
        self.mandateType = mandateType
        self.organisationID = organisationID
        self.isOfThisTab = isOfThisTab
    }
}

/// Who asks for a dossier.
package enum DossierCaller: Hashable, Sendable {
    /// A signed-in person under the profile that she chose.
    case person(PersonID, ProfileChoice)
    /// A mandate holder within a dossier context.
    case context(DossierContext)

    /// Who acts.
    package var actor: PersonID {
        switch self {
        case .person(let person, _): person
        case .context(let context): context.actor
        }
    }
}

/// What a caller may do in a dossier.
package struct DossierGrant: Hashable, Sendable {
    /// In the order of the catalogue.
    package let actions: [DossierAction]
}

extension Refusal {
    /// There is no such dossier, or the caller has no business to know of it.
    package static let dossierHidden = Refusal(.hidden, Reason(.dossierUnknown))
}

extension Dossier {
    /// Decides whether the caller may do this in this dossier.
    ///
    /// Her own dossier under the profile it belongs to; another's within a context whose mandate covers the action. A
    /// dossier of which the caller has no business to know that it exists is refused as unknown. Anything that is
    /// missing refuses.
    package func decide(_ action: DossierAction, by caller: DossierCaller) -> Decision<DossierGrant> {
        switch caller {
        case .person(let person, let profile): decideOwner(action, person, profile)
        case .context(let context): decideHolder(action, context)
        }
    }

    private func decideOwner(
        _ action: DossierAction, _ person: PersonID, _ profile: ProfileChoice
    ) -> Decision<DossierGrant> {
        guard person == personID, isHers else { return .refused(.dossierHidden) }
        guard profile == subject.profile else {
            return .refused(Refusal(Reason(.profileNotSuited, remedy: .chooseAnotherProfile)))
        }
        if let reason = status.obstacle(facts: [:]) { return .refused(Refusal(reason)) }
        let actions = DossierAction.allCases.filter(ownerActions.contains)
        guard actions.contains(action) else { return .refused(Refusal(Reason(.profileNotSuited))) }
        return .allowed(DossierGrant(actions: actions))
    }

    /// A function holder has contact data and nothing of a care provider.
    private var ownerActions: Set<DossierAction> {
        switch subject {
        case .careProvider: Set(DossierAction.allCases)
        case .functionHolder: [.viewWelcome, .viewContact, .changeContact]
        }
    }

    private func decideHolder(_ action: DossierAction, _ context: DossierContext) -> Decision<DossierGrant> {
        guard context.isOfThisTab else {
            return .refused(Refusal(Reason(.tokenOfOtherTab, remedy: .chooseAnotherProfile)))
        }
        guard context.dossierID == id, context.grantor == personID else {
            return .refused(Refusal(.otherDossier, Reason(.dossierContextMismatch)))
        }
        if let reason = status.obstacle(facts: [:]) { return .refused(Refusal(reason)) }
        let actions = DossierAction.allCases.filter { ownerActions.contains($0) && context.mandateType.covers($0) }
        guard actions.contains(action) else {
            return .refused(
                Refusal(Reason(.mandateDoesNotCover, facts: ["mandateType": context.mandateType.rawValue])))
        }
        return .allowed(DossierGrant(actions: actions))
    }
}
