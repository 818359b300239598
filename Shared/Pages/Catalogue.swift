import FoundationEssentials
package import Vocabulary

/// A text file or template that the pages cannot be built from.
package struct CatalogueError: Error, CustomStringConvertible {
    /// What is wrong, for the person who wrote the template or text.
    package let description: String
}

/// Every visible text, by language and key.
///
/// A text may hold facts in braces: `Het mandaat werd gestopt op {date}.`
package struct Catalogue: Sendable {
    private let texts: [Language: [String: String]]
    private let product: ProductName

    /// Reads one flat JSON object of key and text per language; later files overrule earlier ones key by key.
    ///
    /// - Parameter product: the fact `product` of every text.
    package init(_ files: [[Language: [UInt8]]], product: ProductName = .standard) throws {
        self.product = product
        var texts: [Language: [String: String]] = [:]
        for file in files {
            for (language, bytes) in file {
                do {
                    let read = try JSONDecoder().decode([String: String].self, from: Data(bytes))
                    texts[language, default: [:]].merge(read) { _, later in later }
                } catch {
                    throw CatalogueError(
                        description: "the texts in \(language.rawValue) are no flat JSON object: \(error)")
                }
            }
        }
        self.texts = texts
        guard !texts.isEmpty else { throw CatalogueError(description: "there is no language") }
    }

    /// The languages a reader can choose, in the order in which the pages offer them.
    package var languages: [Language] {
        [Language.nl, .fr, .de, .en].filter { texts[$0] != nil }
    }

    /// The keys of one language.
    package func keys(_ language: Language) -> Set<String> {
        Set((texts[language] ?? [:]).keys)
    }

    /// The text with its facts filled in, or nothing when the language has no such key.
    package func text(_ key: String, _ facts: [String: String] = [:], in language: Language) -> String? {
        texts[language]?[key].map { text in
            Self.fill(text, with: facts.merging(["product": product[language]]) { given, _ in given })
        }
    }

    /// The text when all its facts are known, or nothing: a sentence with a gap says less than a general one.
    package func wholeText(_ key: String, _ facts: [String: String], in language: Language) -> String? {
        guard let text = texts[language]?[key] else { return nil }
        guard Self.placeholders(of: text).isSubset(of: Set(facts.keys).union(["product"])) else { return nil }
        return self.text(key, facts, in: language)
    }

    /// The names of the facts that a text has places for.
    package static func placeholders(of text: String) -> Set<String> {
        Set(text.matches(of: /\{([A-Za-z]+)\}/).map { String($0.output.1) })
    }

    /// Replaces each `{name}` for which there is a fact; another brace stays as it stands.
    package static func fill(_ text: String, with facts: [String: String]) -> String {
        guard text.contains("{") else { return text }
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: "}") else { break }
            let name = String(rest[rest.index(after: open)..<close])
            result += facts[name] ?? String(rest[open...close])
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
