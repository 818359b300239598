import ContractCore
package import Flow
package import FoundationEssentials
package import Postgres

/// The statements about events that could not be handled.
package enum ParkedStore {
    /// A parked event whose time to be tried has come.
    package struct Parked: Sendable {
        package let event: IncomingEvent
        package let attempts: Int32
    }

    package static func add(
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
    package static func due(of unit: ProjectionUnit, in session: borrowing Session) throws -> [UUID] {
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
    package static func first(
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

    package static func remove(_ event: IncomingEvent, of unit: ProjectionUnit, in session: borrowing Session) throws {
        try session.execute(
            """
            DELETE FROM parked WHERE projection = \(unit.projection) AND source = \(unit.source.rawValue)
                AND partition = \(unit.partition) AND sequence = \(event.attributes.sequence)
            """)
    }

    package static func postpone(
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
