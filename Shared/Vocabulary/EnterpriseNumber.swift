/// What is wrong with a text that should be a KBO number.
package enum EnterpriseNumberError: Error, Hashable, Sendable {
    /// Other characters than digits, spaces, dots, hyphens and slashes, but for a leading `BE`.
    case characters
    /// Neither ten digits nor nine of the old form.
    case length
    /// The first of the ten digits is neither 0 nor 1.
    case prefix
    /// The last two digits do not belong to the first eight.
    case checkDigits
}

/// The number by which the Crossroads Bank for Enterprises (KBO) names an enterprise: ten digits, the last two being
/// 97 minus the remainder of the first eight divided by 97 (so 97, never 00, where there is no remainder).
package struct EnterpriseNumber: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The ten digits.
    package let digits: String

    /// Reads a number as people write it, as a VAT number too; an old number of nine digits gets its leading zero.
    package init(_ text: String) throws(EnterpriseNumberError) {
        let hasCountry = text.prefix(2).uppercased() == "BE"
        guard var bytes = compactDigits(String(text.dropFirst(hasCountry ? 2 : 0)), separators: " .-/") else {
            throw .characters
        }
        if bytes.count == 9 { bytes.insert(UInt8(ascii: "0"), at: 0) }
        guard bytes.count == 10, let base = Int(digits: bytes.prefix(8), count: 8),
            let check = Int(digits: bytes.suffix(2), count: 2)
        else { throw .length }
        guard bytes[0] == UInt8(ascii: "0") || bytes[0] == UInt8(ascii: "1") else { throw .prefix }
        guard check == 97 - base % 97 else { throw .checkDigits }
        digits = String(decoding: bytes, as: UTF8.self)
    }

    /// The print format, `0403.019.261`.
    package var formatted: String { "\(digits.prefix(4)).\(digits.dropFirst(4).prefix(3)).\(digits.suffix(3))" }

    package var description: String { formatted }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = try EnterpriseNumber(try container.decode(String.self))
        } catch let error as EnterpriseNumberError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a KBO number: \(error)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(digits)
    }
}
