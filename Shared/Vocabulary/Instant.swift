/// A point in time in whole microseconds since 1970-01-01T00:00:00Z, the precision that PostgreSQL keeps.
package struct Instant: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// Microseconds since the epoch; negative before it.
    package let microseconds: Int64

    /// The point that lies so many microseconds after the epoch.
    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// The point that lies so many whole seconds after the epoch; the ends of the range hold.
    package init(secondsSinceEpoch: Int64) { microseconds = secondsSinceEpoch.saturatingMultiplied(by: 1_000_000) }

    /// Whole seconds since the epoch, rounded towards the past.
    package var secondsSinceEpoch: Int64 { microseconds.floored(by: 1_000_000).quotient }

    /// The point that lies so much later; parts of a microsecond are dropped, and the ends of the range hold.
    package func adding(_ duration: Duration) -> Instant {
        let (seconds, attoseconds) = duration.components
        let delta = seconds.saturatingMultiplied(by: 1_000_000)
            .saturatingAdding(attoseconds / 1_000_000_000_000)
        return Instant(microseconds: microseconds.saturatingAdding(delta))
    }

    /// How long it is from the right point to the left one.
    package static func - (left: Instant, right: Instant) -> Duration {
        .microseconds(left.microseconds.saturatingSubtracting(right.microseconds))
    }

    package static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    /// The calendar date at this point in universal time.
    package var utcDate: LocalDate {
        LocalDate(daysSinceEpoch: Int(microseconds.floored(by: Self.microsecondsPerDay).quotient))
    }

    static let microsecondsPerDay: Int64 = 86_400_000_000

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Instant(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

// MARK: - RFC 3339 text

extension Instant {
    /// RFC 3339 text in universal time with six decimals, such as `2026-01-31T12:00:00.000000Z`.
    package var description: String {
        let (days, inDay) = microseconds.floored(by: Self.microsecondsPerDay)
        let (seconds, fraction) = inDay.floored(by: 1_000_000)
        let date = LocalDate(daysSinceEpoch: Int(days)).description
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { Int($0).padded(to: 2) }
        return "\(date)T\(clock.joined(separator: ":")).\(Int(fraction).padded(to: 6))Z"
    }

    /// Reads RFC 3339 text with `Z` or a numeric offset; decimals beyond the sixth are dropped.
    ///
    /// A leap second (`:60`) is refused, as the type has no place for it.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40,
            let date = LocalDate(ascii: bytes[0..<10]),
            bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
            let time = Self.clock(bytes[11..<19])
        else { return nil }
        var rest = bytes[19...]
        guard let fraction = Self.takeFraction(&rest), let offset = Self.offset(rest) else { return nil }
        let seconds = Int64(date.daysSinceEpoch) * 86_400 + Int64(time - offset)
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    private static func clock(_ bytes: ArraySlice<UInt8>) -> Int? {
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 3, let hour = Int(digits: parts[0], count: 2), hour < 24,
            let minute = Int(digits: parts[1], count: 2), minute < 60,
            let second = Int(digits: parts[2], count: 2), second < 60
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    private static func takeFraction(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard rest.first == UInt8(ascii: ".") else { return 0 }
        let digits = rest.dropFirst().prefix { $0.isDigit }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(1 + digits.count)
        var value: Int64 = 0
        for index in 0..<6 {
            let digit = index < digits.count ? digits[digits.startIndex + index] - UInt8(ascii: "0") : 0
            value = value * 10 + Int64(digit)
        }
        return value
    }

    /// The offset from universal time in seconds.
    private static func offset(_ rest: ArraySlice<UInt8>) -> Int? {
        guard let sign = rest.first else { return nil }
        if rest.count == 1 { return sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") ? 0 : nil }
        let parts = rest.dropFirst().split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), parts.count == 2,
            let hours = Int(digits: parts[0], count: 2), hours < 24,
            let minutes = Int(digits: parts[1], count: 2), minutes < 60
        else { return nil }
        return (hours * 3600 + minutes * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
    }
}
