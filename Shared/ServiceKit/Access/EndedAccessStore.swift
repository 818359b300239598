package import Contracts
package import FoundationEssentials
package import Postgres
package import Vocabulary

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
package enum EndedAccessStore {
    /// How long an end is kept: the longest life of an access token, and what clocks may differ.
    package static let keeping: Duration = .seconds(AccessTokenClaims.lifetime + 10)

    /// What this version can tell apart.
    package static let kinds: [AccessEnded.Kind] = [.session, .family, .token]

    /// Notes an end, unless no access token can be left of it.
    package static func add(_ ended: AccessEnded, at now: Instant, in session: borrowing Session) throws {
        let until = ended.at.adding(keeping)
        guard now < until else { return }
        try session.execute(
            """
            INSERT INTO ended_access (kind, id, until) VALUES (\(ended.kind.rawValue), \(ended.id), \(until))
            ON CONFLICT DO NOTHING
            """)
    }

    /// The ends that still matter and were learnt after a moment, with the moment at which each was learnt.
    package static func ends(
        learntAfter moment: Instant, at now: Instant, in session: borrowing Session
    ) throws -> [(kind: AccessEnded.Kind, id: UUID, until: Instant, learntAt: Instant)] {
        try session.query(
            """
            SELECT kind, id, until, learnt_at FROM ended_access WHERE learnt_at > \(moment) AND until > \(now)
            """
        ).compactMap { row in
            let (kind, id, until, learntAt) = try row.decode(String.self, UUID.self, Instant.self, Instant.self)
            return kinds.first { $0.rawValue == kind }.map { ($0, id, until, learntAt) }
        }
    }

    /// Whether events of the source are missing here, or could not be handled.
    package static func hasGap(in session: borrowing Session) throws -> Bool {
        let name = EndedAccessFollower.projection
        return try session.first(
            """
            SELECT EXISTS (SELECT 1 FROM position WHERE projection = \(name) AND state = 'halted')
                OR EXISTS (SELECT 1 FROM parked WHERE projection = \(name))
            """)?.column(0, as: Bool.self) ?? false
    }

    /// Removes up to 1,000 ends of which no access token can be left; answers how many.
    package static func prune(at now: Instant, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM ended_access WHERE (kind, id) IN (
                SELECT kind, id FROM ended_access WHERE until <= \(now) ORDER BY until LIMIT 1000
                FOR UPDATE SKIP LOCKED)
            """)
    }
}
