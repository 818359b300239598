package import Vocabulary

/// Who wants to act: the person behind the token and the profile that she chose when she signed in.
package struct Actor: Hashable, Sendable {
    package let person: PersonID
    package let profile: ProfileChoice

    package init(person: PersonID, profile: ProfileChoice) {
        self.person = person
        self.profile = profile
    }
}

/// The facts on which it is decided whether somebody may act on a dossier under a mandate.
package struct ActFacts: Sendable {
    /// The organisation of the chosen profile with the person's rights there; `.absent` under another profile.
    package let organisation: Knowledge<OrganisationStanding>
    package let dossier: Knowledge<GrantorDossier>
    /// The mandates of this dossier that the holder whom the profile stands for has or had.
    package let mandates: [Mandate]

    package init(
        organisation: Knowledge<OrganisationStanding>, dossier: Knowledge<GrantorDossier>, mandates: [Mandate]
    ) {
        self.organisation = organisation
        self.dossier = dossier
        self.mandates = mandates
    }
}

/// As whom a person uses mandates under her profile.
package enum HolderStanding: Hashable, Sendable {
    /// As herself.
    case person(PersonID)
    /// For an organisation, by a right of hers in it.
    case organisation(OrganisationStanding, by: OrganisationStanding.ExecutorRight)

    /// The holder whose mandates she may use.
    package var holder: Mandate.Holder {
        switch self {
        case .person(let id): .person(id)
        case .organisation(let organisation, _): .organisation(organisation.id)
        }
    }
}

/// What somebody may do on a dossier, and what that rests on.
package struct ActGrant: Hashable, Sendable {
    package let standing: HolderStanding
    package let mandate: Mandate
    package let dossier: GrantorDossier
    /// What the mandate's type covers.
    package let actions: [DossierAction]
}

/// Decides as whom a person may use mandates under her profile.
///
/// As a citizen she uses her own, and for an organisation those of that organisation, if she is an executor there. Under
/// a profession she is a care provider herself and uses none.
package func mayUseMandates(
    _ actor: Actor, organisation: Knowledge<OrganisationStanding>, on day: LocalDate
) -> Decision<HolderStanding> {
    switch actor.profile {
    case .citizen:
        return .allowed(.person(actor.person))
    case .profession:
        return .refused(Refusal(.profileHoldsNoMandates))
    case .organisation(let id):
        switch organisation {
        case .uncertain:
            return .refused(Refusal(.organisationUncertain))
        case .absent:
            return .refused(Refusal(.executorMissing(organisation: nil)))
        case .known(let standing):
            guard standing.id == id else { return .refused(Refusal(.executorMissing(organisation: nil))) }
            let inForce = standing.executorRights.filter { $0.period.contains(day) }
            guard let right = inForce.max(by: endsEarlier) else {
                return .refused(Refusal(reasonWithoutRight(standing, on: day)))
            }
            // Only who has a right in it is told that it stopped.
            guard standing.isActive else { return .refused(Refusal(.organisationStopped(standing.name))) }
            return .allowed(.organisation(standing, by: right))
        }
    }
}

/// Decides whether somebody may act on the dossier of a grantor under a mandate, and under which one.
///
/// It is the one answer to that question: the exchange for a dossier context, its introspection and the search for
/// grantors all follow it. Any missing fact refuses. A person without a mandate learns nothing about the dossier.
///
/// - Parameters:
///   - actor: the person and her profile.
///   - action: what she wants to do; nil to open the dossier for all that the mandate covers.
///   - facts: what is known.
///   - day: today.
package func mayAct(
    _ actor: Actor, _ action: DossierAction?, facts: ActFacts, on day: LocalDate
) -> Decision<ActGrant> {
    let standing: HolderStanding
    switch mayUseMandates(actor, organisation: facts.organisation, on: day) {
    case .refused(let refusal): return .refused(refusal)
    case .allowed(let allowed): standing = allowed
    }
    let held = facts.mandates.filter { $0.terms.holder == standing.holder }
    guard let likeliest = held.min(by: { rank($0, on: day) < rank($1, on: day) }) else {
        return .refused(Refusal(.mandateMissing))
    }
    let inForce = held.filter { $0.standing(on: day) == .inForce }
    guard !inForce.isEmpty else { return .refused(Refusal(.mandateNotInForce(likeliest, on: day))) }

    let covering = inForce.filter { mandate in action.map(mandate.terms.type.covers) ?? true }
    guard let mandate = covering.max(by: coversLess) else {
        return .refused(Refusal(.notCovered(likeliest.terms.type)))
    }
    switch facts.dossier {
    case .uncertain:
        return .refused(Refusal(.dossierUncertain))
    case .absent:
        return .refused(Refusal(.dossierUnknown))
    case .known(let dossier):
        guard dossier.id == mandate.terms.grantor.dossier, dossier.person == mandate.terms.grantor.person else {
            return .refused(Refusal(.mandateMissing))
        }
        guard dossier.state == .open else { return .refused(Refusal(.dossierNotOpen(dossier.state))) }
        return .allowed(
            ActGrant(
                standing: standing, mandate: mandate, dossier: dossier, actions: mandate.terms.type.coveredActions))
    }
}

extension MandateType {
    /// What a mandate of this type lets its holder do, in the order of the catalogue.
    package var coveredActions: [DossierAction] { DossierAction.allCases.filter(covers) }
}

/// Why none of a person's rights in an organisation serves today; a right that comes tells more than one that is past.
///
/// Who has none at all is not told the organisation's name.
private func reasonWithoutRight(_ standing: OrganisationStanding, on day: LocalDate) -> Reason {
    guard let nearest = standing.executorRights.max(by: { $0.period.start < $1.period.start }) else {
        return .executorMissing(organisation: nil)
    }
    return .executorNotToday(nearest, in: standing.name, on: day)
}

/// Which of several mandates tells most about why none is in force: the one that may still come, then the latest.
private func rank(_ mandate: Mandate, on day: LocalDate) -> (Int, Int64, String) {
    let order =
        switch mandate.standing(on: day) {
        case .inForce: 0
        case .notStarted: 1
        case .awaitsSignature: 2
        case .over: 3
        }
    let endedAt: Int64 =
        if case .ended(let end) = mandate.state { Int64(0).saturatingSubtracting(end.at.microseconds) } else { 0 }
    return (order, endedAt, mandate.id.description)
}

/// The mandate that covers more is the better one; of equal ones always the same one.
private func coversLess(_ left: Mandate, _ right: Mandate) -> Bool {
    let (fewer, more) = (left.terms.type.coveredActions.count, right.terms.type.coveredActions.count)
    return fewer == more ? left.id > right.id : fewer < more
}

/// The right that lasts longer is the better one to rest on; of equal ones always the same one.
private func endsEarlier(
    _ left: OrganisationStanding.ExecutorRight, _ right: OrganisationStanding.ExecutorRight
) -> Bool {
    switch (left.period.end, right.period.end) {
    case (nil, nil): left.id > right.id
    case (_?, nil): true
    case (nil, _?): false
    case (let first?, let second?): first == second ? left.id > right.id : first < second
    }
}
