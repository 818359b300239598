import ContractCore
import Flow
package import Following
import FoundationEssentials
package import Postgres

extension Database {
    /// Has the facts of projections count as followed, as with a runner that has read everything: for tests that write
    /// facts themselves.
    package func pretendToFollow(_ projections: [Projection]) async throws {
        let units = projections.flatMap(\.units)
        let scopes = projections.map { ProjectionUnit.scope($0.name, $0.source) }
        let owner = UUID()
        try await transaction { session in
            try LeaseStore.register(scopes: scopes, partitions: Topic.partitions, in: session)
            try session.pipeline([
                "INSERT INTO lease_member (owner, scopes, expires_at) VALUES (\(owner), \(scopes), 'infinity')",
                "UPDATE lease SET owner = \(owner) WHERE scope = ANY (\(scopes))",
                """
                INSERT INTO position (projection, source, partition, caught_up_at)
                SELECT projection, source, partition, clock_timestamp()
                FROM unnest(\(units.map(\.projection)), \(units.map(\.source.rawValue)), \(units.map(\.partition)))
                    AS item (projection, source, partition)
                ON CONFLICT DO NOTHING
                """,
            ])
        }
    }
}
