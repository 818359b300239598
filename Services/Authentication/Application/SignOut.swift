package import AuditTrail
import AuthenticationContracts
package import AuthenticationDomain
import ContractCore
import EventOutbox
import Keys
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

    /// The parameters as they are sent.
    package var parameters: [(String, String)] {
        [
            ("id_token_hint", idTokenHint), ("client_id", clientID),
            ("post_logout_redirect_uri", postLogoutRedirectURI), ("state", state),
        ].compactMap { name, value in value.map { (name, $0) } }
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

    let database: Database
    let outbox: Outbox
    let acts: Acts
    let sessionPolicy: SessionPolicy
    let clients: ClientRegistry
    let logoutBell: Bell
    let ender: SessionEnder
    let hints: IDTokenHints
    private let names = PersonNameStore()
    private let sessions = SessionStore()

    /// What to do with a request.
    ///
    /// An ID token that has expired still proves who was given it. One of another session than the browser's own
    /// proves nothing about this browser, and one of another client than the request names proves nothing about its
    /// sender: the person is asked.
    package func plan(_ request: SignOutRequest, sessionCookie: String?) async throws -> Plan {
        guard let current = try await session(cookie: sessionCookie) else { return .nothing }
        if let hint = hint(of: request), hint.id == current.id, request.clientID ?? hint.clientID == hint.clientID {
            return .end(current.id)
        }
        return .ask(
            try await database.read { session in try names.find(current.personID, in: session) })
    }

    /// Who is signed in with a browser.
    package func person(sessionCookie: String?) async throws -> PersonName? {
        guard let current = try await session(cookie: sessionCookie) else { return nil }
        return try await database.read { session in try names.find(current.personID, in: session) }
    }

    /// The portal that a request comes from, as far as it says so.
    package func client(of request: SignOutRequest) -> Client? {
        (request.clientID ?? hint(of: request)?.clientID).flatMap(clients.client)
    }

    /// Where the browser goes afterwards: only to an address that the client registered; `nil` shows our own page.
    package func destination(_ request: SignOutRequest) -> String? {
        let clientID = hint(of: request)?.clientID ?? request.clientID
        guard let uri = request.postLogoutRedirectURI, let clientID, request.clientID ?? clientID == clientID,
            let client = clients.client(clientID), client.postLogoutRedirectURIs.contains(uri)
        else { return nil }
        guard let state = request.state, state.utf8.count <= AuthorizationRequestRule.maximumOpaqueLength else {
            return uri
        }
        return uri + (uri.contains("?") ? "&" : "?") + FormEncoding.encode([("state", state)])
    }

    /// Ends the session of a browser.
    package func callAsFunction(sessionCookie: String?, act: ProgramAct) async throws {
        guard let current = try await session(cookie: sessionCookie) else { return }
        try await self(current.id, client: nil, act: act)
    }

    /// Ends a session: its tokens, and by logout tokens at every portal that took part in it.
    package func callAsFunction(_ id: SessionID, client: String?, act: ProgramAct) async throws {
        let now = act.time
        let sessions = sessions
        try await outbox.transaction(on: database) { session in
            let drafts = try ender.end(id, reason: .signedOut, at: now, in: session)
            guard !drafts.isEmpty, let ended = try sessions.find(id, in: session) else { return }
            let entry = act.record(
                .endSession, actor: ended.personID, client: client, acr: ended.acr)
            try outbox.append(drafts, audit: entry, in: session)
        }
        logoutBell.ring()
    }

    private func hint(of request: SignOutRequest) -> (id: SessionID?, clientID: String)? {
        request.idTokenHint.flatMap(hints.session)
    }

    private func session(cookie: String?) async throws -> PersonSession? {
        guard let cookie else { return nil }
        let found = try await database.read { session in
            try sessions.find(cookie: TokenHash.of(cookie), in: session)
        }
        return found.flatMap { $0.isLive(at: acts.now(), under: sessionPolicy) ? $0 : nil }
    }
}
