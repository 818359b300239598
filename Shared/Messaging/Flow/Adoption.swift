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
    /// An event whose predecessor neither the database nor the log has; nothing behind it was looked at.
    package let gap: EventPlace?

    /// Judges events of one partition in the order in which they were read.
    ///
    /// - Parameters:
    ///   - told: What lies in the log.
    ///   - known: The numbers, in the database, of those of the told events and of their predecessors that it has.
    ///   - sent: The highest number that the database knows to have been sent.
    ///   - isWhole: Whether all events are kept; where old ones are removed, a predecessor may be gone with them.
    package init(_ told: [EventPlace], known: [EventID: Int64], sent: Int64, isWhole: Bool = true) {
        var (known, reached) = (known, sent)
        var (adopted, foreign) = ([EventPlace](), [EventPlace]())
        var offset: Int64?
        var gap: EventPlace?
        for event in told {
            if known[event.id] == nil, event.sequence > reached {
                guard !isWhole || Self.follows(event, known) else {
                    gap = event
                    break
                }
                adopted.append(event)
                known[event.id] = event.sequence
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
        self.gap = gap
    }

    private static func follows(_ event: EventPlace, _ known: [EventID: Int64]) -> Bool {
        guard let previous = event.previous else { return event.sequence == 1 }
        return known[previous] == event.sequence.saturatingSubtracting(1)
    }
}
