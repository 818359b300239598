import ContractCore
import Flow
package import FoundationEssentials
package import Postgres

extension Projection {
    /// As many rows as one transaction of a rebuild removes.
    private static let chunk = 1000
    private static let life = Duration.seconds(60)

    /// Forgets what the projection has learnt, so that the service's next start builds it from the first event.
    ///
    /// To be called while no instance of the service runs; meanwhile the rebuild itself holds the leases. May be
    /// repeated at any time: it first forgets how far it came, so one that was cut off leaves nothing skipped.
    ///
    /// - Throws: `ProjectionInUse` while an instance holds a lease of it; `PostgresError`.
    package func rebuild(on database: Database, as owner: UUID = UUID()) async throws {
        let (name, source, erase) = (name, source, erase)
        let scope = ProjectionUnit.scope(name, source)
        try await database.transaction { session in
            try LeaseStore.register(scopes: [scope], partitions: Topic.partitions, in: session)
            guard try LeaseStore.takeAll(scope, for: owner, life: Self.life, in: session) else {
                throw ProjectionInUse(projection: name)
            }
            try session.pipeline([
                "DELETE FROM parked WHERE projection = \(name) AND source = \(source.rawValue)",
                """
                UPDATE position SET sequence = 0, event_id = NULL, kafka_offset = -1, state = 'running', reason = NULL,
                    caught_up_at = NULL
                WHERE projection = \(name) AND source = \(source.rawValue)
                """,
            ])
        }
        var removed = erase == nil ? 0 : 1
        while removed > 0 {
            removed = try await database.transaction { session in
                guard try LeaseStore.takeAll(scope, for: owner, life: Self.life, in: session) else {
                    throw ProjectionInUse(projection: name)
                }
                return try erase?(Self.chunk, session) ?? 0
            }
        }
        try await database.transaction { session in try LeaseStore.leave(owner, in: session) }
    }
}

/// A projection is to be rebuilt while an instance works on it.
package struct ProjectionInUse: Error, Sendable, CustomStringConvertible {
    package let projection: String

    package var description: String {
        "projection \(projection) is being worked on: stop the service's instances first"
    }
}
