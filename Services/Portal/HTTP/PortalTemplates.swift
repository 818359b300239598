package import Vocabulary

/// The portal's own templates and texts, compiled in.
package enum PortalTemplates {
    /// Mustache text by the template's name.
    package static let templates: [String: [UInt8]] = [
        "start": PackageResources.start_mustache,
        "message": PackageResources.message_mustache,
        "nothing": PackageResources.nothing_mustache,
        "profile-selection": PackageResources.profile_selection_mustache,
        "grantors": PackageResources.grantors_mustache,
        "banner": PackageResources.banner_mustache,
        "contact-data": PackageResources.contact_data_mustache,
        "dossier": PackageResources.dossier_mustache,
        "contact": PackageResources.contact_mustache,
        "saved": PackageResources.saved_mustache,
        "lost": PackageResources.lost_mustache,
        "mandates": PackageResources.mandates_mustache,
        "confirm": PackageResources.confirm_mustache,
        "organisations": PackageResources.organisations_mustache,
        "organisation": PackageResources.organisation_mustache,
    ]

    /// Flat JSON by language.
    package static let texts: [Language: [UInt8]] = [
        .nl: PackageResources.texts_nl_json,
        .fr: PackageResources.texts_fr_json,
        .de: PackageResources.texts_de_json,
        .en: PackageResources.texts_en_json,
    ]
}
