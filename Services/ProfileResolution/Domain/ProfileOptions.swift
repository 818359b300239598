package import Vocabulary

/// One line of a person's profile list.
package struct ProfileOption: Hashable, Sendable {
    package let profile: ProfileChoice
    package let name: LocalisedName
    /// Why it cannot be taken; nothing when it can.
    package let refusal: Refusal?
    /// Whether mandates can be used under it today.
    package let holdsMandates: Bool
    /// The person's own dossier that it opens.
    package let dossierID: DossierID?
}

extension PersonFacts {
    /// What the citizen's profile is called.
    package static let citizenName = LocalisedName(nl: "Burger", fr: "Citoyen", de: "Bürger", en: "Citizen")

    /// Her profiles: the citizen's, then her professions, then her organisations, each group in alphabetical order.
    ///
    /// A profession is listed whatever state its dossier is in, with the reason when it cannot be taken. An organisation
    /// is listed while she has a right there that was neither taken away nor has expired: a right that is gone is nobody
    /// else's business, and what was never there is not known here.
    package func options(in language: Language, today: LocalDate) -> [ProfileOption] {
        options(in: language, today: today, behind: nil, limit: .max).options
    }

    /// A page of them: the first, or those behind an organisation, which may be gone by now.
    ///
    /// - Parameter limit: how many organisations are on a page.
    package func options(
        in language: Language, today: LocalDate, behind: OrganisationID?, limit: Int
    ) -> (options: [ProfileOption], next: OrganisationID?) {
        let places = Set(rights.filter { !$0.isGone(today) }.map(\.organisationID)).compactMap { organisations[$0] }
            .map { (place: $0, rank: $0.rank) }.sorted { $0.rank < $1.rank }
        var rest = places[...]
        if let behind {
            guard let mark = organisations[behind]?.rank else { return ([], nil) }
            rest = places.drop { $0.rank <= mark }
        }
        let page = rest.prefix(limit).map { entry in
            let name = LocalisedName(
                nl: entry.place.name, fr: entry.place.name, de: entry.place.name, en: entry.place.name)
            return option(.organisation(entry.place.id), name: name, today: today)
        }
        let next = rest.count > limit ? rest.prefix(limit).last?.place.id : nil
        guard behind == nil else { return (page, next) }
        let citizen = option(.citizen, name: Self.citizenName, today: today)
        let professions = Set(dossiers.compactMap(\.profile.profession)).sorted(in: language)
            .map { option(.profession($0), name: $0.name, today: today) }
        return ([citizen] + professions + page, next)
    }

    private func option(_ profile: ProfileChoice, name: LocalisedName, today: LocalDate) -> ProfileOption {
        let decision = decide(profile, today: today)
        return ProfileOption(
            profile: profile, name: name, refusal: decision.refusal,
            holdsMandates: decision.isAllowed && holdsMandates(profile, today: today),
            dossierID: decideOwnDossier(under: profile).grant?.id)
    }
}

extension OrganisationFacts {
    /// Where it stands in an alphabetical list.
    fileprivate var rank: (String, OrganisationID) { (collationKey(name), id) }
}

extension RightFacts {
    /// Whether it was taken away or has expired, for certain.
    func isGone(_ today: LocalDate) -> Bool { isCertain && (isEnded || period.end.map { $0 < today } ?? false) }
}

extension ProfileChoice {
    fileprivate var profession: Profession? {
        guard case .profession(let profession) = self else { return nil }
        return profession
    }
}

/// What the picker's form holds: a profile, and an organisation that may be named beside the citizen's.
package struct PickerSelection: Hashable, Sendable {
    package let profession: Profession?
    package let organisationID: OrganisationID?

    package init(profession: Profession?, organisationID: OrganisationID?) {
        self.profession = profession
        self.organisationID = organisationID
    }

    /// The one profile that it means; an organisation goes with the citizen's profile alone.
    package func profile() -> Decision<ProfileChoice> {
        switch (profession, organisationID) {
        case (nil, nil): .allowed(.citizen)
        case (let profession?, nil): .allowed(.profession(profession))
        case (nil, let organisation?): .allowed(.organisation(organisation))
        case (_?, _?): .refused(Refusal(Reason(.organisationWithProfession, remedy: .chooseAnotherProfile)))
        }
    }
}
