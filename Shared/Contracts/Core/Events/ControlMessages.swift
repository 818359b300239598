package import Vocabulary

/// The ends of some partitions of a source, on `toegang.heads.v1`, so that a lost last event is noticed, and that a
/// source which doubts its own past says so.
///
/// A source repeats a head every second for a while after it changed, and all of its heads every three seconds, also
/// those of partitions without events: they are its sign of life. Numbers never go back: a head that is lower than one
/// heard before is an old message, and has no effect.
package struct SourceHeads: Codable, Sendable, Hashable {
    /// The ends of one partition.
    package struct Head: Codable, Sendable, Hashable {
        package let partition: Int32
        /// The first number that the source can still send; one more than the last when it has none.
        package let first: Int64
        /// The number of the last event; 0 when there is none.
        package let last: Int64
        /// The id of the last event.
        package let eventId: EventID?

        /// Names the ends of a partition.
        package init(partition: Int32, first: Int64 = 1, last: Int64, eventId: EventID?) {
            self.partition = partition
            self.first = first
            self.last = last
            self.eventId = eventId
        }
    }

    /// Whose heads they are.
    package let origin: EventOrigin
    /// When they were sent, by the sender's clock.
    package let time: Instant
    package let heads: [Head]
    /// The partitions of which the source is not sure now: nothing that depends on them can be relied on until their
    /// next head.
    package let uncertain: [Int32]

    package var source: EventSource { origin.source }

    /// Lists heads of a source.
    package init(origin: EventOrigin, time: Instant, heads: [Head], uncertain: [Int32] = []) {
        self.origin = origin
        self.time = time
        self.heads = heads
        self.uncertain = uncertain
    }

    private enum CodingKeys: String, CodingKey {
        case origin = "source"
        case time, heads, uncertain
    }
}

/// A reader's request, on `toegang.resend.v1`, that a source publishes a partition again from a number on.
package struct ResendRequest: Codable, Sendable, Hashable {
    /// Who is asked.
    package let origin: EventOrigin
    package let partition: Int32
    /// The first number that the reader misses.
    package let from: Int64
    /// The service that asks, such as `profile-resolution`; the request is signed with its key.
    package let reader: String
    /// The projection that asks; for the log.
    package let projection: String
    /// When it was asked, by the reader's clock.
    package let time: Instant

    package var source: EventSource { origin.source }

    /// Asks for a partition from a number on.
    package init(
        origin: EventOrigin, partition: Int32, from: Int64, reader: String, projection: String, time: Instant
    ) {
        self.origin = origin
        self.partition = partition
        self.from = from
        self.reader = reader
        self.projection = projection
        self.time = time
    }

    private enum CodingKeys: String, CodingKey {
        case origin = "source"
        case partition, from, reader, projection, time
    }
}
