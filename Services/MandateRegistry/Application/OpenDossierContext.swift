import AuditTrail
import MandateRegistryDomain
package import Postgres
package import Tokens
package import Vocabulary

/// Opens a grantor's dossier for the holder of a mandate: decides, issues the context and records it.
package struct OpenDossierContext: Sendable {
    /// What became of it.
    package enum Outcome: Sendable {
        case opened(token: TokenSecret, DossierContext, expiresIn: Duration)
        case refused(Refusal)
    }

    private let database: Database
    private let tokens: TokenStore

    package init(database: Database, tokens: TokenStore) {
        self.database = database
        self.tokens = tokens
    }

    /// Decides and issues in one transaction.
    ///
    /// Issuing locks what the decision rests on. Where one of those facts has ended in between, the decision is taken
    /// again, now with the end in view, so that the refusal tells the true reason.
    package func callAsFunction(
        dossier: DossierID, tab: String, _ circumstances: Circumstances
    ) async throws -> Outcome {
        try await database.transaction { session in
            var decision = try decide(dossier, circumstances, in: session)
            for _ in 0..<2 {
                guard case .allowed(let grant) = decision else { break }
                let context = DossierContext(grant, for: circumstances, tab: tab)
                let draft = TokenDraft(
                    purpose: DossierContext.purpose, claims: try context.claims(),
                    bases: ContextBasis.all(of: grant, session: circumstances.session), issuedAt: circumstances.now,
                    expiresAt: circumstances.now.adding(DossierContext.lifetime))
                switch try tokens.issue(draft, in: session) {
                case .issued(let token):
                    try Audit.record(
                        circumstances.record(
                            "dossier.open", grantor: context.grantor, dossier: dossier, mandate: context.mandate),
                        in: session)
                    return .opened(token: token, context, expiresIn: DossierContext.lifetime)
                case .basisEnded(let ended):
                    decision = try decide(dossier, circumstances, in: session)
                    if decision.isAllowed { decision = .refused(Self.refusal(ended, circumstances)) }
                }
            }
            guard let refusal = decision.refusal else { preconditionFailure("an allowed context is issued or refused") }
            // Without a mandate nothing is said of whose dossier it would have been.
            try Audit.record(
                circumstances.record("dossier.open", refusal: refusal, grantor: nil, dossier: dossier), in: session)
            return .refused(refusal)
        }
    }

    private func decide(
        _ dossier: DossierID, _ circumstances: Circumstances, in session: borrowing Session
    ) throws -> Decision<ActGrant> {
        let facts = try FactReader.actFacts(circumstances.actor, on: dossier, in: session)
        return mayAct(circumstances.actor, nil, facts: facts, on: circumstances.today)
    }

    /// Why a context cannot be issued though the mandate holds: the session, or a fact whose end came ahead of it here.
    private static func refusal(_ ended: [Basis], _ circumstances: Circumstances) -> Refusal {
        if ended.contains(ContextBasis.session(circumstances.session)) {
            return Refusal(Reason(.sessionEnded, remedy: .signInAgain))
        }
        return Refusal(Reason(.factsUnknown, remedy: .wait("facts")))
    }
}
