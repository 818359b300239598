import MandateRegistryDomain
package import Postgres
package import Tokens
package import Vocabulary
package import Web

/// Answers what a dossier context is worth at this moment.
///
/// The token must be alive, and the decision behind it must come out the same now: the last day of a mandate or of a
/// right ends its contexts without an event.
package struct IntrospectDossierContext: Sendable {
    /// A context that holds.
    package struct Active: Sendable {
        package let context: DossierContext
        package let actions: [DossierAction]
        package let expiresAt: Instant
    }

    private let database: Database
    private let tokens: TokenStore
    private let ended: EndedAccess

    package init(database: Database, tokens: TokenStore, ended: EndedAccess) {
        self.ended = ended
        self.database = database
        self.tokens = tokens
    }

    /// What the token stands for; nil for every token that does not hold, whatever the cause.
    package func callAsFunction(_ token: String, at now: Instant, on day: LocalDate) async throws -> Active? {
        try await database.read { session in
            guard
                let stored = try tokens.introspect(token, purpose: DossierContext.purpose, at: now, in: session)
            else { return nil }
            let context = try DossierContext(claims: stored.claims)
            if ended.covers(context.ends) { return nil }
            let known = try FactReader.actFacts(context.actor, on: context.dossier, in: session)
            // Under this mandate only: another one that holds would need a context of its own.
            let bound = ActFacts(
                organisation: known.organisation, dossier: known.dossier,
                mandates: known.mandates.filter { $0.id == context.mandate })
            guard case .allowed(let grant) = mayAct(context.actor, nil, facts: bound, on: day) else {
                return nil
            }
            return Active(context: context, actions: grant.actions, expiresAt: stored.expiresAt)
        }
    }
}
