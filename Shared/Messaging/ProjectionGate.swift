package import ContractCore
package import FoundationEssentials
import Kafka
package import Postgres
import Vocabulary

/// Whether what a projection says of an aggregate can be relied on.
package enum ProjectionHealth: Sendable, Hashable {
    case reliable
    /// An event of the aggregate is parked, or its partition is halted: grants that depend on it are refused.
    case unknown
}

/// Lets readers wait until projections have seen a position.
package struct ProjectionGate: PositionGate {
    /// The longest that a reader waits.
    package static let longestWait: Duration = .seconds(2)

    private let own: EventSource?
    private let sources: Set<EventSource>
    private let database: Database
    let board: PositionBoard

    /// Makes the gate of a service.
    ///
    /// - Parameters:
    ///   - projections: What the service projects.
    ///   - own: The source that it is itself; its own writes it always sees.
    ///   - database: Where the positions are.
    ///   - maximumWaiters: How many readers may wait at a time.
    package init(projections: [Projection], own: EventSource?, database: Database, maximumWaiters: Int = 256) {
        self.own = own
        self.sources = Set(projections.map(\.source))
        self.database = database
        self.board = PositionBoard(
            projections: Dictionary(grouping: projections, by: \.source).mapValues { $0.map(\.name) },
            maximumWaiters: maximumWaiters)
    }

    /// Waits until every projection of each source has seen the positions, without holding a connection meanwhile.
    ///
    /// - Parameters:
    ///   - positions: What must have been seen.
    ///   - deadline: When to give up; at most `longestWait` from now counts.
    package func wait(
        for positions: Positions, until deadline: ContinuousClock.Instant = .now + longestWait
    ) async throws(GateError) {
        let needed = positions.sequences.filter { $0.key.source != own && $0.value > 0 }
        guard needed.keys.allSatisfy({ sources.contains($0.source) }) else { throw .unknownSource }
        if board.satisfies(needed) { return }
        let deadline = min(deadline, .now + Self.longestWait)
        let waiter = try board.enqueue(needed)
        defer { board.leave(waiter) }
        // What another instance writes is told by a notification; looking again by itself is for a lost one.
        while true {
            await refresh(needed)
            let left = deadline - ContinuousClock.now
            guard left > .zero else {
                if board.satisfies(needed) { return }
                throw .notCaughtUp
            }
            switch await waiter.wait(atMost: min(left, .milliseconds(250))) {
            case .reached: return
            case .cancelled: throw .cancelled
            case .timer: continue
            }
        }
    }

    /// Whether what this service knows of an aggregate of another source can be relied on.
    ///
    /// - Parameters:
    ///   - source: Whose aggregate it is.
    ///   - key: The aggregate's id.
    ///   - session: Any session on the service's schema.
    package static func health(
        of source: EventSource, key: UUID, in session: borrowing Session
    ) throws -> ProjectionHealth {
        let row = try session.first(
            """
            SELECT EXISTS (SELECT FROM parked WHERE source = \(source.rawValue) AND key = \(key))
                OR EXISTS (SELECT FROM position WHERE source = \(source.rawValue)
                    AND partition = \(EventPartition.of(key)) AND state = 'halted')
            """)
        guard let row else { return .unknown }
        return try row.decode(Bool.self) ? .unknown : .reliable
    }

    /// The same for several aggregates at once: those that cannot be relied on.
    package static func unreliable(
        of source: EventSource, keys: [UUID], in session: borrowing Session
    ) throws -> Set<UUID> {
        let partitions = keys.map { Int64(EventPartition.of($0)) }
        let rows = try session.query(
            """
            SELECT item.key FROM unnest(\(keys), \(partitions)) AS item (key, partition)
            WHERE EXISTS (SELECT FROM parked WHERE parked.source = \(source.rawValue) AND parked.key = item.key)
                OR EXISTS (SELECT FROM position WHERE position.source = \(source.rawValue)
                    AND position.partition = item.partition AND position.state = 'halted')
            """)
        return Set(try rows.map { try $0.decode(UUID.self) })
    }

    /// Reads the positions that are waited for, and lets through whom they satisfy.
    func refresh(_ needed: [Positions.Place: Int64]) async {
        let sources = needed.keys.map(\.source.rawValue)
        let partitions = needed.keys.map { Int64($0.partition) }
        let rows = try? await database.read { session in
            try session.query(
                """
                SELECT position.projection, position.source, position.partition::bigint, position.sequence
                FROM unnest(\(sources), \(partitions)) AS item (source, partition)
                JOIN position ON position.source = item.source AND position.partition = item.partition
                """)
        }
        for row in rows ?? [] {
            guard
                let (projection, source, partition, sequence) = try? row.decode(
                    String.self, String.self, Int64.self, Int64.self),
                let source = EventSource(rawValue: source)
            else { continue }
            let unit = ProjectionUnit(projection: projection, source: source, partition: Int32(partition))
            board.advance(unit, to: sequence)
        }
    }
}
