import FoundationEssentials
package import Vocabulary

/// Facts of a reason as a reader gets to read them: a date as people write it, a code as its name.
package enum FactTexts {
    /// Each fact in the reader's language; one of an unknown name is left as it is.
    ///
    /// - Parameter civil: which day it was at an instant.
    package static func written(
        _ facts: [String: String], in language: Language, civil: CivilTime
    ) -> [String: String] {
        facts.reduce(into: [:]) { texts, fact in texts[fact.key] = text(fact.key, fact.value, language, civil) }
    }

    private static func text(_ name: String, _ value: String, _ language: Language, _ civil: CivilTime) -> String {
        switch FactName(rawValue: name) {
        case .profession: Profession(code: value)?.name[language] ?? value
        case .mandateType: MandateType(rawValue: value)?.name[language] ?? value
        case .startsOn, .endsOn, .since, .expectedBy, .today: LocalDate(value)?.written ?? value
        case .endedAt: Instant(value).map { civil.day(at: $0).written } ?? value
        case .until: Instant(value).map { civil.clock(notBefore: $0) } ?? value
        case .organisation, .role, .source, .reference, .manner, nil: value
        }
    }
}

extension LocalDate {
    /// `31/01/2026`.
    package var written: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(day))/\(two(month))/\(year)"
    }
}
