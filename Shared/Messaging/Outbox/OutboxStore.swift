package import ContractCore
package import Flow
package import FoundationEssentials
package import Postgres
package import Vocabulary

/// An event that waits to be sent.
package struct PendingEvent: Sendable {
    package let partition: Int32
    package let sequence: Int64
    package let id: EventID
    package let key: UUID
    package let envelope: String
}

/// What waits to be sent, of all partitions, whoever sends them.
package struct OutboxBacklog: Hashable, Sendable {
    package let events: Int64
    /// How long the oldest of them has waited, in seconds; 0 when there is none.
    package let age: Double

    /// Nothing waits.
    package static let none = OutboxBacklog(events: 0, age: 0)
}

/// The relay's statements.
///
/// Each is about one source: a service may have a stream beside its own. Those that write are to be fenced in the same
/// transaction.
package enum OutboxStore {
    /// As many events of one partition as are read at a time, and as many of all.
    private static let batch = (partition: Int64(100), all: Int64(1000))

    /// The first events of each partition that were not sent, in order.
    ///
    /// Each partition with a backlog gets the same part of a batch, so none waits for the others to be done.
    package static func pending(
        _ partitions: [Int32], of source: EventSource, in session: borrowing Session
    ) throws -> [PendingEvent] {
        let rows = try session.query(
            """
            WITH behind AS (
                SELECT partition, outbox_relay.sequence, count(*) OVER () AS count
                FROM outbox_relay JOIN outbox_head USING (source, partition)
                WHERE source = \(source.rawValue) AND partition = ANY (\(partitions))
                    AND outbox_head.sequence > outbox_relay.sequence
            )
            SELECT event.partition, event.sequence, event.event_id, event.key, event.envelope
            FROM behind
            CROSS JOIN LATERAL (
                SELECT partition, sequence, event_id, key, envelope FROM outbox
                WHERE outbox.source = \(source.rawValue) AND outbox.partition = behind.partition
                    AND outbox.sequence > behind.sequence
                ORDER BY outbox.sequence
                LIMIT least(\(batch.partition), greatest(1, \(batch.all) / behind.count))
            ) AS event
            ORDER BY event.partition, event.sequence
            """)
        return try rows.map { row in
            let (partition, sequence, id, key, envelope) = try row.decode(
                Int32.self, Int64.self, EventID.self, UUID.self, String.self)
            return PendingEvent(partition: partition, sequence: sequence, id: id, key: key, envelope: envelope)
        }
    }

    /// Writes down what was sent; only where the event that was sent is the one that the database has.
    ///
    /// - Parameter ids: The events that were sent last, by partition.
    package static func mark(
        _ sent: [StreamSender.Sent], ids: [Int32: EventID], of source: EventSource, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            UPDATE outbox_relay SET sequence = item.sequence, kafka_offset = item.kafka_offset
            FROM unnest(\(sent.map(\.partition)), \(sent.map(\.sequence)), \(sent.map(\.offset)),
                    \(sent.map { ids[$0.partition]?.uuid }))
                AS item (partition, sequence, kafka_offset, event_id)
            JOIN outbox USING (partition, sequence, event_id)
            WHERE outbox.source = \(source.rawValue) AND outbox_relay.source = outbox.source
                AND outbox_relay.partition = item.partition
            """)
    }

    /// Has a partition sent again from a number on.
    package static func sendAgain(
        _ partition: Int32, of source: EventSource, from sequence: Int64, logLost: Bool, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            UPDATE outbox_relay SET sequence = least(sequence, \(sequence.saturatingSubtracting(1))),
                kafka_offset = CASE WHEN \(logLost) THEN -1 ELSE kafka_offset END
            WHERE source = \(source.rawValue) AND partition = \(partition)
            """)
    }

    /// How far partitions were sent.
    package static func sent(
        _ partitions: [Int32], of source: EventSource, in session: borrowing Session
    ) throws -> [StreamSender.Sent] {
        try session.query(
            """
            SELECT partition, sequence, kafka_offset FROM outbox_relay
            WHERE source = \(source.rawValue) AND partition = ANY (\(partitions))
            """
        ).map { row in
            let (partition, sequence, offset) = try row.decode(Int32.self, Int64.self, Int64.self)
            return StreamSender.Sent(partition: partition, sequence: sequence, offset: offset)
        }
    }

    /// The last events of partitions; of one without events too, so that its readers hear of it.
    package static func heads(
        _ partitions: [Int32], of source: EventSource, in session: borrowing Session
    ) throws -> [SourceHeads.Head] {
        try session.query(
            """
            SELECT partition, coalesce(oldest.sequence, head.sequence + 1), head.sequence, event_id
            FROM outbox_head AS head
            LEFT JOIN LATERAL (
                SELECT min(sequence) AS sequence FROM outbox
                WHERE outbox.source = head.source AND outbox.partition = head.partition
            ) AS oldest ON true
            WHERE source = \(source.rawValue) AND partition = ANY (\(partitions))
            """
        ).map { row in
            let (partition, first, last, id) = try row.decode(Int32.self, Int64.self, Int64.self, EventID?.self)
            return SourceHeads.Head(partition: partition, first: first, last: last, eventId: id)
        }
    }

    /// Which of some events of a partition that others know the outbox does not have, nor ever had, in their order.
    package static func unknown(
        _ told: [ToldEvent], in partition: Int32, of source: EventSource, in session: borrowing Session
    ) throws -> [ToldEvent] {
        let known = try known(told.map(\.attributes.id), in: session)
        let first = try heads([partition], of: source, in: session).first?.first ?? Int64(1)
        return told.filter { $0.attributes.sequence >= first && !known.contains($0.attributes.id) }
    }

    /// Which of some events the outbox has.
    package static func known(_ ids: [EventID], in session: borrowing Session) throws -> Set<EventID> {
        Set(
            try session.query("SELECT event_id FROM outbox WHERE event_id = ANY (\(ids.map(\.uuid)))")
                .map { try $0.decode(EventID.self) })
    }

    /// What waits to be sent.
    package static func backlog(of source: EventSource, in session: borrowing Session) throws -> OutboxBacklog {
        let row = try session.first(
            """
            SELECT coalesce(sum(outbox_head.sequence - outbox_relay.sequence), 0)::bigint,
                coalesce(extract(epoch FROM clock_timestamp() - min(oldest.appended_at)), 0)::float8
            FROM outbox_head JOIN outbox_relay USING (source, partition)
            LEFT JOIN LATERAL (
                SELECT appended_at FROM outbox
                WHERE outbox.source = outbox_head.source AND outbox.partition = outbox_head.partition
                    AND outbox.sequence = outbox_relay.sequence + 1
            ) AS oldest ON true
            WHERE source = \(source.rawValue) AND outbox_head.sequence > outbox_relay.sequence
            """)
        let (events, age) = try row?.decode(Int64.self, Double.self) ?? (Int64(0), 0.0)
        return OutboxBacklog(events: events, age: age)
    }

    /// Removes events that were sent and are older than they are kept, up to 1,000; answers how many.
    ///
    /// The heads then tell a higher first number.
    package static func prune(
        _ source: EventSource, keeping time: Duration, in session: borrowing Session
    ) throws -> Int {
        try session.execute(
            """
            DELETE FROM outbox USING (
                SELECT event.partition, event.sequence FROM outbox AS event
                JOIN outbox_relay AS relay ON relay.source = event.source AND relay.partition = event.partition
                WHERE event.source = \(source.rawValue) AND event.sequence <= relay.sequence
                    AND event.appended_at < clock_timestamp() - \(time.components.seconds) * interval '1 second'
                LIMIT 1000
            ) AS over
            WHERE outbox.source = \(source.rawValue) AND outbox.partition = over.partition
                AND outbox.sequence = over.sequence
            """)
    }

    /// Whether partitions of other instances have events to send.
    package static func othersHaveWork(
        except partitions: [Int32], of source: EventSource, in session: borrowing Session
    ) throws -> Bool {
        let row = try session.first(
            """
            SELECT EXISTS (
                SELECT FROM outbox_head JOIN outbox_relay USING (source, partition)
                WHERE source = \(source.rawValue) AND outbox_head.sequence > outbox_relay.sequence
                    AND NOT partition = ANY (\(partitions)))
            """)
        return try row?.decode(Bool.self) ?? false
    }
}
