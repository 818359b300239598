/// A statement whose values are bound, never written into its text.
///
///     "SELECT name FROM organisation WHERE organisation_id = \(id) AND status = \(status)"
///
/// Each `\(value)` becomes `$1`, `$2`, … and travels beside the text in PostgreSQL's binary format.
package struct SQL: Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// The text between the binds: always one more than there are binds.
    private(set) var parts: [String]
    /// The text with `$n` at the place of each bind.
    private(set) var text: String
    /// Type of each bind.
    private(set) var types: [UInt32]
    /// The binds in binary format, one after the other.
    private(set) var bytes: [UInt8]
    /// The end of each bind in `bytes`; -1 means NULL.
    private(set) var ends: [Int32]

    /// A statement without binds.
    package init(stringLiteral value: String) {
        parts = [value]
        text = value
        types = []
        bytes = []
        ends = []
    }

    /// A statement with binds.
    package init(stringInterpolation: Interpolation) {
        parts = stringInterpolation.parts
        types = stringInterpolation.types
        bytes = stringInterpolation.bytes
        ends = stringInterpolation.ends
        text = parts[0]
        for index in types.indices {
            text += "$\(index + 1)"
            text += parts[index + 1]
        }
    }

    /// The text; values show as `$n`.
    package var description: String { text }

    /// Fragments one after the other, with `separator` between them.
    package static func joined(_ fragments: [SQL], separator: StaticString) -> SQL {
        var interpolation = Interpolation(literalCapacity: 0, interpolationCount: fragments.count)
        for (index, fragment) in fragments.enumerated() {
            if index > 0 { interpolation.appendInterpolation(trusted: separator) }
            interpolation.appendInterpolation(fragment: fragment)
        }
        return SQL(stringInterpolation: interpolation)
    }

    /// A script that the migrator runs: its text is part of the program.
    init(script: String) { self.init(stringLiteral: script) }
}

extension SQL {
    /// Whether the statement begins as one that only reads.
    var isSelect: Bool { text.drop { $0.isWhitespace }.prefix(6).lowercased() == "select" }

    /// Collects text and binds.
    package struct Interpolation: StringInterpolationProtocol {
        var parts: [String] = [""]
        var types: [UInt32] = []
        var bytes: [UInt8] = []
        var ends: [Int32] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            parts.reserveCapacity(interpolationCount + 1)
            types.reserveCapacity(interpolationCount)
            ends.reserveCapacity(interpolationCount)
            bytes.reserveCapacity(interpolationCount * 16)
        }

        package mutating func appendLiteral(_ literal: String) {
            parts[parts.count - 1] += literal
        }

        /// Binds a value.
        package mutating func appendInterpolation<Value: PostgresValue>(_ value: Value) {
            let present = value.encode(into: &bytes)
            types.append(Value.postgresType)
            ends.append(present ? Int32(bytes.count) : -1)
            parts.append("")
        }

        /// Binds a value that may be absent, which means NULL.
        package mutating func appendInterpolation<Value: PostgresValue>(_ value: Value?) {
            let present = value?.encode(into: &bytes) ?? false
            types.append(Value.postgresType)
            ends.append(present ? Int32(bytes.count) : -1)
            parts.append("")
        }

        /// Text of the program itself, such as a column list.
        package mutating func appendInterpolation(trusted: StaticString) {
            parts[parts.count - 1] += trusted.description
        }

        /// A name (table, role, database), quoted, so that it can only be a name.
        package mutating func appendInterpolation(identifier: String) {
            parts[parts.count - 1] += "\"" + identifier.replacing("\"", with: "\"\"") + "\""
        }

        /// A part of a statement, with its binds.
        package mutating func appendInterpolation(fragment: SQL) {
            parts[parts.count - 1] += fragment.parts[0]
            parts.append(contentsOf: fragment.parts.dropFirst())
            types.append(contentsOf: fragment.types)
            let offset = Int32(bytes.count)
            bytes.append(contentsOf: fragment.bytes)
            ends.append(contentsOf: fragment.ends.map { $0 < 0 ? -1 : $0 + offset })
        }
    }
}
