import ContractCore
import FoundationEssentials
import Vocabulary

/// How far a projection has come in one partition, as the owner of its lease knows it.
struct PartitionProgress: Sendable {
    /// Why a partition does not move.
    enum Halt: String, Sendable {
        /// An event is missing; it was asked for.
        case gap
        /// The source tells another past than it told before: the projection is to be rebuilt.
        case diverged
    }

    /// What is to be done with an event.
    enum Verdict: Sendable, Equatable {
        case next, old, gap, diverged
    }

    let unit: ProjectionUnit
    let epoch: Int64
    var sequence: Int64
    var lastID: EventID?
    /// The offset of the last event; -1 when there was none.
    var offset: Int64
    var halt: Halt?
    var parkedKeys: Set<UUID>
    var caughtUp: Bool

    /// Whether the log was read again from its beginning since the position last moved.
    var rewound = false
    /// The highest number that the source said it has.
    var head: Int64 = 0
    /// Since when the position stands behind `head`.
    var behindSince: ContinuousClock.Instant?
    /// Since when the source says it has less than this projection has seen.
    var aheadSince: ContinuousClock.Instant?
    /// When the source was last asked to send again.
    var askedAt: ContinuousClock.Instant?

    /// What an event is, seen from this position.
    func verdict(on event: EventAttributes) -> Verdict {
        if halt == .diverged { return .diverged }
        if event.sequence < sequence { return .old }
        if event.sequence == sequence { return event.id == lastID ? .old : .diverged }
        if event.sequence.saturatingSubtracting(1) > sequence { return .gap }
        return event.previous == lastID ? .next : .diverged
    }

    /// Moves to an event.
    mutating func move(to event: EventAttributes, offset: Int64) {
        sequence = event.sequence
        lastID = event.id
        self.offset = max(self.offset, offset)
        halt = nil
        rewound = false
        behindSince = nil
        askedAt = nil
    }

    /// Takes note of what the source says is its last event; true when that cannot be reconciled with this position.
    mutating func see(_ head: SourceHeads.Head, at now: ContinuousClock.Instant, patience: Duration) -> Bool {
        self.head = max(self.head, head.sequence)
        if head.sequence > sequence {
            behindSince = behindSince ?? now
            aheadSince = nil
            return false
        }
        behindSince = nil
        if head.sequence == sequence {
            aheadSince = nil
            return sequence > 0 && head.eventId != lastID
        }
        // A head that was written before the events arrived here is lower too, for a moment.
        aheadSince = aheadSince ?? now
        return now - (aheadSince ?? now) > patience * 4
    }
}
