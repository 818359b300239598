package import ContractCore
package import Flow
package import FoundationEssentials
package import Postgres
import Vocabulary

/// An event that waits to be sent.
package struct PendingEvent: Sendable {
    package let partition: Int32
    package let sequence: Int64
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
/// Those that write are to be fenced in the same transaction.
package enum OutboxStore {
    /// As many events of one partition as are read at a time, and as many of all.
    private static let batch = (partition: Int64(100), all: Int64(1000))

    /// The first events of each partition that were not sent, in order.
    ///
    /// Each partition with a backlog gets the same part of a batch, so none waits for the others to be done.
    package static func pending(_ partitions: [Int32], in session: borrowing Session) throws -> [PendingEvent] {
        let rows = try session.query(
            """
            WITH behind AS (
                SELECT partition, outbox_relay.sequence, count(*) OVER () AS count
                FROM outbox_relay JOIN outbox_head USING (partition)
                WHERE partition = ANY (\(partitions)) AND outbox_head.sequence > outbox_relay.sequence
            )
            SELECT event.partition, event.sequence, event.key, event.envelope
            FROM behind
            CROSS JOIN LATERAL (
                SELECT partition, sequence, key, envelope FROM outbox
                WHERE outbox.partition = behind.partition AND outbox.sequence > behind.sequence
                ORDER BY outbox.sequence
                LIMIT least(\(batch.partition), greatest(1, \(batch.all) / behind.count))
            ) AS event
            ORDER BY event.partition, event.sequence
            """)
        return try rows.map { row in
            let (partition, sequence, key, envelope) = try row.decode(
                Int32.self, Int64.self, UUID.self, String.self)
            return PendingEvent(partition: partition, sequence: sequence, key: key, envelope: envelope)
        }
    }

    /// Writes down what was sent.
    package static func mark(_ sent: [StreamSender.Sent], in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE outbox_relay SET sequence = item.sequence, kafka_offset = item.kafka_offset
            FROM unnest(\(sent.map(\.partition)), \(sent.map(\.sequence)), \(sent.map(\.offset)))
                AS item (partition, sequence, kafka_offset)
            WHERE outbox_relay.partition = item.partition
            """)
    }

    /// Has a partition sent again from a number on.
    package static func sendAgain(
        _ partition: Int32, from sequence: Int64, logLost: Bool, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            UPDATE outbox_relay SET sequence = least(sequence, \(sequence.saturatingSubtracting(1))),
                kafka_offset = CASE WHEN \(logLost) THEN -1 ELSE kafka_offset END
            WHERE partition = \(partition)
            """)
    }

    /// How far partitions were sent.
    package static func sent(_ partitions: [Int32], in session: borrowing Session) throws -> [StreamSender.Sent] {
        try session.query(
            "SELECT partition, sequence, kafka_offset FROM outbox_relay WHERE partition = ANY (\(partitions))"
        ).map { row in
            let (partition, sequence, offset) = try row.decode(Int32.self, Int64.self, Int64.self)
            return StreamSender.Sent(partition: partition, sequence: sequence, offset: offset)
        }
    }

    /// The last events of partitions; of one without events too, so that its readers hear of it.
    package static func heads(
        _ partitions: [Int32], in session: borrowing Session
    ) throws -> [SourceHeads.Head] {
        try session.query(
            """
            SELECT partition, coalesce(oldest.sequence, head.sequence + 1), head.sequence, event_id
            FROM outbox_head AS head
            LEFT JOIN LATERAL (
                SELECT min(sequence) AS sequence FROM outbox WHERE outbox.partition = head.partition
            ) AS oldest ON true
            WHERE partition = ANY (\(partitions))
            """
        ).map { row in
            let (partition, first, last, id) = try row.decode(Int32.self, Int64.self, Int64.self, EventID?.self)
            return SourceHeads.Head(partition: partition, first: first, last: last, eventId: id)
        }
    }

    /// Which of some events of a partition that others know the outbox does not have, nor ever had, in their order.
    package static func unknown(
        _ told: [ToldEvent], of partition: Int32, in session: borrowing Session
    ) throws -> [ToldEvent] {
        let known = Set(
            try session.query(
                "SELECT event_id FROM outbox WHERE event_id = ANY (\(told.map(\.attributes.id.uuid)))"
            ).map { try $0.decode(UUID.self) })
        let first = try heads([partition], in: session).first?.first ?? Int64(1)
        return told.filter { $0.attributes.sequence >= first && !known.contains($0.attributes.id.uuid) }
    }

    /// What waits to be sent.
    package static func backlog(in session: borrowing Session) throws -> OutboxBacklog {
        let row = try session.first(
            """
            SELECT coalesce(sum(outbox_head.sequence - outbox_relay.sequence), 0)::bigint,
                coalesce(extract(epoch FROM clock_timestamp() - min(oldest.appended_at)), 0)::float8
            FROM outbox_head JOIN outbox_relay USING (partition)
            LEFT JOIN LATERAL (
                SELECT appended_at FROM outbox
                WHERE outbox.partition = outbox_head.partition AND outbox.sequence = outbox_relay.sequence + 1
            ) AS oldest ON true
            WHERE outbox_head.sequence > outbox_relay.sequence
            """)
        let (events, age) = try row?.decode(Int64.self, Double.self) ?? (Int64(0), 0.0)
        return OutboxBacklog(events: events, age: age)
    }

    /// Whether partitions of other instances have events to send.
    package static func othersHaveWork(except partitions: [Int32], in session: borrowing Session) throws -> Bool {
        let row = try session.first(
            """
            SELECT EXISTS (
                SELECT FROM outbox_head JOIN outbox_relay ON outbox_relay.partition = outbox_head.partition
                WHERE outbox_head.sequence > outbox_relay.sequence
                    AND NOT outbox_head.partition = ANY (\(partitions)))
            """)
        return try row?.decode(Bool.self) ?? false
    }
}
