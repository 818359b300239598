import ContractCore
package import Hummingbird
import Vocabulary

/// Why a form could not be decoded.
package enum FormError: Error, Equatable {
    /// A percent escape or the text it stands for is broken.
    case malformed
    /// A name occurs twice, or there are more fields than any of our pages has.
    case unexpectedFields
}

/// The fields of a submitted form, each at most once, unless its reader says that it may be repeated.
package struct FormData: Sendable {
    /// No page of ours has more fields than this.
    package static let maximumFields = 64

    private let fields: [String: String]
    private let repeated: [String: [String]]

    /// Fields that are already decoded.
    package init(_ fields: [String: String] = [:]) {
        self.fields = fields
        repeated = [:]
    }

    /// The value as it was sent.
    package subscript(_ name: String) -> String? { fields[name] }

    /// All values of a field that was read as repeatable, in their order.
    package func all(_ name: String) -> [String] { repeated[name] ?? [] }

    /// The value without the spaces around it; an empty text when the field is absent.
    package func trimmed(_ name: String) -> String { String((fields[name] ?? "").trimmedWhitespace) }

    /// Reads the body of a request.
    ///
    /// - Parameter limit: bytes at most.
    /// - Throws: a `Problem`: 415 for a body of another type, 413 for one that is too large, 400 for a broken one.
    package static func read(_ request: Request, limit: Int = defaultBodyLimit) async throws(Problem) -> FormData {
        try request.requireMediaType("application/x-www-form-urlencoded")
        let bytes = try await request.readBody(limit: limit)
        do {
            return try FormData(encoded: bytes)
        } catch {
            throw Problem(.malformedRequest, "The form cannot be read.")
        }
    }

    /// Decodes `name=value&name=value`.
    ///
    /// - Parameter repeatable: the names that may occur more than once, to be read by ``all(_:)``.
    package init(encoded: [UInt8], repeatable: Set<String> = []) throws(FormError) {
        var fields: [String: String] = [:]
        var repeated: [String: [String]] = [:]
        var count = 0
        for pair in encoded.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first, let name = Self.decode(first),
                let value = Self.decode(parts.count == 2 ? parts[1] : [])
            else { throw .malformed }
            count += 1
            guard count <= Self.maximumFields else { throw .unexpectedFields }
            if repeatable.contains(name) {
                repeated[name, default: []].append(value)
            } else if fields.updateValue(value, forKey: name) != nil {
                throw .unexpectedFields
            }
        }
        self.fields = fields
        self.repeated = repeated
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "+"):
                result.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.endIndex, let high = hex(bytes[index + 1]), let low = hex(bytes[index + 2])
                else {
                    return nil
                }
                result.append(high << 4 | low)
                index += 2
            case let byte:
                result.append(byte)
            }
            index += 1
        }
        // A NUL is no text of a person, and PostgreSQL refuses it.
        guard !result.contains(0) else { return nil }
        return String(validating: result, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
