import AuthenticationContracts
import AuthenticationDomain
import ContractCore
import Keys
import Messaging
import Postgres
package import Vocabulary

/// What a portal sends along when it asks for a sign-out (OpenID Connect RP-Initiated Logout).
package struct SignOutRequest: Hashable, Sendable {
    package let idTokenHint: String?
    package let clientID: String?
    package let postLogoutRedirectURI: String?
    package let state: String?

    package init(idTokenHint: String?, clientID: String?, postLogoutRedirectURI: String?, state: String?) {
        self.idTokenHint = idTokenHint
        self.clientID = clientID
        self.postLogoutRedirectURI = postLogoutRedirectURI
        self.state = state
    }
}

/// Signs a person out everywhere.
package struct SignOut: Sendable {
    /// What a request for a sign-out leads to.
    package enum Plan: Sendable {
        /// The portal proved by its ID token which session it means: it is ended at once.
        case end(SessionID)
        /// The person is asked, since anybody can make a browser open this address.
        case ask(PersonName?)
        /// There is nothing to end.
        case nothing
    }

    private let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    /// What to do with a request.
    ///
    /// An ID token that has expired still proves who was given it. One of another session than the browser's own
    /// proves nothing about this browser, so the person is asked.
    package func plan(_ request: SignOutRequest, sessionCookie: String?) async throws -> Plan {
        let current = try await session(cookie: sessionCookie)
        let hinted = hint(of: request).flatMap { SessionID($0.sid) }
        if let hinted, current == nil || current?.id == hinted { return .end(hinted) }
        guard let current else { return .nothing }
        let accounts = essentials.stores.accounts
        return .ask(
            try await essentials.database.read { session in try accounts.name(of: current.personID, in: session) })
    }

    /// Where the browser goes afterwards: only to an address that the client registered; `nil` shows our own page.
    package func destination(_ request: SignOutRequest) -> String? {
        let clientID = hint(of: request)?.aud ?? request.clientID
        guard let uri = request.postLogoutRedirectURI, let clientID, request.clientID ?? clientID == clientID,
            let client = essentials.clients.client(clientID), client.postLogoutRedirectURIs.contains(uri)
        else { return nil }
        guard let state = request.state, state.utf8.count <= AuthorizationRequestRule.maximumOpaqueLength else {
            return uri
        }
        return uri + (uri.contains("?") ? "&" : "?") + FormEncoding.encode([("state", state)])
    }

    /// Ends the session of a browser.
    package func callAsFunction(sessionCookie: String?, facts: RequestFacts) async throws {
        guard let current = try await session(cookie: sessionCookie) else { return }
        try await self(current.id, client: nil, facts: facts)
    }

    /// Ends a session: its tokens, and by logout tokens at every portal that took part in it.
    package func callAsFunction(_ id: SessionID, client: String?, facts: RequestFacts) async throws {
        let now = facts.events.time
        let ender = SessionEnder(essentials)
        let sessions = essentials.stores.sessions
        try await essentials.outbox.transaction(on: essentials.database) { [essentials] session in
            let drafts = try ender.end(id, reason: .signedOut, at: now, in: session)
            guard !drafts.isEmpty, let ended = try sessions.find(id, in: session) else { return }
            let entry = essentials.record(
                .endSession, actor: ended.personID, client: client, acr: ended.acr, facts: facts)
            try essentials.outbox.append(drafts, audit: entry, context: facts.events, in: session)
        }
        essentials.logoutBell.ring()
    }

    private func hint(of request: SignOutRequest) -> IDTokenClaims? {
        request.idTokenHint.flatMap { essentials.signer.verified($0, type: "JWT", as: IDTokenClaims.self) }
            .flatMap { $0.iss == essentials.issuer ? $0 : nil }
    }

    private func session(cookie: String?) async throws -> PersonSession? {
        guard let cookie else { return nil }
        let sessions = essentials.stores.sessions
        let found = try await essentials.database.read { session in
            try sessions.find(cookie: TokenHash.of(cookie), in: session)
        }
        return found.flatMap { $0.isLive(at: essentials.now(), under: essentials.policy.sessions) ? $0 : nil }
    }
}
