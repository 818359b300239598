import ContractCore
import Following
package import FoundationEssentials
package import Postgres

extension OutboxRelay {
    /// Has the whole outbox sent again by the next start, signed with the key of then: after a key was withdrawn.
    ///
    /// To be called while no instance of the service runs. Readers pass over what they know.
    ///
    /// - Returns: How many events will be sent again.
    /// - Throws: `OutboxInUse` while an instance sends; `PostgresError`.
    package static func publishAgain(on database: Database, as owner: UUID = UUID()) async throws -> Int64 {
        try await database.transaction { session in
            try LeaseStore.register(scopes: [scope], partitions: Topic.partitions, in: session)
            guard try LeaseStore.takeAll(scope, for: owner, life: .seconds(60), in: session) else {
                throw OutboxInUse()
            }
            let row = try session.first("SELECT coalesce(sum(sequence), 0)::bigint FROM outbox_relay")
            try session.execute("UPDATE outbox_relay SET sequence = 0")
            try LeaseStore.leave(owner, in: session)
            return try row?.decode(Int64.self) ?? Int64(0)
        }
    }
}

/// The outbox is to be published again while an instance sends it.
package struct OutboxInUse: Error, Sendable, CustomStringConvertible {
    package var description: String { "the outbox is being sent: stop the service's instances first" }
}
