import Mustache
import Vocabulary

/// What `{{t.some.key}}` in a template finds: it walks the dots of a key and ends in its text.
///
/// A text is given back as plain text, so the template escapes it and the facts in it.
struct TextNode: MustacheParent, MustacheCustomRenderable, Sendable {
    let catalogue: Catalogue
    let language: Language
    let facts: [String: String]
    var key = ""

    func child(named name: String) -> Any? {
        var child = self
        child.key = key.isEmpty ? name : "\(key).\(name)"
        return child
    }

    var renderText: String { catalogue.text(key, facts, in: language) ?? "[\(key)]" }

    var isNull: Bool { catalogue.text(key, facts, in: language) == nil }
}
