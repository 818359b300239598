package import AuditTrail
package import ContractCore
import MandateRegistryDomain
package import Postgres
package import Tokens
package import Vocabulary

/// Opens a grantor's dossier for the holder of a mandate: decides, issues the context and records it.
package struct OpenDossierContext: Sendable {
    /// What is wanted, and by which access.
    package struct Wish: Sendable {
        package let dossier: DossierID
        /// SHA-256 of the tab's handle, base64url.
        package let tab: String
        package let session: SessionID
        /// Whose end ends what is given now.
        package let ends: [AccessEnded.Subject]

        package init(dossier: DossierID, tab: String, session: SessionID, ends: [AccessEnded.Subject]) {
            self.dossier = dossier
            self.tab = tab
            self.session = session
            self.ends = ends
        }
    }

    /// A context that was handed out.
    package struct Opened: Sendable {
        package let token: TokenSecret
        package let context: DossierContext
        package let expiresIn: Duration
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
    package func callAsFunction(_ wish: Wish, _ act: PersonAct) async throws -> Decision<Opened> {
        try await database.transaction { session in
            var decision = try decide(wish, act, in: session)
            for _ in 0..<2 {
                guard case .allowed(let grant) = decision else { break }
                let context = DossierContext(grant, for: act, ends: wish.ends, tab: wish.tab)
                let draft = TokenDraft(
                    purpose: DossierContext.purpose, claims: try context.claims(),
                    bases: ContextBasis.all(of: grant, session: wish.session), issuedAt: act.time,
                    expiresAt: act.time.adding(DossierContext.lifetime))
                switch try tokens.issue(draft, in: session) {
                case .issued(let token):
                    let about = ActSubject(person: context.grantor, dossier: wish.dossier, mandate: context.mandate)
                    try Audit.record(act.record(.openDossier, about: about), in: session)
                    return .allowed(Opened(token: token, context: context, expiresIn: DossierContext.lifetime))
                case .basisEnded(let ended):
                    decision = try decide(wish, act, in: session)
                    if decision.isAllowed { decision = .refused(Self.refusal(ended, wish)) }
                }
            }
            guard let refusal = decision.refusal else { preconditionFailure("an allowed context is issued or refused") }
            // Without a mandate nothing is said of whose dossier it would have been.
            try Audit.record(
                act.record(.openDossier, refusal: refusal, about: ActSubject(dossier: wish.dossier)), in: session)
            return .refused(refusal)
        }
    }

    private func decide(
        _ wish: Wish, _ act: PersonAct, in session: borrowing Session
    ) throws -> Decision<ActGrant> {
        let facts = try FactReader.actFacts(act.by.actor, on: wish.dossier, in: session)
        return mayAct(act.by.actor, nil, facts: facts, on: act.day)
    }

    /// Why a context cannot be issued though the mandate holds: the session, or a fact whose end came ahead of it here.
    private static func refusal(_ ended: [Basis], _ wish: Wish) -> Refusal {
        if ended.contains(ContextBasis.session(wish.session)) {
            return Refusal(Reason(.sessionEnded, remedy: .signInAgain))
        }
        return Refusal(Reason(.factsUnknown, remedy: .wait("facts")))
    }
}
