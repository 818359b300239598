/// The id of an installation, such as `production`: it tells the events of two suites on one cluster apart.
package struct EnvironmentID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Takes an id: 1 to 63 lower-case letters, digits and hyphens, a letter first; nil for anything else.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard (1...63).contains(bytes.count), bytes.first.map({ (0x61...0x7a).contains($0) }) == true,
            bytes.allSatisfy({ (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d })
        else { return nil }
        description = text
    }
}

/// Who published: a source of an installation, as `urn:toegang:<environment>:<source>`.
package struct EventOrigin: Hashable, Sendable, Codable, CustomStringConvertible {
    package let source: EventSource
    package let environment: EnvironmentID

    /// Names a source.
    package init(source: EventSource, environment: EnvironmentID) {
        self.source = source
        self.environment = environment
    }

    package var description: String { "\(Self.prefix)\(environment):\(source.rawValue)" }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        let parts = text.dropFirst(Self.prefix.count).split(separator: ":", omittingEmptySubsequences: false)
        guard text.hasPrefix(Self.prefix), parts.count == 2, let environment = EnvironmentID(String(parts[0])),
            let source = EventSource(rawValue: String(parts[1]))
        else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a source of Toegang")
        }
        self.init(source: source, environment: environment)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    private static let prefix = "urn:toegang:"
}
