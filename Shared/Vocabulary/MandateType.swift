/// What can be done in a dossier.
package enum DossierAction: String, CaseIterable, Hashable, Sendable, Codable {
    case viewWelcome = "view-welcome"
    case viewContact = "view-contact"
    case changeContact = "change-contact"
    case viewSocialStatute = "view-social-statute"
    case contestSocialStatute = "contest-social-statute"
    case viewPayments = "view-payments"
    case viewPracticeAddresses = "view-practice-addresses"
    case changePracticeAddresses = "change-practice-addresses"
    case viewConvention = "view-convention"
    case changeConvention = "change-convention"
    case requestPremium = "request-premium"
    case viewAccreditation = "view-accreditation"
    case applyForAccreditation = "apply-for-accreditation"
}

/// The types of mandate over a care provider's dossier; both need a grantor with a RIZIV number.
package enum MandateType: String, CaseIterable, Hashable, Sendable, Codable {
    /// `Sociaal statuut RIZIV`: the dossier of the social statute, with its payments and decisions.
    case socialStatute = "social-statute"
    /// `Administratief dossier RIZIV`: the whole dossier, so contact data, practice addresses and premiums as well.
    case administrativeDossier = "administrative-dossier"

    /// The name as the register shows it.
    package var name: LocalisedName {
        switch self {
        case .socialStatute:
            LocalisedName(
                nl: "Sociaal statuut RIZIV", fr: "Statut social INAMI", de: "Sozialstatut LIKIV",
                en: "RIZIV social statute")
        case .administrativeDossier:
            LocalisedName(
                nl: "Administratief dossier RIZIV", fr: "Dossier administratif INAMI", de: "Verwaltungsakte LIKIV",
                en: "RIZIV administrative file")
        }
    }

    /// Whether a holder may do this.
    ///
    /// The accreditation has a mandate system of its own, so no type reaches it.
    package func covers(_ action: DossierAction) -> Bool {
        switch action {
        case .viewWelcome, .viewSocialStatute, .contestSocialStatute, .viewPayments: true
        case .viewContact, .changeContact, .viewPracticeAddresses, .changePracticeAddresses, .viewConvention,
            .changeConvention, .requestPremium:
            self == .administrativeDossier
        case .viewAccreditation, .applyForAccreditation: false
        }
    }
}
