package import Vocabulary

/// How many sign-ins may fail, of one account or from one source, before somebody has to wait.
package struct ThrottlePolicy: Hashable, Sendable {
    /// The failures that cost no waiting.
    package let freeFailures: Int
    /// The wait after the first failure beyond those; it doubles with each further failure.
    package let firstDelay: Duration
    /// The longest wait.
    package let maximumDelay: Duration
    /// The consecutive failures after which nothing is tried any more; `nil` when there is no such stop.
    package let hardStop: Int?
    /// After how long without a failure those before no longer count; `nil` when only a success ends the row.
    package let forgetAfter: Duration?

    package init(
        freeFailures: Int, firstDelay: Duration, maximumDelay: Duration, hardStop: Int?, forgetAfter: Duration?
    ) {
        self.freeFailures = freeFailures
        self.firstDelay = firstDelay
        self.maximumDelay = maximumDelay
        self.hardStop = hardStop
        self.forgetAfter = forgetAfter
    }

    /// Of an account: NIST SP 800-63B allows at most 100 consecutive failures, and delays of 30 s to 1 h.
    package static let account = ThrottlePolicy(
        freeFailures: 5, firstDelay: .seconds(30), maximumDelay: .seconds(3600), hardStop: 100, forgetAfter: nil)

    /// Of a source: shorter delays and no hard stop, since a whole hospital may stand behind one address.
    package static let source = ThrottlePolicy(
        freeFailures: 5, firstDelay: .seconds(1), maximumDelay: .seconds(300), hardStop: nil,
        forgetAfter: .seconds(3600))

    /// Decides whether another attempt may be made now.
    package func decide(_ record: ThrottleRecord, at now: Instant) -> ThrottleVerdict {
        if let oldest = oldestThatCounts(at: now), let last = record.lastFailureAt, last < oldest { return .allowed }
        if let hardStop, record.failures >= hardStop { return .stopped }
        guard record.failures >= freeFailures, let last = record.lastFailureAt else { return .allowed }
        let until = last.adding(delay(after: record.failures))
        return now >= until ? .allowed : .wait(until: until)
    }

    /// Failures before this moment no longer count, unless another followed them in time.
    package func oldestThatCounts(at now: Instant) -> Instant? {
        forgetAfter.map { now.adding(.zero - $0) }
    }

    /// The wait that follows the n-th consecutive failure; zero as long as failures are free.
    package func delay(after failures: Int) -> Duration {
        guard failures >= freeFailures else { return .zero }
        var delay = firstDelay
        for _ in 0..<(failures - freeFailures) {
            delay = delay * 2
            if delay >= maximumDelay { return maximumDelay }
        }
        return min(delay, maximumDelay)
    }
}

/// The consecutive failures of an account or a source.
package struct ThrottleRecord: Hashable, Sendable {
    package let failures: Int
    package let lastFailureAt: Instant?

    package static let none = ThrottleRecord(failures: 0, lastFailureAt: nil)

    package init(failures: Int, lastFailureAt: Instant?) {
        self.failures = failures
        self.lastFailureAt = lastFailureAt
    }
}

/// Whether another attempt may be made.
package enum ThrottleVerdict: Hashable, Sendable {
    case allowed
    case wait(until: Instant)
    case stopped
}
