package import Configuration
package import Settings
package import Vocabulary

/// What the portal is called in each language: the name in the header, in titles, and wherever a text says where one is
/// or goes back to.
package struct ProductName: Sendable, Hashable {
    private let names: [Language: String]

    /// ProGezondheid, which is called ProSanté in French.
    package static let standard = ProductName([:])

    /// - Parameter names: the name by language; a language without one has the standard's.
    package init(_ names: [Language: String]) {
        self.names = names
    }

    /// The longest name that still fits in a header on a telephone, in characters.
    package static let maximumLength = 40

    /// Reads `productName.nl`, `productName.fr`, `productName.de` and `productName.en`.
    ///
    /// - Throws: the first key whose name is too long.
    package init(_ reader: ConfigReader) throws(ConfigurationProblem) {
        var names: [Language: String] = [:]
        for language in Language.allCases {
            let key = "productName.\(language.rawValue)"
            guard let name = reader.optionalText(key) else { continue }
            guard name.count <= Self.maximumLength else {
                throw ConfigurationProblem(key, "must have at most \(Self.maximumLength) characters")
            }
            names[language] = name
        }
        self.names = names
    }

    /// The name in a language.
    package subscript(language: Language) -> String {
        names[language] ?? (language == .fr ? "ProSanté" : "ProGezondheid")
    }
}
