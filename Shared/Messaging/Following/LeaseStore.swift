package import Flow
package import FoundationEssentials
package import Postgres
import Vocabulary

/// Somebody else does this work now, or the position is not where we thought.
package struct Fenced: Error, Sendable {
    package init() {}
}

/// The statements about leases.
package enum LeaseStore {
    /// What a renewal found.
    package struct Renewal: Sendable {
        package let leases: [WorkUnit: Int64]
        package let alive: [LeaseMember]
    }

    /// Sees to it that there is a row for each piece of work.
    package static func register(
        scopes: [String], partitions: Int, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            INSERT INTO lease (scope, partition)
            SELECT scope, partition FROM unnest(\(scopes)) AS known (scope),
                generate_series(0, \(Int32(partitions) - 1)) AS item (partition)
            ORDER BY scope, partition ON CONFLICT DO NOTHING
            """)
    }

    /// Has an instance live on; one that had expired holds nothing any more and starts afresh.
    package static func renew(
        _ me: LeaseMember, life: Duration, in session: borrowing Session
    ) throws -> Renewal {
        let until = life.inMilliseconds
        let renewed = try session.execute(
            """
            UPDATE lease_member SET expires_at = clock_timestamp() + \(until) * interval '1 millisecond'
            WHERE owner = \(me.id) AND expires_at > clock_timestamp()
            """)
        if renewed == 0 {
            try session.pipeline([
                free(owner: me.id),
                """
                INSERT INTO lease_member (owner, scopes, expires_at) VALUES (\(me.id), \(me.scopes.sorted()),
                    clock_timestamp() + \(until) * interval '1 millisecond')
                ON CONFLICT (owner) DO UPDATE SET expires_at = excluded.expires_at, scopes = excluded.scopes
                """,
                "DELETE FROM lease_member WHERE expires_at < clock_timestamp() - interval '1 minute'",
            ])
        }
        let answers = try session.pipeline([
            "SELECT scope, partition, epoch FROM lease WHERE owner = \(me.id)",
            """
            SELECT owner, scopes FROM lease_member
            WHERE expires_at > clock_timestamp() AND scopes && \(me.scopes.sorted())
            """,
        ])
        return Renewal(
            leases: Dictionary(uniqueKeysWithValues: try answers[0].map(lease)),
            alive: try answers[1].map { row in
                let (id, scopes) = try row.decode(UUID.self, [String].self)
                return LeaseMember(id: id, scopes: Set(scopes))
            })
    }

    /// Takes what is free of some pieces of work; what somebody writes under at this moment is left for the next time.
    package static func take(
        _ units: Set<WorkUnit>, for owner: UUID, in session: borrowing Session
    ) throws -> [WorkUnit: Int64] {
        let units = units.sorted()
        let rows = try session.query(
            """
            UPDATE lease SET owner = \(owner), epoch = epoch + 1
            WHERE (scope, partition) IN (
                SELECT lease.scope, lease.partition FROM lease
                JOIN unnest(\(units.map(\.scope)), \(units.map(\.partition))) AS wanted (scope, partition)
                    ON wanted.scope = lease.scope AND wanted.partition = lease.partition
                WHERE NOT EXISTS (SELECT FROM lease_member
                    WHERE lease_member.owner = lease.owner AND expires_at > clock_timestamp())
                FOR UPDATE OF lease SKIP LOCKED)
            RETURNING scope, partition, epoch
            """)
        return Dictionary(uniqueKeysWithValues: try rows.map(lease))
    }

    /// Gives pieces of work back.
    package static func giveBack(_ units: Set<WorkUnit>, of owner: UUID, in session: borrowing Session) throws {
        let units = units.sorted()
        try session.execute(
            """
            UPDATE lease SET owner = NULL, freed_at = clock_timestamp()
            FROM unnest(\(units.map(\.scope)), \(units.map(\.partition))) AS mine (scope, partition)
            WHERE lease.scope = mine.scope AND lease.partition = mine.partition AND lease.owner = \(owner)
            """)
    }

    /// Gives everything back: an instance that stops.
    package static func leave(_ owner: UUID, in session: borrowing Session) throws {
        try session.pipeline([free(owner: owner), "DELETE FROM lease_member WHERE owner = \(owner)"])
    }

    /// Which of some leases are held under these epochs; keeps them so until the transaction ends.
    package static func held(
        _ epochs: [WorkUnit: Int64], in session: borrowing Session
    ) throws -> Set<WorkUnit> {
        let units = epochs.keys.sorted()
        let rows = try session.query(
            """
            SELECT lease.scope, lease.partition, lease.epoch FROM lease
            JOIN unnest(\(units.map(\.scope)), \(units.map(\.partition)), \(units.map { epochs[$0] ?? 0 }))
                AS mine (scope, partition, epoch) USING (scope, partition, epoch)
            ORDER BY lease.scope, lease.partition FOR KEY SHARE OF lease
            """)
        return Set(try rows.map { try lease($0).0 })
    }

    /// Fails unless the lease is held under this epoch; keeps it so until the transaction ends.
    package static func fence(_ unit: WorkUnit, epoch: Int64, in session: borrowing Session) throws {
        guard try held([unit: epoch], in: session) == [unit] else { throw Fenced() }
    }

    /// Takes all leases of a scope for work that must be alone, such as a rebuild.
    ///
    /// - Returns: False if a living instance holds one of them.
    package static func takeAll(
        _ scope: String, for owner: UUID, life: Duration, in session: borrowing Session
    ) throws -> Bool {
        let busy = try session.query(
            """
            SELECT FROM lease JOIN lease_member ON lease_member.owner = lease.owner
            WHERE lease.scope = \(scope) AND lease_member.owner <> \(owner)
                AND lease_member.expires_at > clock_timestamp()
            """)
        guard busy.isEmpty else { return false }
        try session.pipeline([
            """
            INSERT INTO lease_member (owner, scopes, expires_at) VALUES (\(owner), '{}',
                clock_timestamp() + \(life.inMilliseconds) * interval '1 millisecond')
            ON CONFLICT (owner) DO UPDATE SET expires_at = excluded.expires_at
            """,
            "SELECT FROM lease WHERE scope = \(scope) ORDER BY partition FOR UPDATE",
            "UPDATE lease SET owner = \(owner), epoch = epoch + 1 WHERE scope = \(scope)",
        ])
        return true
    }

    private static func free(owner: UUID) -> SQL {
        "UPDATE lease SET owner = NULL, freed_at = clock_timestamp() WHERE owner = \(owner)"
    }

    private static func lease(_ row: Row) throws -> (WorkUnit, Int64) {
        let (scope, partition, epoch) = try row.decode(String.self, Int32.self, Int64.self)
        return (WorkUnit(scope, partition), epoch)
    }
}

extension Duration {
    package var inMilliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1000 + Double(attoseconds) / 1e15
    }
}
