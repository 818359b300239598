/// What a line of text that people type or deliver may be: how long it is, and of which characters.
///
/// Pages, APIs, imports and the database's CHECKs all mean the same length: Unicode code points, as `char_length` of
/// PostgreSQL counts. Swift's `count` would take a letter with three accents for one.
package struct TextRule: Hashable, Sendable {
    /// What is wrong with a text.
    package enum Defect: String, Error, Hashable, Sendable {
        case missing
        case tooShort = "too-short"
        case tooLong = "too-long"
        /// A line break, another control character, or one that turns the direction of what follows.
        case malformed
    }

    /// How many code points it may have; from 0 where it may be empty.
    package let length: ClosedRange<Int>

    /// A rule by its length in code points.
    package init(_ length: ClosedRange<Int>) { self.length = length }

    /// One of a person's names; some people have one only, see ``PersonNames``.
    package static let personName = TextRule(1...100)
    package static let organisationName = TextRule(1...200)
    package static let email = TextRule(3...254)
    package static let phone = TextRule(6...30)
    package static let street = TextRule(1...120)
    package static let postalCode = TextRule(1...12)
    package static let city = TextRule(1...80)
    /// What is typed to find somebody by her name.
    package static let searchedName = TextRule(0...100)

    /// What is wrong with a text as it stands; nil when it may be taken.
    package func defect(in text: String) -> Defect? {
        let count = text.unicodeScalars.count
        guard count > 0 else { return length.lowerBound == 0 ? nil : .missing }
        if count > length.upperBound { return .tooLong }
        guard text.unicodeScalars.allSatisfy(\.isOfText) else { return .malformed }
        return count < length.lowerBound ? .tooShort : nil
    }

    /// The text without the white space around it.
    package func read(_ text: String) throws(Defect) -> String {
        var scalars = text.unicodeScalars[...]
        while scalars.first?.properties.isWhitespace == true { scalars.removeFirst() }
        while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
        let line = String(scalars)
        if let defect = defect(in: line) { throw defect }
        return line
    }
}

extension Unicode.Scalar {
    /// Whether it belongs in a line that people read: no control character, no line break, nothing that changes the
    /// direction of what follows or that nobody sees, apart from the joiners that some scripts and emoji are written with.
    package var isOfText: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        case .format: value == 0x200C || value == 0x200D
        default: true
        }
    }
}

/// A person's names: first and last, of which one may be empty, since there are people with one name.
package struct PersonNames: Hashable, Sendable {
    package let first: String
    package let last: String

    /// Which of the two is wrong, and how; for names that are both empty the last one is missing.
    package struct Defect: Error, Hashable, Sendable {
        package enum Part: Hashable, Sendable { case first, last }
        package let part: Part
        package let defect: TextRule.Defect
    }

    /// Takes both without the white space around them.
    package init(first: String, last: String) throws(Defect) {
        self.first = try Self.read(first, .first)
        self.last = try Self.read(last, .last)
        if self.first.isEmpty && self.last.isEmpty { throw Defect(part: .last, defect: .missing) }
    }

    private static func read(_ text: String, _ part: Defect.Part) throws(Defect) -> String {
        do { return try TextRule(0...TextRule.personName.length.upperBound).read(text) } catch {
            throw Defect(part: part, defect: error)
        }
    }

    /// Both with a blank between them, or the only one.
    package static func joined(_ first: String, _ last: String) -> String {
        first.isEmpty || last.isEmpty ? first + last : "\(first) \(last)"
    }
}
