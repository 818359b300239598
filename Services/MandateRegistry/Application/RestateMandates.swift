package import EventOutbox
import MandateRegistryContracts
import MandateRegistryDomain
package import Postgres
package import Tokens
package import Vocabulary
import Waiting

/// Corrects what the register told before its database went back in time, and ends every dossier context.
package struct RestateMandates: Sendable {
    private let database: Database
    private let tokens: TokenStore
    private let now: @Sendable () -> Instant

    package init(database: Database, tokens: TokenStore, now: @escaping @Sendable () -> Instant) {
        self.database = database
        self.tokens = tokens
        self.now = now
    }

    /// The register's way, for its relay.
    package var restatement: Restatement {
        Restatement { [self] moment in
            try await endContexts(openedBefore: moment)
        } restate: { told, session in
            guard told.kind == "mandate" else { return nil }
            return try Self.restate(told, in: session)
        }
    }

    /// A mandate that exists gets a version over what was told of it; one that had ended in the lost time stays ended.
    ///
    /// So what was told ends nothing that is newly decided.
    package static func restate(_ told: ToldAggregate, in session: borrowing Session) throws -> EventDraft? {
        guard let known = try MandateStore.find(MandateID(told.key), locking: true, in: session) else {
            // It began in the time that was lost, and may have been ended since: it does not begin again.
            try WaitingMandateStore.table.remove(told.key, in: session)
            return nil
        }
        let end = try told.state(as: MandateState.self).flatMap(Mandate.End.init(told:))
        let mandate = known.restored(as: told.next(over: known.version), told: end)
        try MandateStore.restore(mandate, in: session)
        return mandate.restated
    }

    /// What a context rested on may have ended in the time that was lost: whoever needs one opens it again.
    private func endContexts(openedBefore moment: Instant) async throws {
        let (tokens, now) = (tokens, now())
        var ended = 1
        while ended > 0 {
            ended = try await database.transaction { session in
                try tokens.endAll(issuedBefore: moment, at: now, in: session)
            }
        }
    }
}
