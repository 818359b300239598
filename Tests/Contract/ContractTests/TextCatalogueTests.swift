import FoundationEssentials
import Testing
import Vocabulary

@Suite("Every visible text is there in each language")
struct TextCatalogueTests {
    /// The folders that hold a catalogue.
    static let folders = [
        "Services/Authentication/Pages", "Services/ProfileResolution/Pages", "Services/Portal/Pages",
        "Shared/Pages/Assets",
    ]

    private func source(_ folder: String, _ language: Language) throws -> String {
        try SourceTree.text("\(folder)/texts.\(language.rawValue).json")
    }

    private func catalogue(_ folder: String, _ language: Language) throws -> [String: String] {
        try JSONDecoder().decode([String: String].self, from: Data(source(folder, language).utf8))
    }

    /// The keys in the order of the file, with those that stand there twice.
    private func listedKeys(_ folder: String, _ language: Language) throws -> [String] {
        try source(folder, language).split(separator: "\n").compactMap { line in
            line.firstMatch(of: /^\s*"([^"]+)"\s*:/).map { String($0.1) }
        }
    }

    /// The names in braces of a text.
    private func placeholders(_ text: String) -> Set<String> {
        Set(text.matches(of: /\{([A-Za-z][A-Za-z0-9]*)\}/).map { String($0.1) })
    }

    @Test("the languages have the same keys in the same order, none without a text", arguments: folders)
    func sameKeys(_ folder: String) throws {
        let wanted = try listedKeys(folder, .nl)
        for language in Language.allCases {
            let found = try listedKeys(folder, language)
            #expect(Set(wanted).subtracting(found).sorted() == [], "not in \(language)")
            #expect(Set(found).subtracting(wanted).sorted() == [], "in \(language), not in Dutch")
            #expect(found == wanted, "the order in \(language)")
            for (key, text) in try catalogue(folder, language) {
                let isVisible = text.contains { !$0.isWhitespace }
                #expect(isVisible, "\(key) is empty in \(language)")
            }
        }
    }

    @Test("a text has the same parameters in each language", arguments: folders)
    func parameters(_ folder: String) throws {
        let dutch = try catalogue(folder, .nl)
        for language in Language.allCases {
            let others = try catalogue(folder, language)
            for (key, text) in dutch {
                let other = others[key] ?? ""
                #expect(placeholders(text) == placeholders(other), "\(key): \(text) / \(other)")
            }
        }
    }

    @Test("a sentence that names a choice of the profile picker quotes its label")
    func quotedLabels() throws {
        let quotes = [
            ("nothing.way-provider-how", "picker.professions"), ("nothing.way-organisation-how", "picker.organisation"),
        ]
        for language in Language.allCases {
            let portal = try catalogue("Services/Portal/Pages", language)
            let picker = try catalogue("Services/ProfileResolution/Pages", language)
            for (sentence, label) in quotes {
                let text = portal[sentence] ?? ""
                // Without the colon that a label ends with, and the no-break space before it.
                let name = String((picker[label] ?? "?").prefix { $0 != ":" && $0 != "\u{A0}" })
                #expect(text.contains(name), "\(sentence) in \(language) does not name \(name)")
            }
        }
    }

    @Test("no key stands twice in a file, where the last would silently hold", arguments: folders)
    func duplicates(_ folder: String) throws {
        for language in Language.allCases {
            let keys = try listedKeys(folder, language)
            let twice = Dictionary(grouping: keys) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
            #expect(twice == [], "\(language)")
        }
    }
}
