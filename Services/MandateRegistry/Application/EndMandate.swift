package import AuditTrail
package import ContractCore
package import EventOutbox
import MandateRegistryDomain
package import Postgres
package import Tokens
package import Vocabulary

/// Ends a mandate: its grantor stops it, or its holder renounces it.
package struct EndMandate: Sendable {
    /// The mandate as it is now, and where its event stands.
    package struct Ended: Sendable {
        package let mandate: Mandate
        package let positions: Positions
    }

    private let database: Database
    private let outbox: Outbox
    private let tokens: TokenStore

    package init(database: Database, outbox: Outbox, tokens: TokenStore) {
        self.database = database
        self.outbox = outbox
        self.tokens = tokens
    }

    /// Writes the end, its tombstone, its record and its event in one transaction.
    package func callAsFunction(_ id: MandateID, _ act: PersonAct) async throws -> Decision<Ended> {
        try await outbox.transaction(on: database) { session in
            let standing = try FactReader.standing(of: act.by.actor, in: session)
            guard let mandate = try MandateStore.find(id, locking: true, in: session),
                let party = party(act.by.actor, to: mandate, organisation: standing, on: act.day)
            else { return .refused(Refusal(.hidden, Reason(.notThere))) }
            let decision = mayEnd(mandate, by: party, at: act.time, on: act.day)
            let grantor = mandate.terms.grantor
            let audit = act.record(
                party == .grantor ? .stopMandate : .renounceMandate, refusal: decision.refusal,
                about: ActSubject(person: grantor.person, dossier: grantor.dossier, mandate: id))
            switch decision {
            case .refused(let refusal):
                try Audit.record(audit, in: session)
                return .refused(refusal)
            case .allowed(let ended):
                try MandateStore.update(ended, in: session)
                try tokens.end(ContextBasis.mandate(id), version: ended.version, at: act.time, in: session)
                let positions = try outbox.append([ended.event], audit: audit, in: session)
                return .allowed(Ended(mandate: ended, positions: positions))
            }
        }
    }
}
