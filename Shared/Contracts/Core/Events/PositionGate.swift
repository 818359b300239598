import Vocabulary

/// Where a reader waits until what it must have seen has been taken in.
package protocol PositionGate: Sendable {
    /// Waits for the positions, at most until the deadline.
    func wait(for positions: Positions, until deadline: ContinuousClock.Instant) async throws(GateError)
}

/// Why a reader was not let through.
package enum GateError: Error, Sendable, Hashable {
    /// The service keeps nothing of that source, so it can never have seen the position.
    case unknownSource
    /// The position was not reached in time.
    case notCaughtUp
    /// As many readers wait as may.
    case overloaded
    /// The task was cancelled.
    case cancelled
}
