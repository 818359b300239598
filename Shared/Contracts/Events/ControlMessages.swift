package import Vocabulary

/// The last event of some partitions of a source, on `toegang.heads.v1`, so that a lost last event is noticed.
///
/// A source repeats a head every second for a while after it changed, and all of its heads every three
/// seconds, so that who hears nothing for longer knows that it hears nothing.
package struct SourceHeads: Codable, Sendable, Hashable {
    /// The last event of one partition.
    package struct Head: Codable, Sendable, Hashable {
        package let partition: Int32
        package let sequence: Int64
        package let eventId: EventID

        /// Names the last event of a partition.
        package init(partition: Int32, sequence: Int64, eventId: EventID) {
            self.partition = partition
            self.sequence = sequence
            self.eventId = eventId
        }
    }

    package let source: EventSource
    package let time: Instant
    package let heads: [Head]

    /// Lists heads of a source.
    package init(source: EventSource, time: Instant, heads: [Head]) {
        self.source = source
        self.time = time
        self.heads = heads
    }
}

/// A reader's request, on `toegang.resend.v1`, that a source publishes a partition again from a number on.
package struct ResendRequest: Codable, Sendable, Hashable {
    package let source: EventSource
    package let partition: Int32
    /// The first number that the reader misses.
    package let from: Int64
    /// The projection that asks; for the log.
    package let projection: String

    /// Asks for a partition from a number on.
    package init(source: EventSource, partition: Int32, from: Int64, projection: String) {
        self.source = source
        self.partition = partition
        self.from = from
        self.projection = projection
    }
}
