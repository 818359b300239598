package import Vocabulary

/// What a source does with events that it finds in the log and that its database may not know.
///
/// A database that was restored from a backup has in each partition the first events up to some number. What others know
/// beyond it lies in the log, and becomes part of the outbox again, under the same numbers.
package struct Adoption: Hashable, Sendable {
    /// The events to be taken over, in order; each follows the one before it or an event that the database has.
    package let adopted: [EventPlace]
    /// The highest number of the partition that others know, as far as was read.
    package let reached: Int64
    /// Where the last event lies that was looked at; nil when there was none.
    package let offset: Int64?
    /// Events under numbers that were told already: another one sent them in our name.
    ///
    /// Readers pass over them as well.
    package let foreign: [EventPlace]
    /// The highest event whose predecessor was not met so far; it may follow, since a log that was lost is filled again
    /// from the first event.
    package let gap: EventPlace?

    /// Judges events of one partition in the order in which they were read.
    ///
    /// - Parameters:
    ///   - told: What lies in the log.
    ///   - known: The numbers, in the database, of those of the told events and of their predecessors that it has.
    ///   - sent: The highest number that the database knows to have been sent.
    ///   - open: The gap that was met in what was read before.
    ///   - isWhole: Whether all events are kept; where old ones are removed, a predecessor may be gone with them.
    package init(
        _ told: [EventPlace], known: [EventID: Int64], sent: Int64, isWhole: Bool = true, open: EventPlace? = nil
    ) {
        var (known, reached) = (known, sent)
        var (adopted, foreign) = ([EventPlace](), [EventPlace]())
        var offset: Int64?
        var gap = open
        for event in told {
            if known[event.id] == nil, event.sequence > reached {
                if !isWhole || Self.follows(event, known) {
                    adopted.append(event)
                    known[event.id] = event.sequence
                } else if event.sequence > gap?.sequence ?? 0 {
                    gap = event
                }
            } else if known[event.id] == nil {
                foreign.append(event)
            }
            if known[event.id] != nil { reached = max(reached, event.sequence) }
            offset = event.offset
        }
        self.adopted = adopted
        self.reached = reached
        self.offset = offset
        self.foreign = foreign
        self.gap = gap.flatMap { known[$0.id] == nil && $0.sequence > reached ? $0 : nil }
    }

    private static func follows(_ event: EventPlace, _ known: [EventID: Int64]) -> Bool {
        guard let previous = event.previous else { return event.sequence == 1 }
        return known[previous] == event.sequence.saturatingSubtracting(1)
    }
}
