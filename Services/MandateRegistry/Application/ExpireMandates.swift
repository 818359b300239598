import AuditTrail
import ContractCore
package import EventOutbox
import MandateRegistryDomain
package import Postgres
package import Tokens
package import Vocabulary

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
    package func callAsFunction(limit: Int = 25, today: LocalDate, origin: EventContext) async throws -> Int {
        try await outbox.transaction(on: database) { session in
            let now = origin.time
            let expired = try MandateStore.overdue(on: today, limit: limit, in: session)
                .compactMap { $0.expired(on: today, at: now) }
            guard !expired.isEmpty else { return 0 }
            for mandate in expired { try MandateStore.update(mandate, in: session) }
            try tokens.end(
                expired.map { VersionedBasis(ContextBasis.mandate($0.id), version: $0.version) }, at: now,
                in: session)
            let audit = AuditEntry(
                id: AuditID(origin.newID()), at: now, actor: nil, actorClient: outbox.source.rawValue,
                action: "mandate.expire", outcome: .allowed, requestID: origin.correlationID)
            try outbox.append(expired.map(\.event), audit: audit, context: origin, in: session)
            return expired.count
        }
    }
}
