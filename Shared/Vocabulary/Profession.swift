/// A profession in health care, from the catalogue; coded in JSON as its code.
package struct Profession: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The CD-HCPARTY code, such as `persphysician`.
    package let code: String
    package let name: LocalisedName

    /// A profession of the catalogue; nothing for an unknown code.
    package init?(code: String) {
        guard let known = Self.byCode[code] else { return nil }
        self = known
    }

    init(_ code: String, nl: String, fr: String, de: String, en: String) {
        self.code = code
        name = LocalisedName(nl: nl, fr: fr, de: de, en: en)
    }

    private static let byCode = Dictionary(catalogue.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })

    package var description: String { code }

    package static func == (left: Profession, right: Profession) -> Bool { left.code == right.code }

    package func hash(into hasher: inout Hasher) { hasher.combine(code) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Profession(code: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a profession of the catalogue")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }
}

extension Sequence where Element == Profession {
    /// The professions in the alphabetical order of a language.
    package func sorted(in language: Language) -> [Profession] {
        sorted { (collationKey($0.name[language]), $0.code) < (collationKey($1.name[language]), $1.code) }
    }
}
