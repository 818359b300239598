/// What is wrong with a text that should be a RIZIV number.
package enum RizivNumberError: Error, Hashable, Sendable {
    /// Other characters than digits, spaces, dots, hyphens and slashes.
    case characters
    /// Neither eight nor eleven digits.
    case length
    /// The number begins with 0, which stands for no profession and no kind of institution.
    case prefix
    /// Digits seven and eight belong to none of the moduli.
    case checkDigits
}

/// The number that RIZIV gives to a care provider or an institution: profession (1), sequence (5), check digits (2),
/// and, in the long form, the code of the qualification (3).
///
/// The check digits are 97 minus the remainder of the first six digits divided by 97, or, for ranges that ran out,
/// the same with 89. So six digits can be given out twice, and a person is named by eight.
package struct RizivNumber: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Eight or eleven digits.
    package let digits: String

    /// Reads a number as people write it.
    ///
    /// - Parameter moduli: those whose check digits are accepted.
    package init(_ text: String, moduli: [Int] = [97, 89]) throws(RizivNumberError) {
        guard let bytes = compactDigits(text, separators: " .-/") else { throw .characters }
        guard bytes.count == 8 || bytes.count == 11, let base = Int(digits: bytes.prefix(6), count: 6),
            let check = Int(digits: bytes.dropFirst(6).prefix(2), count: 2)
        else { throw .length }
        guard base >= 100_000 else { throw .prefix }
        guard moduli.contains(where: { $0 > 0 && check == $0 - base % $0 }) else { throw .checkDigits }
        digits = String(decoding: bytes, as: UTF8.self)
    }

    /// The first eight digits, which stay the same for a whole career.
    package var personKey: String { String(digits.prefix(8)) }

    /// The last three digits of the long form, which change with the recognition; an opaque code.
    package var qualification: String? { digits.utf8.count == 11 ? String(digits.suffix(3)) : nil }

    /// The print format, `1-99999-15-000` or `1-99999-15`.
    package var formatted: String {
        let head = "\(digits.prefix(1))-\(digits.dropFirst().prefix(5))-\(digits.dropFirst(6).prefix(2))"
        return qualification.map { "\(head)-\($0)" } ?? head
    }

    package var description: String { formatted }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = try RizivNumber(try container.decode(String.self))
        } catch let error as RizivNumberError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a RIZIV number: \(error)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(digits)
    }
}
