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

    /// What the clocks of the place show at the first full minute that is not before this point: `14:05`.
    package func clock(notBefore instant: Instant) -> String {
        let minutes = instant.adding(.seconds(secondsFromUTC(instant)) + .microseconds(59_999_999)).secondsSinceEpoch
            .floored(by: 60).quotient
        let (hour, minute) = minutes.floored(by: 1440).remainder.floored(by: 60)
        return "\(Int(hour).padded(to: 2)):\(Int(minute).padded(to: 2))"
    }
}
