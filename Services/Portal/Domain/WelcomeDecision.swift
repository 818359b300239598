package import Vocabulary

/// What the portal knows of one profile that a person may take, as far as the way on depends on it.
package struct ProfileFacts: Sendable, Hashable {
    package let profile: ProfileChoice
    package let available: Bool
    package let reasons: [Reason]
    /// Whether somebody's mandate can be used in this profile today.
    package let holdsMandates: Bool
    /// Whether the person has a dossier of her own in this profile.
    package let hasDossier: Bool

    package init(
        profile: ProfileChoice, available: Bool, reasons: [Reason], holdsMandates: Bool, hasDossier: Bool
    ) {
        self.profile = profile
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

/// Decides where a person goes with the profile she chose.
package enum WelcomeDecision {
    /// The way on, or why there is none: the reasons of the profile itself, then those of the professions that she
    /// cannot take yet, since a new care provider can sign in as a citizen only and has to read why.
    package static func decide(profile: ProfileChoice, profiles: [ProfileFacts]) -> Decision<WelcomeRoute> {
        guard let chosen = profiles.first(where: { $0.profile == profile }), chosen.available else {
            let reasons = profiles.first { $0.profile == profile }?.reasons ?? []
            return .refused(
                Refusal(reasons) ?? Refusal(Reason(fallback(profile), remedy: .chooseAnotherProfile)))
        }
        switch (profile, chosen.hasDossier, chosen.holdsMandates) {
        case (.profession, _, _): return .allowed(.ownDossier)
        case (.organisation, _, true): return .allowed(.grantors)
        case (.organisation, _, false):
            return .refused(Refusal(Reason(.mandateNone, remedy: .ask("care-provider"))))
        case (.citizen, true, true): return .allowed(.profileSelection)
        case (.citizen, true, false): return .allowed(.ownDossier)
        case (.citizen, false, true): return .allowed(.grantors)
        case (.citizen, false, false): return .refused(nothing(profiles))
        }
    }

    private static func fallback(_ profile: ProfileChoice) -> ReasonCode {
        switch profile {
        case .citizen: .profileNotSuited
        case .profession: .professionNotHeld
        case .organisation: .organisationNoRight
        }
    }

    /// A citizen with nothing: either a dossier is on its way, or there is neither dossier nor mandate.
    private static func nothing(_ profiles: [ProfileFacts]) -> Refusal {
        let pending = profiles.filter { !$0.available && $0.profile.kind == .profession }.flatMap(\.reasons)
        if let refusal = Refusal(pending) { return refusal }
        return Refusal(
            Reason(.dossierNone, remedy: .ask("service-center")), Reason(.mandateNone, remedy: .ask("care-provider")))
    }
}
