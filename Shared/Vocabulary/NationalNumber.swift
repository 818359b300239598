/// What is wrong with a text that should be a national number; never says which number it was.
package enum NationalNumberError: Error, Hashable, Sendable {
    /// Other characters than digits, spaces, dots and hyphens.
    case characters
    /// Not eleven digits.
    case length
    /// The last two digits do not belong to the first nine, in neither century.
    case checkDigits
    /// The month is none of 0–12, 20–32 and 40–52.
    case month
    /// The month of birth has no such day.
    case day
    /// The sequence is 000 or 999, which are not given out.
    case sequence
    /// The birth date that the check digits point to lies in the future.
    case future
}

/// Whether the register knows a person as male or female.
package enum Sex: String, Hashable, Sendable, Codable { case male, female }

/// A birth date as far as it was known when the number was given out.
package struct BirthDate: Hashable, Sendable {
    package let year: Int?
    /// Nothing when unknown; then the day is unknown as well.
    package let month: Int?
    package let day: Int?
}

/// The number by which the National Register or the Crossroads Bank names a person: `YYMMDD XXX CC`.
///
/// In a BIS number the month is raised by 20 (sex unknown when it was given out) or by 40. The check digits are
/// 97 minus the remainder of the first nine digits divided by 97, for those born from 2000 on with a 2 before the nine;
/// as 2 000 000 000 is no multiple of 97, they tell the century as well.
///
/// Deliberately not `Codable`, and shown masked wherever it might be printed: it belongs in no log, event or address.
package struct NationalNumber: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// Which register gave the number out.
    package enum Kind: String, Hashable, Sendable, Codable { case register, bis }

    /// The eleven digits.
    package let digits: String
    package let kind: Kind
    package let birthDate: BirthDate
    /// Nothing where a BIS number was given out before the sex was known.
    package let sex: Sex?

    /// Reads a number as people write it: digits with spaces, dots or hyphens between them.
    ///
    /// - Parameter today: decides whether a birth date lies in the future.
    package init(_ text: String, today: LocalDate) throws(NationalNumberError) {
        guard let bytes = compactDigits(text, separators: " .-") else { throw .characters }
        guard let base = Int(digits: bytes.prefix(9), count: 9), let check = Int(digits: bytes.dropFirst(9), count: 2)
        else { throw .length }
        guard let century = Self.century(base: base, check: check) else { throw .checkDigits }
        let month = base / 100_000 % 100
        guard [0...12, 20...32, 40...52].contains(where: { $0.contains(month) }) else { throw .month }
        let sequence = base % 1000
        guard sequence != 0, sequence != 999 else { throw .sequence }
        guard Self.dayExists(base: base, century: century) else { throw .day }
        birthDate = Self.birthDate(base: base, century: century)
        guard Self.isPast(birthDate, century: century, yearOfCentury: base / 10_000_000, today: today) else {
            throw .future
        }
        digits = String(decoding: bytes, as: UTF8.self)
        kind = month < 20 ? .register : .bis
        sex = (20...32).contains(month) ? nil : (sequence % 2 == 1 ? .male : .female)
    }

    /// 1900 or 2000, as the check digits say; nothing when they fit neither.
    private static func century(base: Int, check: Int) -> Int? {
        if check == 97 - base % 97 { return 1900 }
        if check == 97 - (2_000_000_000 + base) % 97 { return 2000 }
        return nil
    }

    private static func birthDate(base: Int, century: Int) -> BirthDate {
        let date = base / 1000
        let (twoDigitYear, month, day) = (date / 10_000, date / 100 % 100 % 20, date % 100)
        // 1900/00/01 and 2000/00/01 stand for a wholly unknown date.
        if twoDigitYear == 0, month == 0, day == 1 { return BirthDate(year: nil, month: nil, day: nil) }
        let year = century + twoDigitYear
        // A month of zero is unknown, or the numbers of the day ran out; then the day is only a counter.
        guard month > 0 else { return BirthDate(year: year, month: nil, day: nil) }
        return BirthDate(year: year, month: month, day: day == 0 ? nil : day)
    }

    /// A day of zero is unknown; in a month of zero the day is a counter.
    private static func dayExists(base: Int, century: Int) -> Bool {
        let date = base / 1000
        let (year, month, day) = (century + date / 10_000, date / 100 % 100 % 20, date % 100)
        return month == 0 || day <= LocalDate.length(ofMonth: month, in: year)
    }

    private static func isPast(_ date: BirthDate, century: Int, yearOfCentury: Int, today: LocalDate) -> Bool {
        guard century + yearOfCentury == today.year else { return century + yearOfCentury < today.year }
        guard let month = date.month else { return true }
        return (month, date.day ?? 1) <= (today.month, today.day)
    }
}

// MARK: - Text

extension NationalNumber {
    /// The print format, `85.07.30-033.28`: only for a page that its own person sees.
    package var formatted: String {
        let part = { (range: Range<Int>) in String(Array(digits)[range]) }
        return "\(part(0..<2)).\(part(2..<4)).\(part(4..<6))-\(part(6..<9)).\(part(9..<11))"
    }

    /// The birth date part alone, `85.07.30-***.**`.
    package var masked: String { "\(formatted.prefix(9))***.**" }

    package var description: String { masked }
    package var debugDescription: String { masked }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
