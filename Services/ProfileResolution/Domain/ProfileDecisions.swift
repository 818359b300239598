package import Vocabulary

/// What a chosen profile rests on: when it ends, so do the tokens that carry the profile.
package enum ProfileBasis: Hashable, Sendable {
    case dossier(DossierID, version: Int64)
    case right(RightID, version: Int64)
}

/// A profile that a person may take, with what it rests on; the citizen's rests on nothing but the sign-in.
package struct GrantedProfile: Hashable, Sendable {
    package let profile: ProfileChoice
    package let bases: [ProfileBasis]

    package init(profile: ProfileChoice, bases: [ProfileBasis]) {
        self.profile = profile
        self.bases = bases
    }
}

/// Subjects of remedies that concern profiles; keys of texts.
package enum ProfileRemedy {
    /// Setting up a dossier takes some days; the Service Center helps after that.
    package static let dossierSetUp = "dossier-set-up"
    package static let serviceCenter = "service-center"
    /// The access managers and chief access managers of the organisation.
    package static let accessManagers = "access-managers"
    /// A message that is on its way.
    package static let facts = "facts"
    /// The first day of a right.
    package static let rightStart = "right-start"
}

extension PersonFacts {
    /// Decides whether she may take this profile today.
    package func decide(_ wanted: ProfileChoice, today: LocalDate) -> Decision<GrantedProfile> {
        switch wanted {
        case .citizen: .allowed(GrantedProfile(profile: .citizen, bases: []))
        case .profession(let profession): decideProfession(profession)
        case .organisation(let id): decideOrganisation(id, today: today)
        }
    }

    /// Decides whether she may take the profile of this profession.
    ///
    /// Her dossier in it has to be open: a recent visum or RIZIV number gives one that is being set up for some days.
    private func decideProfession(_ profession: Profession) -> Decision<GrantedProfile> {
        let wanted = ProfileChoice.profession(profession)
        let facts = ["profession": profession.code]
        guard let dossier = dossiers.first(where: { $0.profile == wanted }) else {
            return .refused(
                Refusal(Reason(.professionNotHeld, facts: facts, remedy: .ask(ProfileRemedy.serviceCenter))))
        }
        if let reason = dossier.obstacle(facts: facts) { return .refused(Refusal(reason)) }
        return .allowed(
            GrantedProfile(profile: wanted, bases: [.dossier(dossier.id, version: dossier.version)]))
    }

    /// Decides whether she may act within this organisation today.
    ///
    /// She needs a right there that holds today, and the organisation has to exist still.
    private func decideOrganisation(_ id: OrganisationID, today: LocalDate) -> Decision<GrantedProfile> {
        let askManagers = Remedy.ask(ProfileRemedy.accessManagers)
        let here = rights.filter { $0.organisationID == id }
        guard !here.isEmpty, let organisation = organisations[id] else {
            return .refused(Refusal(Reason(.organisationNoRight, remedy: askManagers)))
        }
        let name = ["organisation": organisation.name]
        guard organisation.isCertain else {
            return .refused(Refusal(Reason(.factsUnknown, facts: name, remedy: .wait(ProfileRemedy.facts))))
        }
        guard !organisation.isStopped else {
            return .refused(Refusal(Reason(.organisationStopped, facts: name, remedy: .chooseAnotherProfile)))
        }
        if let right = usableRight(in: id, today: today) {
            return .allowed(
                GrantedProfile(profile: .organisation(id), bases: [.right(right.id, version: right.version)]))
        }
        let reasons = here.sorted { $0.version > $1.version }.map { $0.obstacle(facts: name, today: today) }
        let weightiest = ReasonCode.byWeightForRights.lazy.compactMap { code in reasons.first { $0.code == code } }
            .first
        return .refused(Refusal(weightiest ?? Reason(.organisationNoRight, facts: name, remedy: askManagers)))
    }

    /// The right that a choice of this organisation rests on: one by which its mandates can be used, if she has one.
    private func usableRight(in id: OrganisationID, today: LocalDate) -> RightFacts? {
        let usable = rights.filter { $0.organisationID == id && $0.holds(today) }.sorted { $0.id < $1.id }
        return usable.first { $0.role == OrganisationRole.mandateExecutor } ?? usable.first
    }

