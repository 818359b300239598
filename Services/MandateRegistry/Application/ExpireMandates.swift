package import AuditTrail
package import EventOutbox
import MandateRegistryDomain
package import Postgres
package import Tokens
import Vocabulary

/// Writes down that mandates are over whose last day is past.
///
/// Decisions do not wait for it: they look at the calendar themselves. It tells the others, and keeps the register tidy.
package struct ExpireMandates: Sendable {
    private let database: Database
    private let outbox: Outbox
    private let tokens: TokenStore

    package init(database: Database, outbox: Outbox, tokens: TokenStore) {
        self.database = database
        self.outbox = outbox
        self.tokens = tokens
    }

    /// Ends at most `limit` of them in one transaction; returns how many.
    ///
    /// Several instances may run it at once: each passes over what another holds.
    package func callAsFunction(limit: Int = 25, _ act: ProgramAct) async throws -> Int {
        try await outbox.transaction(on: database) { session in
            let expired = try MandateStore.overdue(on: act.day, limit: limit, in: session)
                .compactMap { $0.expired(on: act.day, at: act.time) }
            guard !expired.isEmpty else { return 0 }
            for mandate in expired { try MandateStore.update(mandate, in: session) }
            try tokens.end(
                expired.map { VersionedBasis(ContextBasis.mandate($0.id), version: $0.version) }, at: act.time,
                in: session)
            try outbox.append(expired.map(\.event), audit: act.record(.expireMandates), in: session)
            return expired.count
        }
    }
}
