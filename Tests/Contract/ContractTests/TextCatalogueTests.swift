import FoundationEssentials
import Testing

@Suite("Every visible text is there in Dutch and in English")
struct TextCatalogueTests {
    /// The folders that hold a catalogue.
    static let folders = [
        "Services/Authentication/Pages", "Services/ProfileResolution/Pages", "Services/Portal/Pages",
        "Shared/Pages/Assets",
    ]

    private func catalogue(_ folder: String, _ language: String) throws -> [String: String] {
        let text = try SourceTree.text("\(folder)/texts.\(language).json")
        return try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    }

    /// The names in braces of a text.
    private func placeholders(_ text: String) -> Set<String> {
        Set(text.matches(of: /\{([A-Za-z][A-Za-z0-9]*)\}/).map { String($0.1) })
    }

    @Test("both languages have the same keys, none without a text", arguments: folders)
    func keys(_ folder: String) throws {
        let (dutch, english) = (try catalogue(folder, "nl"), try catalogue(folder, "en"))
        #expect(Set(dutch.keys).subtracting(english.keys).sorted() == [], "not in English")
        #expect(Set(english.keys).subtracting(dutch.keys).sorted() == [], "not in Dutch")
        for (key, text) in Array(dutch) + Array(english) {
            let isVisible = text.contains { !$0.isWhitespace }
            #expect(isVisible, "\(key) is empty")
        }
    }

    @Test("a text has the same parameters in both languages", arguments: folders)
    func parameters(_ folder: String) throws {
        let (dutch, english) = (try catalogue(folder, "nl"), try catalogue(folder, "en"))
        for (key, text) in dutch {
            let other = english[key] ?? ""
            #expect(placeholders(text) == placeholders(other), "\(key): \(text) / \(other)")
        }
    }

    @Test("no key stands twice in a file, where the last would silently hold", arguments: folders)
    func duplicates(_ folder: String) throws {
        for language in ["nl", "en"] {
            let text = try SourceTree.text("\(folder)/texts.\(language).json")
            let keys = text.split(separator: "\n").compactMap { line -> String? in
                line.firstMatch(of: /^\s*"([^"]+)"\s*:/).map { String($0.1) }
            }
            let twice = Dictionary(grouping: keys) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
            #expect(twice == [])
        }
    }
}
