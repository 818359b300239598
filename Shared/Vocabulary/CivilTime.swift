/// Which calendar day it is at a point in time, for rules that count days.
///
/// A mandate's last day ends at midnight where it was given, not at midnight in universal time: two hours of a summer
/// night in which it would still open a dossier.
package struct CivilTime: Sendable {
    private let secondsFromUTC: @Sendable (Instant) -> Int

    /// The civil time of a place.
    ///
    /// - Parameter secondsFromUTC: How far its clocks are ahead of universal time at a point in time.
    package init(secondsFromUTC: @escaping @Sendable (Instant) -> Int) {
        self.secondsFromUTC = secondsFromUTC
    }

    /// Universal time.
    package static let universal = CivilTime { _ in 0 }

    /// The calendar day at this point in time.
    package func day(at instant: Instant) -> LocalDate {
        instant.adding(.seconds(secondsFromUTC(instant))).utcDate
    }
}
