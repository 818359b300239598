import AuditTrail
package import ContractCore
package import EventOutbox
import MandateRegistryDomain
package import Postgres
package import Tokens
package import Vocabulary

/// Ends a mandate: its grantor stops it, or its holder renounces it.
package struct EndMandate: Sendable {
    /// What became of it.
    package enum Outcome: Sendable {
        case ended(Mandate, Positions)
        /// It is over already; nothing was changed.
        case refused(Refusal)
        /// There is no such mandate for this actor.
        case unknown
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
    package func callAsFunction(_ id: MandateID, _ circumstances: Circumstances) async throws -> Outcome {
        try await outbox.transaction(on: database) { session in
            let standing = try FactReader.standing(of: circumstances.actor, in: session)
            guard let mandate = try MandateStore.find(id, locking: true, in: session),
                let party = party(
                    circumstances.actor, to: mandate, organisation: standing, on: circumstances.today)
            else { return .unknown }
            let action = party == .grantor ? "mandate.stop" : "mandate.renounce"
            let (grantor, dossier) = (mandate.terms.grantor.person, mandate.terms.grantor.dossier)
            switch mayEnd(mandate, by: party, at: circumstances.now, on: circumstances.today) {
            case .refused(let refusal):
                try Audit.record(
                    circumstances.record(action, refusal: refusal, grantor: grantor, dossier: dossier, mandate: id),
                    in: session)
                return .refused(refusal)
            case .allowed(let ended):
                try MandateStore.update(ended, in: session)
                try tokens.end(
                    ContextBasis.mandate(id), version: ended.version, at: circumstances.now, in: session)
                let positions = try outbox.append(
                    [ended.event],
                    audit: circumstances.record(action, grantor: grantor, dossier: dossier, mandate: id),
                    context: circumstances.origin, in: session)
                return .ended(ended, positions)
            }
        }
    }
}
