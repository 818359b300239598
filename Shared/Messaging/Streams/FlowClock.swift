import Flow

/// The clock whose moments are handed to the values of `Flow`; it goes on while the machine sleeps.
struct FlowClock: Sendable {
    private let start = ContinuousClock.now

    func callAsFunction() -> Moment { Moment(ContinuousClock.now - start) }
}