    /// Whether mandates can be used under this profile today.
    package func holdsMandates(_ profile: ProfileChoice, today: LocalDate) -> Bool {
        switch profile {
        case .citizen: mandates.personHolds
        case .profession: false
        case .organisation(let id):
            mandates.organisationsHolding.contains(id)
                && rights.contains {
                    $0.organisationID == id && $0.role == OrganisationRole.mandateExecutor && $0.holds(today)
                }
        }
    }

    /// Decides which of her own dossiers this profile opens.
    package func decideOwnDossier(under profile: ProfileChoice) -> Decision<DossierFacts> {
        switch profile {
        case .organisation:
            return .refused(Refusal(Reason(.profileNotSuited, remedy: .chooseAnotherProfile)))
        case .profession(let profession):
            return decideProfession(profession).flatMap { _ in ownDossier(under: profile) }
        case .citizen:
            return ownDossier(under: profile)
        }
    }

    private func ownDossier(under profile: ProfileChoice) -> Decision<DossierFacts> {
        guard let dossier = dossiers.first(where: { $0.profile == profile }) else {
            return .refused(Refusal(.nothingThere, Reason(.dossierNone, remedy: .chooseAnotherProfile)))
        }
        if let reason = dossier.obstacle(facts: [:]) { return .refused(Refusal(reason)) }
        return .allowed(dossier)
    }
}

extension DossierFacts {
    /// Why its person may not work in it now; nothing when it is open.
    fileprivate func obstacle(facts: [String: String]) -> Reason? {
        // Since when she waits, and the day from which the dossier is late.
        let waiting = ["since": since?.description, "expectedBy": expectedBy?.description].compactMapValues(\.self)
        return status.obstacle(facts: status == .beingSetUp ? facts.merging(waiting) { old, _ in old } : facts)
    }
}

extension DossierStatus {
    /// Why nobody may work in a dossier now; nothing when it is open.
    func obstacle(facts: [String: String]) -> Reason? {
        switch self {
        case .open: nil
        case .beingSetUp: Reason(.dossierBeingSetUp, facts: facts, remedy: .wait(ProfileRemedy.dossierSetUp))
        case .suspended: Reason(.dossierSuspended, facts: facts, remedy: .ask(ProfileRemedy.serviceCenter))
        case .closed: Reason(.dossierClosed, facts: facts, remedy: .ask(ProfileRemedy.serviceCenter))
        }
    }
}

extension RightFacts {
    /// Whether something may rest on this right today.
    func holds(_ today: LocalDate) -> Bool { isCertain && !isEnded && period.contains(today) }

    /// Why this right does not hold; only asked of one that does not.
    func obstacle(facts: [String: String], today: LocalDate) -> Reason {
        let ask = Remedy.ask(ProfileRemedy.accessManagers)
        guard isCertain else { return Reason(.factsUnknown, facts: facts, remedy: .wait(ProfileRemedy.facts)) }
        guard !isEnded else { return Reason(.rightEnded, facts: facts, remedy: ask) }
        guard today >= period.start else {
            let dated = facts.merging(["startsOn": period.start.description]) { old, _ in old }
            return Reason(.rightNotStarted, facts: dated, remedy: .wait(ProfileRemedy.rightStart))
        }
        let dated = facts.merging(["endsOn": period.end?.description ?? ""]) { old, _ in old }
        return Reason(.rightExpired, facts: dated, remedy: ask)
    }
}

extension ReasonCode {
    /// Of several rights that do not hold, the reason that says most to the person.
    fileprivate static let byWeightForRights: [ReasonCode] = [
        .factsUnknown, .rightNotStarted, .rightEnded, .rightExpired,
    ]
}

extension Decision {
    /// Asks a second question once the first was granted.
    fileprivate func flatMap<Other>(_ next: (Grant) -> Decision<Other>) -> Decision<Other> {
        switch self {
        case .allowed(let grant): next(grant)
        case .refused(let refusal): .refused(refusal)
        }
    }
}
