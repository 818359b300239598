/// A date of the Gregorian calendar, from 0000-01-01 to 9999-12-31, with no time zone.
package struct LocalDate: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let year: Int
    /// From 1 to 12.
    package let month: Int
    /// From 1 to the length of the month.
    package let day: Int

    /// A date that the calendar has; nothing otherwise.
    package init?(year: Int, month: Int, day: Int) {
        guard (0...9999).contains(year), (1...12).contains(month),
            (1...Self.length(ofMonth: month, in: year)).contains(day)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Reads `yyyy-mm-dd`; nothing for any other text.
    package init?(_ text: String) { self.init(ascii: Array(text.utf8)[...]) }

    /// Reads `yyyymmdd`, the form of bulk files; nothing for any other text.
    package init?(compact text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 8, let year = Int(digits: bytes[0..<4], count: 4),
            let month = Int(digits: bytes[4..<6], count: 2), let day = Int(digits: bytes[6..<8], count: 2)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    init?(ascii bytes: ArraySlice<UInt8>) {
        let parts = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3, let year = Int(digits: parts[0], count: 4),
            let month = Int(digits: parts[1], count: 2), let day = Int(digits: parts[2], count: 2)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The date that lies so many days after 1970-01-01; the ends of the range hold.
    ///
    /// Counts in years that begin on 1 March, so that the leap day is the last of its year, and in eras of 400 years.
    package init(daysSinceEpoch: Int) {
        let days = min(max(daysSinceEpoch, Self.firstDay), Self.lastDay) + 719_468
        let era = days / 146_097 - (days < 0 ? 1 : 0)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days from 1970-01-01 to this date; negative before it.
    package var daysSinceEpoch: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The date so many days later, or earlier when negative; the ends of the range hold.
    package func adding(days: Int) -> LocalDate {
        let sum = daysSinceEpoch.addingReportingOverflow(days)
        return LocalDate(daysSinceEpoch: sum.overflow ? (days < 0 ? Self.firstDay : Self.lastDay) : sum.partialValue)
    }

    /// How many days a month has.
    package static func length(ofMonth month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static let firstDay = -719_528
    private static let lastDay = 2_932_896

    /// `yyyy-mm-dd`.
    package var description: String { "\(year.padded(to: 4))-\(month.padded(to: 2))-\(day.padded(to: 2))" }

    package static func < (left: LocalDate, right: LocalDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = LocalDate(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a date (yyyy-mm-dd)")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
