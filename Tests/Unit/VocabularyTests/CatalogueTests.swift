import FoundationEssentials
import Testing
import Vocabulary

@Suite("Catalogues")
struct CatalogueTests {
    @Test("codes are unique, and each name is there in each language")
    func complete() {
        #expect(Set(Profession.catalogue.map(\.code)).count == Profession.catalogue.count)
        #expect(Set(OrganisationType.catalogue.map(\.code)).count == OrganisationType.catalogue.count)
        for name in Profession.catalogue.map(\.name) + OrganisationType.catalogue.map(\.name) {
            for language in Language.allCases { #expect(!name[language].isEmpty) }
        }
    }

    @Test("the five professions of the portal's screen have its words, in its order")
    func screen() {
        let codes = [
            "persphysiotherapist", "persaudician", "persphysician", "perspharmacistclinicalbiologist", "perspharmacist",
        ]
        let sorted = codes.compactMap(Profession.init(code:)).sorted(in: .nl)
        #expect(
            sorted.map(\.name.nl) == ["Apotheker", "Apotheker-bioloog", "Arts", "Audicien", "Kinesitherapeut"])
    }

    @Test("accents and letter case do not change the place in the alphabet")
    func collation() {
        #expect(collationKey("Éducateur") == collationKey("educateur"))
        #expect(collationKey("Diëtist") < collationKey("Dirigent"))
        #expect(collationKey("e\u{301}") == collationKey("é"))
    }

    @Test("an unknown code is no profession and no kind of organisation")
    func unknown() {
        #expect(Profession(code: "persastronaut") == nil)
        #expect(OrganisationType(code: "orgspaceport") == nil)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Profession].self, from: Data(#"["persastronaut"]"#.utf8))
        }
    }

    @Test("levels are ordered and named as the federal service names them")
    func levels() {
        #expect(Acr.level350 < .level400)
        #expect(Acr.level400.uri == "urn:be:fedict:iam:fas:Level400")
        for level in Acr.levels { #expect(Acr(level: level).flatMap { Acr(uri: $0.uri) }?.level == level) }
        for text in ["urn:be:fedict:iam:fas:Level401", "Level400", "urn:be:fedict:iam:fas:Level0400", ""] {
            #expect(Acr(uri: text) == nil)
        }
    }

    @Test("the five keys stand in the chooser's three groups, in its order")
    func keys() {
        #expect(DigitalKey.allCases.map(\.rawValue) == ["eid", "itsme", "email-code", "app-code", "eidas"])
        let groups = DigitalKey.allCases.map(\.group)
        #expect(groups == [.eidAndPartners, .eidAndPartners, .securityCode, .securityCode, .european])
        #expect(DigitalKey.allCases.map(\.level.level) == [500, 450, 350, 400, 500])
    }
}

@Suite("Mandate types")
struct MandateTypeTests {
    @Test("the administrative dossier covers all but the accreditation")
    func administrative() {
        let covered = DossierAction.allCases.filter(MandateType.administrativeDossier.covers)
        #expect(Set(DossierAction.allCases).subtracting(covered) == [.viewAccreditation, .applyForAccreditation])
    }

    @Test("the social statute covers its own dossier and no contact data")
    func socialStatute() {
        let covered = DossierAction.allCases.filter(MandateType.socialStatute.covers)
        #expect(Set(covered) == [.viewWelcome, .viewSocialStatute, .contestSocialStatute, .viewPayments])
    }
}
