/// A point on a clock that only goes forward, also while the machine sleeps.
///
/// Values of this module never ask for the time: whoever has a clock hands it in.
package struct Moment: Hashable, Comparable, Sendable {
    /// How long it is after the point that the clock counts from.
    package let elapsed: Duration

    /// The point that lies so long after the one that the clock counts from.
    package init(_ elapsed: Duration) { self.elapsed = elapsed }

    package static func < (left: Moment, right: Moment) -> Bool { left.elapsed < right.elapsed }
    package static func + (left: Moment, right: Duration) -> Moment { Moment(left.elapsed + right) }
    /// How long it is from the right point to the left one.
    package static func - (left: Moment, right: Moment) -> Duration { left.elapsed - right.elapsed }
}
