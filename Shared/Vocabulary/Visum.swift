/// The licence to practise that the FPS Public Health gives, by its number.
///
/// Its format is published nowhere, so it is kept as it was delivered: 1 to 64 printable characters.
package struct Visum: Hashable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    /// Takes the text without the white space around it; nothing where it is empty, too long or not printable.
    package init?(_ text: String) {
        var scalars = text.unicodeScalars[...]
        while scalars.first?.properties.isWhitespace == true { scalars.removeFirst() }
        while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
        guard (1...64).contains(scalars.count), scalars.allSatisfy(Self.isPrintable) else { return nil }
        self.text = String(scalars)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    package var description: String { text }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Visum(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a visum number")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
