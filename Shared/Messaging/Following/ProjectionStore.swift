import ContractCore
package import Flow
import FoundationEssentials
package import Postgres
import Vocabulary

/// The statements about positions.
package enum ProjectionStore {
    /// Tells where partitions stand whose leases are new; those that somebody holds under a higher epoch are missing in
    /// the answer.
    package static func adopt(
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
            SELECT position.projection, position.source, position.partition, position.sequence, position.event_id,
                position.kafka_offset, item.epoch, position.reason, position.caught_up_at IS NOT NULL
            FROM unnest(\(names), \(sources), \(partitions), \(epochs), \(keys.map(\.work.scope)))
                AS item (projection, source, partition, epoch, scope)
            JOIN position USING (projection, source, partition)
            JOIN lease ON lease.scope = item.scope AND lease.partition = item.partition AND lease.epoch = item.epoch
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
    package static func advance(
        from progress: PartitionProgress, to moved: PartitionProgress, in session: borrowing Session
    ) throws {
        let unit = progress.unit
        try LeaseStore.fence(unit.work, epoch: progress.epoch, in: session)
        let count = try session.execute(
            """
            UPDATE position SET sequence = \(moved.sequence), event_id = \(moved.lastID),
                kafka_offset = greatest(kafka_offset, \(moved.offset)),
                state = \(state(moved)), reason = \(moved.halt?.rawValue)
            WHERE projection = \(unit.projection) AND source = \(unit.source.rawValue)
                AND partition = \(unit.partition) AND sequence = \(progress.sequence)
                AND event_id IS NOT DISTINCT FROM \(progress.lastID)
            """)
        if count != 1 { throw Fenced() }
    }

    /// Moves a position over events that do not matter any more; only from where it is known to be, and only under our
    /// epoch.
    package static func skip(_ progress: PartitionProgress, to number: Int64, in session: borrowing Session) throws {
        let unit = progress.unit
        try LeaseStore.fence(unit.work, epoch: progress.epoch, in: session)
        let count = try session.execute(
            """
            UPDATE position SET sequence = \(number), event_id = NULL, state = 'running', reason = NULL
            WHERE projection = \(unit.projection) AND source = \(unit.source.rawValue)
                AND partition = \(unit.partition) AND sequence = \(progress.sequence) AND sequence < \(number)
            """)
        if count != 1 { throw Fenced() }
    }

    /// Writes down that a partition is halted and why, or that it moves again.
    package static func recordState(_ progress: PartitionProgress, in session: borrowing Session) throws {
        let unit = progress.unit
        try LeaseStore.fence(unit.work, epoch: progress.epoch, in: session)
        try session.execute(
            """
            UPDATE position SET state = \(state(progress)), reason = \(progress.halt?.rawValue)
            WHERE projection = \(unit.projection) AND source = \(unit.source.rawValue)
                AND partition = \(unit.partition)
            """)
    }

    /// Writes down that partitions have once seen everything that was there, as far as they are ours still.
    package static func caughtUp(_ reached: [PartitionProgress], in session: borrowing Session) throws {
        let units = reached.map(\.unit)
        try session.execute(
            """
            UPDATE position SET caught_up_at = clock_timestamp()
            FROM unnest(\(units.map(\.projection)), \(units.map(\.source.rawValue)), \(units.map(\.partition)),
                    \(units.map(\.work.scope)), \(reached.map(\.epoch)))
                AS item (projection, source, partition, scope, epoch)
            JOIN lease ON lease.scope = item.scope AND lease.partition = item.partition AND lease.epoch = item.epoch
            WHERE position.projection = item.projection AND position.source = item.source
                AND position.partition = item.partition AND position.caught_up_at IS NULL
            """)
    }

    /// How far the projections with some names came.
    package static func sequences(
        of names: [String], in session: borrowing Session
    ) throws -> [ProjectionUnit: Int64] {
        let rows = try session.query(
            "SELECT projection, source, partition, sequence FROM position WHERE projection = ANY (\(names))")
        return Dictionary(
            try rows.compactMap { row in
                let (name, source, partition, sequence) = try row.decode(
                    String.self, String.self, Int32.self, Int64.self)
                return unit(name, source, partition).map { ($0, sequence) }
            }
        ) { first, _ in first }
    }

    /// How many of a projection's partitions have once seen everything that was there.
    package static func caughtUpCount(of projection: Projection, in session: borrowing Session) throws -> Int64 {
        let row = try session.first(
            """
            SELECT count(*) FROM position WHERE projection = \(projection.name)
                AND source = \(projection.source.rawValue) AND caught_up_at IS NOT NULL
            """)
        return try row?.decode(Int64.self) ?? Int64(0)
    }

    private static func state(_ progress: PartitionProgress) -> String { progress.halt == nil ? "running" : "halted" }

    private static func unit(_ name: String, _ source: String, _ partition: Int32) -> ProjectionUnit? {
        EventSource(rawValue: source).map { ProjectionUnit(projection: name, source: $0, partition: partition) }
    }
}
