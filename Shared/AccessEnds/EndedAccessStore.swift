import ContractCore
import Following
import FoundationEssentials
package import Postgres
import Vocabulary
import Web

/// The table of what ended before its time, in the schema of each API that persons call.
package enum EndedAccessSchema {
    /// The migrations, component `ended-access`.
    package static let migrations: [Migration] = [
        Migration(
            component: "ended-access", file: "E0001__create_ended_access",
            sql: PackageResources.E0001__create_ended_access_sql)
    ]
}

/// The rows of `ended_access`.
enum EndedAccessStore {
    /// Clocks of instances differ: a row stays a little longer than anybody needs it.
    private static let spare: Duration = .seconds(60)

    /// Notes an end, unless no access token can be left of it.
    static func add(
        _ ended: AccessEnded, told event: IncomingEvent, at now: Instant, in session: borrowing Session
    ) throws {
        let until = ended.at.adding(EndedAccess.keeping)
        guard now < until else { return }
        try session.execute(
            """
            INSERT INTO ended_access (kind, id, until, partition, sequence)
            VALUES (\(ended.kind.rawValue), \(ended.id), \(until), \(event.partition), \(event.attributes.sequence))
            ON CONFLICT DO NOTHING
            """)
    }

    /// An end, and the place of the event that told it.
    struct Known {
        let subject: AccessEnded.Subject
        let until: Instant
        let partition: Int32
        let sequence: Int64
    }

    /// The ends that still matter and lie behind a number in each partition.
    static func ends(
        behind numbers: [Int32: Int64], at now: Instant, in session: borrowing Session
    ) throws -> [Known] {
        let (partitions, sequences) = (Array(numbers.keys), Array(numbers.values))
        return try session.query(
            """
            SELECT ended.kind, ended.id, ended.until, ended.partition, ended.sequence
            FROM unnest(\(partitions), \(sequences)) AS known (partition, sequence)
            JOIN ended_access AS ended ON ended.partition = known.partition AND ended.sequence > known.sequence
            WHERE ended.until > \(now)
            """
        ).compactMap { row in
            let (kind, id, until, partition, sequence) = try row.decode(
                String.self, Identifier<AccessEnded>.self, Instant.self, Int32.self, Int64.self)
            guard let kind = AccessEnded.Kind(known: kind) else { return nil }
            return Known(subject: AccessEnded.Subject(kind, id), until: until, partition: partition, sequence: sequence)
        }
    }

    /// How far the events were taken in, by partition.
    static func positions(in session: borrowing Session) throws -> [Int32: Int64] {
        let followed = EndedAccessFollower.followed
        let rows = try session.query(
            """
            SELECT partition, sequence FROM position
            WHERE projection = \(followed.projection) AND source = \(followed.source.rawValue)
            """
        ).map { try $0.decode(Int32.self, Int64.self) }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.0, $0.1) })
    }

    /// Removes at most so many ends of which no access token can be left; answers how many.
    static func prune(at now: Instant, limit: Int = 1000, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM ended_access WHERE (kind, id) IN (
                SELECT kind, id FROM ended_access WHERE until <= \(now.adding(.zero - spare)) ORDER BY until
                LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            """)
    }

    /// Removes at most so many ends, for a rebuild; answers how many.
    static func erase(limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM ended_access WHERE (kind, id) IN (
                SELECT kind, id FROM ended_access LIMIT \(limit) FOR UPDATE)
            """)
    }
}
