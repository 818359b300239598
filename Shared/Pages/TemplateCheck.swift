import Vocabulary

/// Finds what a template refers to, so that a wrong name stops the start and not a reader.
struct TemplateCheck {
    let name: String
    let text: String

    /// Refuses a template that names a partial that nobody wrote, or a text that one of the languages lacks.
    func check(catalogue: Catalogue, templates: Set<String>) throws {
        for tag in tags {
            switch tag.first {
            case ">":
                let partial = String(tag.dropFirst().trimmedWhitespace)
                guard templates.contains(partial) else {
                    throw CatalogueError(description: "template \(name) includes \(partial), which does not exist")
                }
            default:
                let variable = String(tag.drop { "#^/&{".contains($0) }.trimmedWhitespace)
                guard variable.hasPrefix("t.") else { continue }
                let key = String(variable.dropFirst(2))
                for language in catalogue.languages where catalogue.text(key, in: language) == nil {
                    throw CatalogueError(
                        description: "template \(name) shows \(key), which has no text in \(language.rawValue)")
                }
            }
        }
    }

    private var tags: [Substring] {
        var found: [Substring] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "{{") {
            rest = rest[open.upperBound...]
            guard let close = rest.firstRange(of: "}}") else { break }
            found.append(rest[..<close.lowerBound])
            rest = rest[close.upperBound...]
        }
        return found
    }
}
