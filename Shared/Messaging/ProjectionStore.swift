import ContractCore
import FoundationEssentials
import Postgres
import Vocabulary

/// The position was moved by somebody else, or belongs to somebody else now.
struct PositionConflict: Error {}

/// The projections' statements.
enum ProjectionStore {
    /// Takes partitions over under the epochs of their leases and tells where they stand; those that somebody holds
    /// under a higher epoch are missing in the answer.
    static func adopt(
        _ units: [ProjectionUnit: Int64], in session: borrowing Session
    ) throws -> [PartitionProgress] {
        let keys = Array(units.keys)
        let (names, sources) = (keys.map(\.projection), keys.map(\.source.rawValue))
        let (partitions, epochs) = (keys.map(\.partition), keys.map { units[$0] ?? 0 })
        let results = try session.pipeline([
            """
            INSERT INTO position (projection, source, partition)
            SELECT projection, source, partition
            FROM unnest(\(names), \(sources), \(partitions)) AS item (projection, source, partition)
            ORDER BY projection, source, partition ON CONFLICT DO NOTHING
            """,
            """
            UPDATE position SET epoch = item.epoch
            FROM unnest(\(names), \(sources), \(partitions), \(epochs)) AS item (projection, source, partition, epoch)
            WHERE position.projection = item.projection AND position.source = item.source
                AND position.partition = item.partition AND position.epoch <= item.epoch
            RETURNING position.projection, position.source, position.partition, position.sequence, position.event_id,
                position.kafka_offset, position.epoch, position.reason, position.caught_up_at IS NOT NULL
            """,
            "SELECT DISTINCT projection, source, partition, key FROM parked",
        ])
        var parked: [ProjectionUnit: Set<UUID>] = [:]
        for row in results[2] {
            let (name, source, partition, key) = try row.decode(
                String.self, String.self, Int32.self, UUID.self)
            if let unit = unit(name, source, partition) { parked[unit, default: []].insert(key) }
        }
        return try results[1].compactMap { row in
            let (name, source, partition, sequence, id, offset, epoch, reason, caughtUp) = try row.decode(
                String.self, String.self, Int32.self, Int64.self, EventID?.self, Int64.self, Int64.self, String?.self,
                Bool.self)
            guard let unit = unit(name, source, partition) else { return nil }
            return PartitionProgress(
                unit: unit, epoch: epoch, sequence: sequence, lastID: id, offset: offset,
                halt: reason.flatMap(PartitionProgress.Halt.init), parkedKeys: parked[unit] ?? [], caughtUp: caughtUp)
        }
    }

    /// Moves a position over a run of events; only from where it is known to be, and only under our epoch.
    static func advance(
        _ progress: PartitionProgress, over count: Int, to last: IncomingEvent, offset: Int64,
        in session: borrowing Session
    ) throws {
        let unit = progress.unit
        let moved = try session.execute(
            """
            UPDATE position SET sequence = \(last.attributes.sequence), event_id = \(last.id),
                kafka_offset = greatest(kafka_offset, \(offset)), state = 'running', reason = NULL
            WHERE projection = \(unit.projection) AND source = \(unit.source.rawValue)
                AND partition = \(unit.partition) AND epoch = \(progress.epoch)
                AND sequence = \(last.attributes.sequence.saturatingSubtracting(Int64(count)))
                AND event_id IS NOT DISTINCT FROM \(progress.lastID)
            """)
        if moved != 1 { throw PositionConflict() }
    }

    /// Fails unless the unit is ours; keeps it ours until the transaction ends.
    static func fence(_ progress: PartitionProgress, in session: borrowing Session) throws {
        let unit = progress.unit
        let row = try session.first(
            """
            SELECT epoch FROM position
            WHERE projection = \(unit.projection) AND source = \(unit.source.rawValue)
                AND partition = \(unit.partition) AND epoch = \(progress.epoch)
            FOR NO KEY UPDATE
            """)
        if row == nil { throw PositionConflict() }
    }

    /// Records that a partition does not move, and why.
    static func halt(
        _ progress: PartitionProgress, _ reason: PartitionProgress.Halt, in session: borrowing Session
    ) throws {
        let unit = progress.unit
        try session.execute(
            """
            UPDATE position SET state = 'halted', reason = \(reason.rawValue)
            WHERE projection = \(unit.projection) AND source = \(unit.source.rawValue)
                AND partition = \(unit.partition) AND epoch = \(progress.epoch)
            """)
    }

