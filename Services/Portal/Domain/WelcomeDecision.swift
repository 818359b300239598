package import Vocabulary

/// What the portal knows of one profile that a person may take, as far as the way on depends on it.
package struct ProfileFacts: Sendable, Hashable {
    package let profile: ProfileChoice
    /// The organisation's name, for the profile of an organisation.
    package let organisation: String?
    package let available: Bool
    package let reasons: [Reason]
    /// Whether somebody's mandate can be used in this profile today.
    package let holdsMandates: Bool
    /// Whether the person has a dossier of her own in this profile.
    package let hasDossier: Bool

    package init(
        profile: ProfileChoice, organisation: String? = nil, available: Bool, reasons: [Reason], holdsMandates: Bool,
        hasDossier: Bool
    ) {
        self.profile = profile
        self.organisation = organisation
        self.available = available
        self.reasons = reasons
        self.holdsMandates = holdsMandates
        self.hasDossier = hasDossier
    }
}

/// Where a person goes after the sign-in.
package enum WelcomeRoute: Sendable, Hashable {
    case ownDossier
    /// Both a dossier of her own and mandates: she says with which she goes on.
    case profileSelection
    case grantors
}

/// What a person can open under a profile other than the one she chose.
package struct OtherWay: Sendable, Hashable {
    package let profile: ProfileChoice
    package let opensDossier: Bool
    package let opensMandates: Bool

    package init(profile: ProfileChoice, opensDossier: Bool, opensMandates: Bool) {
        self.profile = profile
        self.opensDossier = opensDossier
        self.opensMandates = opensMandates
    }
}

/// An organisation whose access managers a person is to ask.
package struct PlaceToAsk: Sendable, Hashable {
    package let organisation: OrganisationID
    package let name: String?
}

/// Decides where a person goes with the profile she chose, by all that is known of her profiles.
package enum WelcomeDecision {
    /// The way on, or why there is none under this profile.
    package static func decide(profile: ProfileChoice, profiles: [ProfileFacts]) -> Decision<WelcomeRoute> {
        guard let chosen = profiles.first(where: { $0.profile == profile }), chosen.available else {
            let reasons = profiles.first { $0.profile == profile }?.reasons ?? []
            return .refused(
                Refusal(reasons) ?? Refusal(Reason(fallback(profile), remedy: .chooseAnotherProfile)))
        }
        switch (profile, chosen.hasDossier, chosen.holdsMandates) {
        case (.profession, _, _): return .allowed(.ownDossier)
        case (.organisation, _, true): return .allowed(.grantors)
        case (.organisation, _, false): return .refused(Refusal(.holdsNoMandate(chosen.organisation)))
        case (.citizen, true, true): return .allowed(.profileSelection)
        case (.citizen, true, false): return .allowed(.ownDossier)
        case (.citizen, false, true): return .allowed(.grantors)
        case (.citizen, false, false): return .refused(nothing(profiles))
        }
    }

    /// The other profiles that she can take today and that open something, in the order of the list.
    package static func otherWays(than profile: ProfileChoice, profiles: [ProfileFacts]) -> [OtherWay] {
        profiles.compactMap { facts in
            guard facts.available, facts.profile != profile, facts.hasDossier || facts.holdsMandates else { return nil }
            return OtherWay(
                profile: facts.profile, opensDossier: facts.hasDossier, opensMandates: facts.holdsMandates)
        }
    }

    /// As many organisations as the access managers are told of.
    package static let placesShown = 3

    /// The organisations at which a refusal sends her to the access managers, the chosen one first; at most
    /// ``placesShown``.
    package static func placesToAsk(
        chosen: ProfileChoice, profiles: [ProfileFacts], refusal: Refusal
    ) -> [PlaceToAsk] {
        let remedies = Set(refusal.reasons.compactMap(\.remedy))
        let asked = profiles.compactMap { facts -> PlaceToAsk? in
            guard case .organisation(let id) = facts.profile else { return nil }
            let isNamed =
                facts.profile == chosen
                ? remedies.contains(.ask("access-managers")) || remedies.contains(.ask("organisation-mandate"))
                : facts.reasons.contains { $0.remedy == .ask("access-managers") && refusal.reasons.contains($0) }
            return isNamed ? PlaceToAsk(organisation: id, name: facts.organisation) : nil
        }
        let here = asked.filter { .organisation($0.organisation) == chosen }
        return Array((here + asked.filter { .organisation($0.organisation) != chosen }).prefix(placesShown))
    }

    private static func fallback(_ profile: ProfileChoice) -> ReasonCode {
        switch profile {
        case .citizen: .profileNotSuited
        case .profession: .professionNotHeld
        case .organisation: .organisationNoRight
        }
    }

    /// A citizen with nothing under that profile.
    ///
    /// What is on its way in others is told, since a new care provider can sign in as a citizen only and has to read
    /// why. That there is nothing at all is said only of somebody who has nothing under any profile.
    private static func nothing(_ profiles: [ProfileFacts]) -> Refusal {
        let pending = profiles.filter { !$0.available && $0.profile != .citizen }.flatMap(\.reasons)
        let elsewhere = otherWays(than: .citizen, profiles: profiles)
        let here = elsewhere.isEmpty ? [] : [Reason(.profileOpensNothing, remedy: .chooseAnotherProfile)]
        return Refusal(here + pending)
            ?? Refusal(
                Reason(.dossierNone, remedy: .ask("service-center")),
                Reason(.mandateNone, remedy: .ask("care-provider")))
    }
}

extension ReasonCode {
    /// The profile that she works under opens nothing, another one does.
    package static let profileOpensNothing = ReasonCode(rawValue: "profile.opens-nothing")
    /// The organisation has no mandate that she can use.
    package static let organisationNoMandate = ReasonCode(rawValue: "organisation.no-mandate")
}

extension Reason {
    static func holdsNoMandate(_ organisation: String?) -> Reason {
        var facts: [String: String] = [:]
        facts[FactName.organisation.rawValue] = organisation
        return Reason(.organisationNoMandate, facts: facts, remedy: .ask("organisation-mandate"))
    }
}
