import FoundationEssentials
import Logging
import Postgres
import Synchronization

/// Holds this instance's fair share of a group's work, by leases in the database that expire by its clock.
///
/// Every lease has an epoch, raised whenever it changes hands. Whoever works under a lease writes only where the epoch
/// is still its own, so an owner that slept through its expiry can do no harm.
final class LeaseKeeper: Sendable {
    private struct State {
        var held: [String: Int64] = [:]
        var members = 1
        var validUntil = ContinuousClock.now
        var registered = false
    }

    private let group: String
    private let units: [String]
    private let database: Database
    private let owner: UUID
    private let life: Duration
    private let logger: Logger
    private let state = Mutex(State())

    init(group: String, units: [String], database: Database, owner: UUID, life: Duration, logger: Logger) {
        self.group = group
        self.units = units
        self.database = database
        self.owner = owner
        self.life = life
        self.logger = logger
    }

    /// The units that are ours now, with their epochs; none when the database could not be asked for a lease's life.
    var held: [String: Int64] {
        state.withLock { $0.validUntil > .now ? $0.held : [:] }
    }

    /// How many instances share the group's work.
    var members: Int { state.withLock { $0.members } }

    /// Renews, gives up and takes leases until the task is cancelled; calls `changed` after each change.
    func run(changed: @Sendable () -> Void) async {
        var healthy = true
        repeat {
            let before = held
            do {
                try await renew()
                healthy = true
            } catch {
                if healthy, !Task.isCancelled {
                    logger.warning("leases could not be renewed", metadata: ["error": "\(error)"])
                }
                healthy = false
            }
            if held != before { changed() }
        } while await pause(life / 3)
    }

    /// Gives everything up, so that others need not wait for the expiry.
    func release() async {
        state.withLock { $0.held = [:] }
        let (group, owner) = (group, owner)
        do {
            _ = try await database.transaction { session in
                try session.pipeline([
                    """
                    UPDATE lease SET owner = NULL, expires_at = '-infinity'
                    WHERE lease_group = \(group) AND owner = \(owner)
                    """,
                    "DELETE FROM lease_member WHERE lease_group = \(group) AND owner = \(owner)",
                ])
            }
        } catch {
            // They expire by themselves.
            logger.debug("leases were left to expire", metadata: ["error": "\(error)"])
        }
    }

    private func renew() async throws {
        try await registerUnits()
        let asked = ContinuousClock.now
        let (held, members) = try await renewHeld()
        let share = (units.count + members - 1) / members
        var mine = held
        let surplus = mine.keys.sorted().dropFirst(share)
        for unit in surplus { mine[unit] = nil }
        state.withLock { state in
            state.held = mine
            state.members = members
            state.validUntil = asked + life
        }
        if !surplus.isEmpty { try await give(Array(surplus)) }
        guard mine.count < share else { return }
        let taken = try await take(share - mine.count)
        state.withLock { $0.held.merge(taken) { _, new in new } }
    }

    private func registerUnits() async throws {
        if state.withLock({ $0.registered }) { return }
        let (group, units) = (group, units)
        _ = try await database.transaction { session in
            try session.execute(
                """
                INSERT INTO lease (lease_group, unit) SELECT \(group), unit FROM unnest(\(units)) AS item (unit)
                ORDER BY unit ON CONFLICT DO NOTHING
                """)
        }
        state.withLock { $0.registered = true }
    }

    private func renewHeld() async throws -> ([String: Int64], Int) {
        let (group, units, owner, life) = (group, units, owner, life.inMilliseconds)
        return try await database.transaction { session in
            let results = try session.pipeline([
                """
                INSERT INTO lease_member (lease_group, owner, expires_at)
                VALUES (\(group), \(owner), clock_timestamp() + \(life) * interval '1 millisecond')
                ON CONFLICT (lease_group, owner) DO UPDATE SET expires_at = excluded.expires_at
                """,
                """
                DELETE FROM lease_member
                WHERE lease_group = \(group) AND expires_at < clock_timestamp() - interval '1 minute'
                """,
                """
                UPDATE lease SET expires_at = clock_timestamp() + \(life) * interval '1 millisecond'
                WHERE lease_group = \(group) AND owner = \(owner) AND unit = ANY (\(units))
                    AND expires_at > clock_timestamp()
                RETURNING unit, epoch
                """,
                """
                SELECT count(*) FROM lease_member WHERE lease_group = \(group) AND expires_at > clock_timestamp()
                """,
            ])
            let held = try results[2].map { try $0.decode(String.self, Int64.self) }
            let members = try results[3].first?.decode(Int64.self) ?? Int64(1)
            return (Dictionary(uniqueKeysWithValues: held), max(1, Int(members)))
        }
    }

    private func give(_ surplus: [String]) async throws {
        let (group, owner) = (group, owner)
        _ = try await database.transaction { session in
            try session.execute(
                """
                UPDATE lease SET owner = NULL, expires_at = '-infinity'
                WHERE lease_group = \(group) AND owner = \(owner) AND unit = ANY (\(surplus))
                """)
        }
    }

    private func take(_ count: Int) async throws -> [String: Int64] {
        let (group, units, owner, life) = (group, units, owner, life.inMilliseconds)
        return try await database.transaction { session in
            let rows = try session.query(
                """
                UPDATE lease SET owner = \(owner), epoch = epoch + 1,
                    expires_at = clock_timestamp() + \(life) * interval '1 millisecond'
                WHERE lease_group = \(group) AND unit IN (
                    SELECT unit FROM lease
                    WHERE lease_group = \(group) AND unit = ANY (\(units))
                        AND (owner IS NULL OR expires_at <= clock_timestamp())
                    ORDER BY random() LIMIT \(Int64(count)) FOR UPDATE SKIP LOCKED)
                RETURNING unit, epoch
                """)
            return Dictionary(uniqueKeysWithValues: try rows.map { try $0.decode(String.self, Int64.self) })
        }
    }
}
