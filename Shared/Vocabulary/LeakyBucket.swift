/// How many failures a bucket holds, and how fast they leak out of it again.
package struct BucketPolicy: Hashable, Sendable {
    /// The failures that fit before somebody has to wait; at least 1.
    package let capacity: Int
    /// The time in which one failure leaks out.
    package let leak: Duration

    /// A policy; a capacity below 1 counts as 1, and a leak below a millisecond as one.
    package init(capacity: Int, leak: Duration) {
        self.capacity = max(1, capacity)
        self.leak = max(.milliseconds(1), leak)
    }

    /// The same leak for so many times as many failures, each that much faster.
    package func widened(by factor: Int) -> BucketPolicy {
        BucketPolicy(capacity: capacity * factor, leak: leak / factor)
    }

    /// How many failures a patient attacker can have in a time, with a bucket that was empty before.
    package func failures(within time: Duration) -> Int {
        capacity + Int((time / leak).rounded(.down))
    }
}

/// A bucket of failures that leaks.
///
/// It is one point in time: when all that is in it will have leaked out. So "until when" is exact, nothing doubles,
/// nothing is for ever, and a bucket whose point lies in the past is as good as none.
package struct LeakyBucket: Hashable, Sendable {
    /// From this moment on it is empty.
    package let emptyAt: Instant

    /// A bucket by the moment at which it will be empty.
    package init(emptyAt: Instant) {
        self.emptyAt = emptyAt
    }

    /// Whether another failure would fit at a moment, and else from when on.
    package func verdict(at now: Instant, under policy: BucketPolicy) -> ThrottleVerdict {
        let room = bounded(at: now, under: policy).emptyAt.adding(policy.leak * (1 - policy.capacity))
        return room <= now ? .free : .wait(until: room)
    }

    /// The bucket with one failure more.
    package func adding(at now: Instant, under policy: BucketPolicy) -> LeakyBucket {
        LeakyBucket(emptyAt: max(now, bounded(at: now, under: policy).emptyAt).adding(policy.leak))
    }

    /// The bucket without one of its failures, for an attempt that was none.
    package func removing(under policy: BucketPolicy) -> LeakyBucket {
        LeakyBucket(emptyAt: emptyAt.adding(.zero - policy.leak))
    }

    /// Whether it makes no difference any more.
    package func isEmpty(at now: Instant) -> Bool { emptyAt <= now }

    /// Not fuller than full: after the policy was made milder, or a clock was wrong, nobody waits longer for it.
    private func bounded(at now: Instant, under policy: BucketPolicy) -> LeakyBucket {
        LeakyBucket(emptyAt: min(emptyAt, now.adding(policy.leak * policy.capacity)))
    }
}

/// Whether another attempt may be made.
package enum ThrottleVerdict: Hashable, Sendable {
    case free
    /// Not before this moment.
    case wait(until: Instant)

    /// Both must be free; whoever has to wait waits for the later one.
    package func and(_ other: ThrottleVerdict) -> ThrottleVerdict {
        switch (self, other) {
        case (.free, _): other
        case (_, .free): self
        case (.wait(let one), .wait(let two)): .wait(until: max(one, two))
        }
    }
}
