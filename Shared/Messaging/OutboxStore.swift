import ContractCore
import FoundationEssentials
import Postgres
import Vocabulary

/// An event that waits to be sent.
struct PendingEvent: Sendable {
    let partition: Int32
    let sequence: Int64
    let key: UUID
    let envelope: String
}

/// How far a partition was sent.
struct RelayState: Sendable {
    let partition: Int32
    let sequence: Int64
    let offset: Int64
}

/// The relay's statements.
enum OutboxStore {
    /// As many events of one partition as are read at a time.
    static let batch = 100

    /// Marks the partitions as ours under these epochs and tells how far they were sent; those that somebody holds
    /// under a higher epoch are missing in the answer.
    static func adopt(_ epochs: [Int32: Int64], in session: borrowing Session) throws -> [RelayState] {
        let rows = try session.query(
            """
            UPDATE outbox_relay SET epoch = item.epoch
            FROM unnest(\(Array(epochs.keys)), \(Array(epochs.values))) AS item (partition, epoch)
            WHERE outbox_relay.partition = item.partition AND outbox_relay.epoch <= item.epoch
            RETURNING outbox_relay.partition, outbox_relay.sequence, outbox_relay.kafka_offset
            """)
        return try rows.map(relayState)
    }

    /// The first events of each partition that were not sent, in order.
    static func pending(_ partitions: [Int32], in session: borrowing Session) throws -> [PendingEvent] {
        let rows = try session.query(
            """
            SELECT event.partition, event.sequence, event.key, event.envelope
            FROM outbox_relay
            CROSS JOIN LATERAL (
                SELECT partition, sequence, key, envelope FROM outbox
                WHERE outbox.partition = outbox_relay.partition AND outbox.sequence > outbox_relay.sequence
                ORDER BY outbox.sequence LIMIT \(Int64(batch))
            ) AS event
            WHERE outbox_relay.partition = ANY (\(partitions))
            ORDER BY event.partition, event.sequence LIMIT \(Int64(10 * batch))
            """)
        return try rows.map { row in
            let (partition, sequence, key, envelope) = try row.decode(
                Int32.self, Int64.self, UUID.self, String.self)
            return PendingEvent(partition: partition, sequence: sequence, key: key, envelope: envelope)
        }
    }

    /// Records what was sent, where the epoch is still ours; answers the partitions where it was.
    static func mark(
        _ sent: [RelayState], epochs: [Int32: Int64], in session: borrowing Session
    ) throws -> [Int32] {
        let rows = try session.query(
            """
            UPDATE outbox_relay SET sequence = item.sequence, kafka_offset = item.kafka_offset
            FROM unnest(\(sent.map(\.partition)), \(sent.map(\.sequence)), \(sent.map(\.offset)),
                \(sent.map { epochs[$0.partition] ?? -1 })) AS item (partition, sequence, kafka_offset, epoch)
            WHERE outbox_relay.partition = item.partition AND outbox_relay.epoch = item.epoch
            RETURNING outbox_relay.partition
            """)
        return try rows.map { try $0.decode(Int32.self) }
    }

    /// Has a partition sent again from a number on; from 1 because the broker's log was lost.
    static func sendAgain(
        _ partition: Int32, from sequence: Int64, logLost: Bool, epoch: Int64, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            UPDATE outbox_relay SET sequence = least(sequence, \(sequence.saturatingSubtracting(1))),
                kafka_offset = CASE WHEN \(logLost) THEN -1 ELSE kafka_offset END
            WHERE partition = \(partition) AND epoch = \(epoch)
            """)
    }

    static func states(_ partitions: [Int32], in session: borrowing Session) throws -> [RelayState] {
        try session.query(
            "SELECT partition, sequence, kafka_offset FROM outbox_relay WHERE partition = ANY (\(partitions))"
        ).map(relayState)
    }

    /// The last events of partitions that have any, and how many events are committed and not sent.
    static func heads(
        _ partitions: [Int32], in session: borrowing Session
    ) throws -> (heads: [SourceHeads.Head], unsent: Int64) {
        let rows = try session.query(
            """
            SELECT outbox_head.partition, outbox_head.sequence, outbox_head.event_id,
                outbox_head.sequence - outbox_relay.sequence
            FROM outbox_head JOIN outbox_relay ON outbox_relay.partition = outbox_head.partition
            WHERE outbox_head.partition = ANY (\(partitions)) AND outbox_head.event_id IS NOT NULL
            """)
        var unsent: Int64 = 0
        let heads = try rows.map { row in
            let (partition, sequence, id, difference) = try row.decode(
                Int32.self, Int64.self, EventID.self, Int64.self)
            unsent = unsent.saturatingAdding(difference)
            return SourceHeads.Head(partition: partition, sequence: sequence, eventId: id)
        }
        return (heads, unsent)
    }

    /// Whether partitions of other instances have events to send.
    static func othersHaveWork(except partitions: [Int32], in session: borrowing Session) throws -> Bool {
        let row = try session.first(
            """
            SELECT EXISTS (
                SELECT FROM outbox_head JOIN outbox_relay ON outbox_relay.partition = outbox_head.partition
                WHERE outbox_head.sequence > outbox_relay.sequence
                    AND NOT outbox_head.partition = ANY (\(partitions)))
            """)
        return try row?.decode(Bool.self) ?? false
    }

    private static func relayState(_ row: Row) throws -> RelayState {
        let (partition, sequence, offset) = try row.decode(Int32.self, Int64.self, Int64.self)
        return RelayState(partition: partition, sequence: sequence, offset: offset)
    }
}
