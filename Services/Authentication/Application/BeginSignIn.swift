package import AuditTrail
package import AuthenticationDomain
import ContractCore
import EventOutbox
import Keys
import Postgres
package import Vocabulary

/// Takes an authorization request in.
///
/// Nothing is kept of one that nobody has signed in for: the browser carries it, sealed.
package struct BeginSignIn: Sendable {
    /// Where the browser goes.
    package enum Outcome: Sendable {
        /// To the chooser; the cookie binds the run to this browser.
        case chooser(TransactionName, browserCookie: String)
        /// To the profile picker, for the session that there is suffices.
        case profilePicker(InteractionID, TransactionID, browserCookie: String)
        /// Back to the portal with an error.
        case portal(OAuthError, redirectURI: String, state: String?)
        /// Nowhere: a page says what is wrong.
        case page(AuthorizationPageProblem)
    }

    let issuer: String
    let database: Database
    let random: RandomBytes
    let policy: SignInPolicy
    let clients: ClientRegistry
    let transactionSeal: TransactionSeal
    let hints: IDTokenHints
    private let sessions = SessionStore()
    private let transactions = TransactionStore()
    private let interactions = InteractionStore()

    /// - Parameters:
    ///   - parameters: names and values as they came.
    ///   - sessionCookie: the cookie of a session.
    ///   - language: what the browser prefers, unless the portal says which language it shows.
    package func callAsFunction(
        _ parameters: [(name: String, value: String)], sessionCookie: String?, language: Language, act: ProgramAct
    ) async throws -> Outcome {
        let request: AuthorizationRequest
        let rule = AuthorizationRequestRule(
            parameters: parameters, issuer: issuer, knownScopes: Scope.ofPersons)
        switch rule.check(client: clients.client, subjectOfHint: hints.subject) {
        case .shown(let problem): return .page(problem)
        case .redirected(let error, let uri, let state): return .portal(error, redirectURI: uri, state: state)
        case .accepted(let accepted): request = accepted
        }
        let session = try await liveSession(cookie: sessionCookie, act: act)
        let sufficing = session.flatMap { session in
            session.suffices(for: request, at: act.time, under: policy.sessions)
                && hints.isExpected(session.personID, by: request) ? session : nil
        }
        if let error = refusal(of: request, sufficing: sufficing) {
            return .portal(error, redirectURI: request.redirectURI, state: request.state)
        }
        return try await begin(request, session: sufficing, language: language, act: act)
    }

    /// What cannot be met is told to the portal; a person could only read that she can do nothing.
    private func refusal(of request: AuthorizationRequest, sufficing: PersonSession?) -> OAuthError? {
        if request.prompt == .none {
            return sufficing != nil
                ? OAuthError(.interactionRequired, "the person has to choose a profile")
                : OAuthError(.loginRequired, "there is no session that suffices")
        }
        guard sufficing != nil || policy.chooser.offersAny(minimum: request.minimumAcr) else {
            return OAuthError(.unmetAuthenticationRequirements, "no digital key of this provider reaches the level")
        }
        return nil
    }

    private func liveSession(cookie: String?, act: ProgramAct) async throws -> PersonSession? {
        guard let cookie else { return nil }
        return try await database.read { session in
            try sessions.find(cookie: TokenHash.of(cookie), in: session)
        }
    }

    private func begin(
        _ request: AuthorizationRequest, session signedIn: PersonSession?, language: Language, act: ProgramAct
    ) async throws -> Outcome {
        let now = act.time
        let transaction = SignInTransaction(
            id: TransactionID(random.id()), request: request, language: request.language ?? language,
            startedAt: now, expiresAt: now.adding(policy.transactionLifetime),
            sessionID: signedIn?.id, completedAt: nil)
        // Each run has a cookie of its own and a value of its own; what the browser had is not taken over.
        let cookie = random.token()
        guard let signedIn else {
            return .chooser(
                try transactionSeal.name(of: transaction, browser: TokenHash.of(cookie)),
                browserCookie: cookie)
        }
        let interaction = InteractionID(random.id())
        try await database.transaction { session in
            try transactions.insert(transaction, of: signedIn.id, browser: TokenHash.of(cookie), in: session)
            try interactions.insert(
                interaction, transaction: transaction.id, session: signedIn.id, at: now,
                expiresAt: transaction.expiresAt, in: session)
            try sessions.touch(signedIn.id, at: now, in: session)
        }
        return .profilePicker(interaction, transaction.id, browserCookie: cookie)
    }
}
