package import Vocabulary

/// What time it is, and which day that is where people live.
package struct CivilClock: Sendable {
    package let now: @Sendable () -> Instant
    package let civil: CivilTime

    package init(now: @escaping @Sendable () -> Instant, civil: CivilTime) {
        self.now = now
        self.civil = civil
    }

    /// The calendar day at this moment.
    package func today() -> LocalDate { civil.day(at: now()) }
}