    /// Records that partitions have once seen everything that was there.
    static func caughtUp(_ units: [PartitionProgress], in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE position SET caught_up_at = clock_timestamp()
            FROM unnest(\(units.map(\.unit.projection)), \(units.map(\.unit.source.rawValue)),
                \(units.map(\.unit.partition)), \(units.map(\.epoch))) AS item (projection, source, partition, epoch)
            WHERE position.projection = item.projection AND position.source = item.source
                AND position.partition = item.partition AND position.epoch = item.epoch
                AND position.caught_up_at IS NULL
            """)
    }

    /// How many of a projection's partitions have once seen everything that was there.
    static func caughtUpCount(of projection: Projection, in session: borrowing Session) throws -> Int64 {
        let row = try session.first(
            """
            SELECT count(*) FROM position WHERE projection = \(projection.name)
                AND source = \(projection.source.rawValue) AND caught_up_at IS NOT NULL
            """)
        return try row?.decode(Int64.self) ?? Int64(0)
    }

    private static func unit(_ name: String, _ source: String, _ partition: Int32) -> ProjectionUnit? {
        EventSource(rawValue: source).map { ProjectionUnit(projection: name, source: $0, partition: partition) }
    }
}

/// The statements about events that could not be handled.
enum ParkedStore {
    /// A parked event whose time to be tried has come.
    struct Parked: Sendable {
        let event: IncomingEvent
        let attempts: Int32
    }

    static func add(
        _ event: IncomingEvent, of unit: ProjectionUnit, error: String, retryAfter: Duration,
        in session: borrowing Session
    ) throws {
        try session.execute(
            """
            INSERT INTO parked (projection, source, partition, sequence, key, event_id, type, envelope, error,
                next_attempt_at)
            VALUES (\(unit.projection), \(unit.source.rawValue), \(unit.partition), \(event.attributes.sequence),
                \(event.key), \(event.id), \(event.type), \(String(decoding: event.rawData, as: UTF8.self)), \(error),
                clock_timestamp() + \(retryAfter.inMilliseconds) * interval '1 millisecond')
            """)
    }

    /// The keys whose first parked event is to be tried again now.
    static func due(of unit: ProjectionUnit, in session: borrowing Session) throws -> [UUID] {
        try session.query(
            """
            SELECT key FROM (
                SELECT DISTINCT ON (key) key, sequence, next_attempt_at FROM parked
                WHERE projection = \(unit.projection) AND source = \(unit.source.rawValue)
                    AND partition = \(unit.partition)
                ORDER BY key, sequence
            ) AS first WHERE next_attempt_at <= clock_timestamp() ORDER BY sequence LIMIT 20
            """
        ).map { try $0.decode(UUID.self) }
    }

    /// The first parked event of a key; nil when there is none any more.
    static func first(
        of key: UUID, _ unit: ProjectionUnit, in session: borrowing Session
    ) throws -> Parked? {
        let row = try session.first(
            """
            SELECT envelope, attempts FROM parked
            WHERE projection = \(unit.projection) AND source = \(unit.source.rawValue)
                AND partition = \(unit.partition) AND key = \(key)
            ORDER BY sequence LIMIT 1
            """)
        guard let (envelope, attempts) = try row?.decode(String.self, Int32.self) else { return nil }
        let event = try IncomingEvent(partition: unit.partition, rawData: Array(envelope.utf8))
        return Parked(event: event, attempts: attempts)
    }

    static func remove(_ event: IncomingEvent, of unit: ProjectionUnit, in session: borrowing Session) throws {
        try session.execute(
            """
            DELETE FROM parked WHERE projection = \(unit.projection) AND source = \(unit.source.rawValue)
                AND partition = \(unit.partition) AND sequence = \(event.attributes.sequence)
            """)
    }

    static func postpone(
        _ event: IncomingEvent, of unit: ProjectionUnit, error: String, by wait: Duration,
        in session: borrowing Session
    ) throws {
        try session.execute(
            """
            UPDATE parked SET attempts = attempts + 1, error = \(error),
                next_attempt_at = clock_timestamp() + \(wait.inMilliseconds) * interval '1 millisecond'
            WHERE projection = \(unit.projection) AND source = \(unit.source.rawValue)
                AND partition = \(unit.partition) AND sequence = \(event.attributes.sequence)
            """)
    }
}

extension Duration {
    var inMilliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1000 + Double(attoseconds) / 1e15
    }
}
