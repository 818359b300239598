package import ContractCore
package import FoundationEssentials
package import Postgres

/// A projection by name, as those see it who read its facts.
package struct Followed: Hashable, Sendable {
    package let projection: String
    package let source: EventSource

    /// Names a projection.
    package init(_ projection: String, _ source: EventSource) {
        self.projection = projection
        self.source = source
    }
}

/// What of some projections cannot be relied on at a moment.
///
/// A partition is in doubt when it is halted, was never read, or is read by nobody for longer than a change of owners
/// takes; an aggregate when an event of it is parked. What depends on it is unknown, which means refused.
///
/// To be read before the facts: those are then at least as new as this, so nothing old is taken for certain. Asked the
/// other way round, a gap that is filled in between makes the old facts look certain.
package struct Doubts: Sendable {
    /// As many parked keys as are told apart; with more, the whole source is in doubt.
    private static let limit = 1000

    private var partitions: Set<Positions.Place> = []
    private var keys: [EventSource: Set<UUID>] = [:]
    private var sources: Set<EventSource> = []

    /// Nothing is in doubt.
    package init() {}

    /// The statement whose rows `init(_:)` reads; first in its batch.
    package static func statement(_ followed: [Followed]) -> SQL {
        let (names, sources) = (followed.map(\.projection), followed.map(\.source.rawValue))
        return """
            SELECT known.source, item.partition, NULL::uuid
            FROM unnest(\(names), \(sources)) AS known (projection, source)
            CROSS JOIN generate_series(0, \(Int32(Topic.partitions) - 1)) AS item (partition)
            LEFT JOIN position ON position.projection = known.projection AND position.source = known.source
                AND position.partition = item.partition
            LEFT JOIN lease ON lease.scope = known.projection || '/' || known.source
                AND lease.partition = item.partition
            LEFT JOIN lease_member ON lease_member.owner = lease.owner
            WHERE (position.state = 'running' AND coalesce(lease_member.expires_at, lease.freed_at)
                > clock_timestamp() - interval '10 seconds') IS NOT TRUE
            UNION ALL
            (SELECT parked.source, parked.partition, parked.key FROM parked
            JOIN unnest(\(names), \(sources)) AS known (projection, source) USING (projection, source)
            LIMIT \(Int64(limit)))
            """
    }

    /// Reads the answer to `statement`.
    package init(_ rows: [Row]) throws {
        for row in rows {
            let (name, partition, key) = try row.decode(String.self, Int32.self, UUID?.self)
            guard let source = EventSource(rawValue: name) else { continue }
            if let key {
                keys[source, default: []].insert(key)
            } else {
                partitions.insert(Positions.Place(source, partition))
            }
        }
        if rows.count - partitions.count >= Self.limit { sources = Set(keys.keys) }
    }

    /// Asks for them, in a statement of its own.
    package static func read(_ followed: [Followed], in session: borrowing Session) throws -> Doubts {
        try Doubts(try session.query(statement(followed)))
    }

    /// Whether what is known of an aggregate cannot be relied on.
    package func cover(_ key: UUID, of source: EventSource) -> Bool {
        sources.contains(source) || keys[source]?.contains(key) == true
            || partitions.contains(Positions.Place(source, EventPartition.of(key)))
    }

    /// Whether anything of a source cannot be relied on: for questions about facts that are not there.
    package func touch(_ source: EventSource) -> Bool {
        keys[source] != nil || partitions.contains { $0.source == source }
    }
}
