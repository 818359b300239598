import FoundationEssentials
import TestBasics
import Testing
import Vocabulary

@Suite("Instants")
struct InstantTests {
    @Test(
        "RFC 3339 text is read",
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00.000001Z", 1),
            ("1969-12-31T23:59:59.999999Z", -1),
            ("2026-01-31T12:00:00Z", 1_769_860_800_000_000),
            ("2026-01-31T13:00:00.5+01:00", 1_769_860_800_500_000),
            ("2026-01-31t06:30:00-05:30", 1_769_860_800_000_000),
            ("2026-01-31T12:00:00.1234567Z", 1_769_860_800_123_456),
        ] as [(String, Int64)])
    func parse(_ text: String, _ microseconds: Int64) {
        #expect(Instant(text)?.microseconds == microseconds)
    }

    @Test(
        "other text is no time",
        arguments: [
            "", "2026-01-31", "2026-01-31T12:00:00", "2026-02-29T12:00:00Z", "2026-01-31T24:00:00Z",
            "2026-01-31T12:60:00Z", "2026-01-31T12:00:60Z", "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00+0100",
            "2026-01-31 12:00:00Z", "2026-01-31T12:00:00ZZ", "+026-01-31T12:00:00Z",
        ])
    func refused(_ text: String) { #expect(Instant(text) == nil) }

    @Test("text and value go both ways over five centuries")
    func roundTrip() {
        var generator = SeededRandom(seed: 9557)
        for _ in 0..<2000 {
            let span: Int64 = 250 * 365 * 86_400 * 1_000_000
            let instant = Instant(microseconds: .random(in: -span...span, using: &generator))
            #expect(Instant(instant.description) == instant)
        }
        #expect(Instant(microseconds: 1_769_860_800_000_000).description == "2026-01-31T12:00:00.000000Z")
    }

    @Test("durations add and subtract, and the ends of the range hold")
    func arithmetic() {
        let start = Instant(microseconds: 1_000_000)
        #expect(start.adding(.milliseconds(2)) - start == .milliseconds(2))
        #expect(start.adding(.seconds(-3)).microseconds == -2_000_000)
        #expect(start.adding(.nanoseconds(1999)).microseconds == 1_000_001)
        #expect(start.adding(.seconds(Int64.max)) == Instant(microseconds: .max))
        #expect(Instant(microseconds: -1).secondsSinceEpoch == -1)
    }

    @Test("the date in universal time changes at midnight")
    func date() {
        #expect(Instant("2026-01-31T23:59:59.999999Z")?.utcDate.description == "2026-01-31")
        #expect(Instant("2026-02-01T00:00:00Z")?.utcDate.description == "2026-02-01")
        #expect(Instant("1969-12-31T23:59:59Z")?.utcDate.description == "1969-12-31")
    }

    @Test("the day of a place changes at its own midnight")
    func civilDay() throws {
        let ahead = CivilTime { _ in 7200 }
        let evening = try #require(Instant("2026-06-30T21:59:59.999999Z"))
        #expect(ahead.day(at: evening).description == "2026-06-30")
        #expect(ahead.day(at: evening.adding(.microseconds(1))).description == "2026-07-01")
        #expect(CivilTime.universal.day(at: evening.adding(.microseconds(1))).description == "2026-06-30")
    }

    @Test("JSON has the text with microseconds")
    func json() throws {
        let text = #"["2026-01-31T12:00:00.000000Z"]"#
        let value = try JSONDecoder().decode([Instant].self, from: Data(text.utf8))
        #expect(String(decoding: try JSONEncoder().encode(value), as: UTF8.self) == text)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Instant].self, from: Data(#"["yesterday"]"#.utf8))
        }
    }
}

@Suite("Dates and periods")
struct LocalDateTests {
    @Test("the calendar is walked day by day over nine centuries without a break")
    func walk() throws {
        var date = try #require(LocalDate(year: 1600, month: 1, day: 1))
        let start = date.daysSinceEpoch
        for offset in 0..<330_000 {
            let next = LocalDate(daysSinceEpoch: start + offset + 1)
            guard next.daysSinceEpoch == start + offset + 1, date < next, next.day == 1 || next.day == date.day + 1
            else {
                Issue.record("broken at \(date)")
                return
            }
            date = next
        }
    }

    @Test(
        "dates that the calendar lacks are refused",
        arguments: [
            "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-1-01", "26-01-01",
            "2026-01-01x",
        ])
    func refused(_ text: String) { #expect(LocalDate(text) == nil) }

    @Test("both written forms are read")
    func forms() {
        #expect(LocalDate("2000-02-29")?.daysSinceEpoch == 11_016)
        #expect(LocalDate(compact: "20000229") == LocalDate("2000-02-29"))
        #expect(LocalDate(compact: "2000-02-29") == nil)
        #expect(LocalDate("0000-01-01")?.adding(days: -1).description == "0000-01-01")
        #expect(LocalDate("9999-12-31")?.adding(days: .max).description == "9999-12-31")
    }

    @Test("a period holds on its first and on its last day")
    func period() throws {
        let january = try #require(Self.period("2026-01-01", "2026-01-31"))
        #expect(january.contains(january.start))
        #expect(january.contains(january.start.adding(days: 30)))
        #expect(!january.contains(january.start.adding(days: 31)))
        #expect(!january.contains(january.start.adding(days: -1)))
        #expect(Self.period("2026-01-02", "2026-01-01") == nil)
        #expect(Self.period("2026-01-02", "2026-01-02") != nil)
        let open = try #require(Self.period("2026-02-01", nil))
        #expect(open.contains(LocalDate(daysSinceEpoch: 1_000_000)))
    }

    @Test(
        "periods overlap when they share a day",
        arguments: [
            ("2026-01-31", "2026-02-05", true), ("2026-02-01", nil, false), ("2025-01-01", nil, true),
            ("2025-01-01", "2025-12-31", false), ("2025-01-01", "2026-01-01", true),
        ])
    func overlap(_ start: String, _ end: String?, _ expected: Bool) throws {
        let january = try #require(Self.period("2026-01-01", "2026-01-31"))
        let other = try #require(Self.period(start, end))
        #expect(january.overlaps(other) == expected)
        #expect(other.overlaps(january) == expected)
    }

    @Test("a period that ends before it starts is no JSON value")
    func json() throws {
        let text = #"{"start":"2026-01-02","end":"2026-01-01"}"#
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Period.self, from: Data(text.utf8)) }
        let open = try JSONDecoder().decode(Period.self, from: Data(#"{"start":"2026-01-02"}"#.utf8))
        #expect(open.end == nil)
    }

    private static func period(_ start: String, _ end: String?) -> Period? {
        LocalDate(start).flatMap { start in Period(start: start, end: end.flatMap { LocalDate($0) }) }
    }
}
