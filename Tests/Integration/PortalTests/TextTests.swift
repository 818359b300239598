import FoundationEssentials
import Pages
import Portal
import PortalDomain
import Testing
import Vocabulary

@Suite("Texts of the portal") struct TextTests {
    private func texts(_ language: Language) throws -> [String: String] {
        let bytes = try #require(PortalTemplates.texts[language])
        return try JSONDecoder().decode([String: String].self, from: Data(bytes))
    }

    @Test("the languages have the same keys with the same facts, and every template finds its texts")
    func complete() throws {
        let dutch = try texts(.nl)
        for language in Language.allCases {
            let others = try texts(language)
            #expect(Set(others.keys) == Set(dutch.keys), "\(language)")
            for (key, text) in dutch {
                let other = others[key] ?? ""
                #expect(
                    Set(text.matches(of: /\{\w+\}/).map(\.output)) == Set(other.matches(of: /\{\w+\}/).map(\.output)),
                    "\(key) in \(language)")
                #expect(!other.isEmpty, "\(key) in \(language)")
            }
        }
        _ = try PageRenderer(templates: PortalTemplates.templates, texts: PortalTemplates.texts)
    }

    @Test("each way a sign-in or a session can end has its page, and each field and flaw its words")
    func endings() throws {
        let nl = try texts(.nl)
        let pages =
            SignInRefusal.allCases.map { "sign-in.refused.\($0.rawValue)" }
            + SessionLifetime.End.allCases.map { "ended.\($0.rawValue)" }
        for page in pages {
            for part in ["title", "happened", "todo"] { #expect(nl["\(page).\(part)"] != nil, "\(page).\(part)") }
        }
        for field in ContactForm.Field.allCases { #expect(nl["contact.\(field.rawValue)"] != nil) }
        for flaw in ContactForm.Flaw.allCases { #expect(nl["contact.\(flaw.rawValue)"] != nil) }
        for field in GrantorCriteria.Field.allCases {
            #expect(nl["grantors.\(field.rawValue)"] != nil && nl["grantors.\(field.rawValue)-wrong"] != nil)
        }
        for field in RightForm.Field.allCases {
            #expect(nl["right.\(field.rawValue)"] != nil && nl["right.\(field.rawValue)-wrong"] != nil)
        }
    }

    @Test("the words of the seed are on the pages as they were written")
    func seed() throws {
        let nl = try texts(.nl)
        #expect(nl["selection.title"] == "Profiel selectie")
        #expect(
            nl["selection.question"]
                == "Onder welk profiel wenst u verder te gaan? U beschikt over meerdere profielen binnen MyRiziv.")
        #expect(nl["selection.holder"] == "Doorgaan als mandaathouder")
        #expect(nl["selection.citizen"] == "Doorgaan als burger")
        #expect(nl["grantors.title"] == "Mandaatgever zoeken")
        #expect(nl["grantors.more"] == "Meer info")
        #expect(
            GrantorCriteria.Field.allCases.map { nl["grantors.\($0.rawValue)"] }
                == ["RIZIV-nummer", "Rijksregisternummer", "Naam", "Voornaam"])
        #expect(nl["grantors.count"]?.hasPrefix("Aantal gevonden resultaten : ") == true)
        #expect(nl["grantors.count"]?.hasSuffix("Tonen {size}") == true)
    }
}
