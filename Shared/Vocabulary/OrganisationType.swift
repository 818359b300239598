/// A kind of organisation in health care, from the catalogue; coded in JSON as its code.
package struct OrganisationType: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The CD-HCPARTY code, such as `orghospital`.
    package let code: String
    package let name: LocalisedName

    /// A kind of the catalogue; nothing for an unknown code.
    package init?(code: String) {
        guard let known = Self.byCode[code] else { return nil }
        self = known
    }

    private init(_ code: String, nl: String, fr: String, de: String, en: String) {
        self.code = code
        name = LocalisedName(nl: nl, fr: fr, de: de, en: en)
    }

    private static let byCode = Dictionary(catalogue.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })

    package var description: String { code }

    package static func == (left: OrganisationType, right: OrganisationType) -> Bool { left.code == right.code }

    package func hash(into hasher: inout Hasher) { hasher.combine(code) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = OrganisationType(code: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a kind of the catalogue")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }

    /// All kinds, in the order of the reference table.
    package static let catalogue: [OrganisationType] = [
        OrganisationType("orghospital", nl: "Ziekenhuis", fr: "Hôpital", de: "Krankenhaus", en: "Hospital"),
        OrganisationType("orglaboratory", nl: "Laboratorium", fr: "Laboratoire", de: "Labor", en: "Laboratory"),
        OrganisationType("orgpharmacy", nl: "Apotheek", fr: "Pharmacie", de: "Apotheke", en: "Pharmacy"),
        OrganisationType(
            "orgpractice", nl: "Groepspraktijk", fr: "Cabinet de groupe", de: "Gemeinschaftspraxis",
            en: "Group practice"),
        OrganisationType(
            "orgprimaryhealthcarecenter", nl: "Medisch huis", fr: "Maison médicale", de: "Medizinisches Haus",
            en: "Primary health care centre"),
        OrganisationType(
            "orgretirementhome", nl: "Woonzorgcentrum", fr: "Maison de repos", de: "Wohn- und Pflegezentrum",
            en: "Retirement home"),
        OrganisationType(
            "orgrevalidationcenter", nl: "Revalidatiecentrum", fr: "Centre de revalidation",
            de: "Rehabilitationszentrum", en: "Rehabilitation centre"),
        OrganisationType(
            "orgshelteredliving", nl: "Beschut wonen", fr: "Habitation protégée", de: "Betreutes Wohnen",
            en: "Sheltered living"),
        OrganisationType(
            "orgpsychiatriccarehome", nl: "Psychiatrisch verzorgingstehuis", fr: "Maison de soins psychiatriques",
            de: "Psychiatrisches Pflegeheim", en: "Psychiatric care home"),
        OrganisationType("orgpolyclinic", nl: "Polikliniek", fr: "Polyclinique", de: "Poliklinik", en: "Polyclinic"),
        OrganisationType(
            "orginsurance", nl: "Verzekeringsinstelling", fr: "Organisme assureur", de: "Versicherungsträger",
            en: "Insurer"),
        OrganisationType(
            "orgpublichealth", nl: "Openbare gezondheidsdienst", fr: "Service de santé publique",
            de: "Öffentlicher Gesundheitsdienst", en: "Public health service"),
        OrganisationType(
            "orgenterprise", nl: "Onderneming", fr: "Entreprise", de: "Unternehmen", en: "Enterprise"),
    ]
}
