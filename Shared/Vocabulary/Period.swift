/// The days on which something holds: from a first day to a last day that belongs to it, or without end.
package struct Period: Hashable, Sendable, Codable {
    /// The first day.
    package let start: LocalDate
    /// The last day, which still belongs to the period; nothing when it has no end.
    package let end: LocalDate?

    /// A period of at least one day; nothing when the end lies before the start.
    package init?(start: LocalDate, end: LocalDate?) {
        if let end, end < start { return nil }
        self.start = start
        self.end = end
    }

    /// Whether it holds on this day.
    package func contains(_ day: LocalDate) -> Bool { start <= day && (end.map { day <= $0 } ?? true) }

    /// Whether the two have a day in common.
    package func overlaps(_ other: Period) -> Bool {
        (other.end.map { start <= $0 } ?? true) && (end.map { other.start <= $0 } ?? true)
    }

    private enum CodingKeys: String, CodingKey { case start, end }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let start = try container.decode(LocalDate.self, forKey: .start)
        let end = try container.decodeIfPresent(LocalDate.self, forKey: .end)
        guard let value = Period(start: start, end: end) else {
            throw DecodingError.dataCorruptedError(
                forKey: .end, in: container, debugDescription: "a period ends before it starts")
        }
        self = value
    }
}
