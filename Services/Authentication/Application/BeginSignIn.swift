package import AuthenticationDomain
import Keys
import Messaging
import Postgres
package import Vocabulary

/// Takes an authorization request in: remembers it for the browser that brought it.
package struct BeginSignIn: Sendable {
    /// Where the browser goes.
    package enum Outcome: Sendable {
        /// To the chooser; the cookie binds the run to this browser.
        case chooser(TransactionID, browserCookie: String)
        /// To the profile picker, for the session that there is suffices.
        case profilePicker(InteractionID, browserCookie: String)
        /// Back to the portal with an error.
        case portal(OAuthError, redirectURI: String, state: String?)
        /// Nowhere: a page says what is wrong.
        case page(AuthorizationPageProblem)
    }

    private let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    /// - Parameters:
    ///   - parameters: names and values as they came.
    ///   - browserCookie: the cookie that holds earlier runs of this browser.
    ///   - sessionCookie: the cookie of a session.
    ///   - language: what the browser prefers, unless the portal says which language it shows.
    package func callAsFunction(
        _ parameters: [(name: String, value: String)], browserCookie: String?, sessionCookie: String?,
        language: Language, facts: RequestFacts
    ) async throws -> Outcome {
        let request: AuthorizationRequest
        switch AuthorizationRequestRule(parameters: parameters).check(client: essentials.clients.client) {
        case .shown(let problem): return .page(problem)
        case .redirected(let error, let uri, let state): return .portal(error, redirectURI: uri, state: state)
        case .accepted(let accepted): request = accepted
        }
        let session = try await liveSession(cookie: sessionCookie, facts: facts)
        let suffices = session?.suffices(for: request, at: facts.events.time, under: essentials.policy.sessions)
        if request.prompt == .none {
            let error =
                suffices == true
                ? OAuthError(.interactionRequired, "the person has to choose a profile")
                : OAuthError(.loginRequired, "there is no session that suffices")
            return .portal(error, redirectURI: request.redirectURI, state: request.state)
        }
        return try await begin(
            request, session: suffices == true ? session : nil, browserCookie: browserCookie, language: language,
            facts: facts)
    }

    private func liveSession(cookie: String?, facts: RequestFacts) async throws -> PersonSession? {
        guard let cookie else { return nil }
        let sessions = essentials.stores.sessions
        return try await essentials.database.read { session in
            try sessions.find(cookie: TokenHash.of(cookie), in: session)
        }
    }

    private func begin(
        _ request: AuthorizationRequest, session signedIn: PersonSession?, browserCookie: String?,
        language: Language, facts: RequestFacts
    ) async throws -> Outcome {
        let now = facts.events.time
        let transaction = SignInTransaction(
            id: TransactionID(essentials.randomID()), request: request, language: request.language ?? language,
            startedAt: now, expiresAt: now.adding(essentials.policy.transactionLifetime),
            sessionID: signedIn?.id, completedAt: nil)
        let interaction = InteractionID(essentials.randomID())
        let fresh = essentials.random.token()
        let stores = essentials.stores
        let cookie = try await essentials.database.transaction { session in
            // A cookie that no run of ours belongs to was not given out by us, or long ago: it is not taken over.
            var cookie = fresh
            if let known = browserCookie,
                try stores.transactions.browserIsKnown(TokenHash.of(known), at: now, in: session)
            {
                cookie = known
            }
            try stores.transactions.insert(transaction, browser: TokenHash.of(cookie), in: session)
            if let signedIn {
                try stores.interactions.insert(
                    interaction, transaction: transaction.id, session: signedIn.id, at: now,
                    expiresAt: transaction.expiresAt, in: session)
                try stores.sessions.touch(signedIn.id, at: now, in: session)
            }
            return cookie
        }
        return signedIn == nil
            ? .chooser(transaction.id, browserCookie: cookie) : .profilePicker(interaction, browserCookie: cookie)
    }
}
