import AuthenticationClients
import Crypto
import Keys
import Logging
import Messaging
package import PortalDomain
import Postgres
package import Process
package import Vocabulary
package import Web

/// Sends a browser to the identity provider and takes it back: authorization code flow with PKCE, state and nonce.
package struct SignIn: Sendable {
    /// The weakest sign-in that the portal accepts.
    package static let minimum = Acr.level350

    let base: ServiceBase
    let provider: OpenIDProvider
    let seal: PortalSeal

    package init(base: ServiceBase, provider: OpenIDProvider, seal: PortalSeal) {
        self.base = base
        self.provider = provider
        self.seal = seal
    }

    /// Starts a sign-in.
    ///
    /// - Parameters:
    ///   - browser: the value of the cookie that ties the answer to this browser.
    ///   - asked: the page that the person wanted.
    ///   - asksAgain: whether she has to show her digital key again although the provider knows her still.
    /// - Returns: where to send the browser.
    /// - Throws: ``ProviderError``, or what the database throws.
    package func begin(
        browser: String, asked: String?, asksAgain: Bool, language: Language, context: AppContext
    ) async throws -> String {
        let secrets = AttemptSecrets(nonce: base.random.token(), verifier: base.random.token())
        let state = base.random.token()
        let address = try await provider.authorizationAddress(
            AuthorizationRequest(
                state: state, nonce: secrets.nonce, challenge: codeChallenge(secrets.verifier), language: language,
                minimum: Self.minimum, asksAgain: asksAgain), origin: context.origin)
        let stateHash = TokenHash.of(state)
        let sealed = try seal.seal(secrets, stateHash: stateHash)
        let now = base.now()
        try await base.database.transaction { session in
            try SignInAttemptStore.insert(
                stateHash: stateHash, browserHash: TokenHash.of(browser), secrets: sealed,
                returnPath: SignInAttempt.returnPath(asked: asked), asksAgain: asksAgain, startedAt: now, in: session)
        }
        return address
    }

    /// A sign-in that succeeded.
    package struct Completed: Sendable {
        /// The value for the session's cookie.
        package let cookie: String
        /// Where the person wanted to go.
        package let returnPath: String
    }

    /// Takes a browser back and opens a session for it.
    ///
    /// - Parameters:
    ///   - parameters: the query of the callback, decoded.
    ///   - browser: the cookie that ``begin(browser:asked:asksAgain:language:context:)`` was given.
    ///   - previous: the session cookie that the browser still had; that session ends.
    /// - Returns: the session, or why there is none; both are recorded.
    package func complete(
        _ parameters: [String: String], browser: String?, previous: String?, context: AppContext
    ) async throws -> Result<Completed, SignInRefusal> {
        do throws(SignInRefusal) {
            let attempt = try await attempt(state: parameters["state"], browser: browser, context: context)
            let (tokens, facts, person) = try await identify(parameters, attempt: attempt, context: context)
            let (cookie, keepsTabs) = try await open(tokens, facts, person, previous: previous, context: context)
            // The tabs of somebody else's session are not hers to go back to.
            let isLost = attempt.returnPath.hasPrefix("/t/") && !keepsTabs
            return .success(
                Completed(cookie: cookie, returnPath: isLost ? PortalPaths.welcome : attempt.returnPath))
        } catch {
            try await record(error, context: context)
            return .failure(error)
        }
    }

    private func attempt(
        state: String?, browser: String?, context: AppContext
    ) async throws(SignInRefusal) -> SignInAttempt {
        guard let state, let browser, (1...512).contains(state.utf8.count) else { throw .unknownState }
        let stateHash = TokenHash.of(state)
        let attempt: SignInAttempt?
        do {
            let stored = try await base.database.transaction { session in
                try SignInAttemptStore.take(stateHash: stateHash, browserHash: TokenHash.of(browser), in: session)
            }
            attempt = try stored.map { stored in
                let secrets = try seal.secrets(stored.secrets, stateHash: stateHash)
                return SignInAttempt(
                    nonce: secrets.nonce, verifier: secrets.verifier, returnPath: stored.returnPath,
                    asksAgain: stored.asksAgain, startedAt: stored.startedAt)
            }
        } catch {
            warn("A sign-in attempt could not be read", error, context)
            throw .providerUnavailable
        }
        guard let attempt else { throw .unknownState }
        guard !attempt.isExpired(at: base.now()) else { throw .expired }
        return attempt
    }

    private func identify(
        _ parameters: [String: String], attempt: SignInAttempt, context: AppContext
    ) async throws(SignInRefusal) -> (TokenSet, AccessFacts, SignedInPerson) {
        let code: String
        switch try SignInAnswer.read(parameters, issuer: provider.issuer) {
        case .code(let value): code = value
        case .error(let error):
            throw error == "temporarily_unavailable" || error == "server_error" ? .providerUnavailable : .brokenOff
        }
        do {
            let answer = try await provider.exchange(
                code: code, verifier: attempt.verifier, origin: context.origin)
            guard let idToken = answer.idToken else { throw ProviderError.invalidToken("no ID token came") }
            let claims = try await provider.identity(idToken: idToken)
            let facts = try await provider.access(accessToken: answer.accessToken)
            let person = try claims.validate(
                issuer: provider.issuer, clientID: provider.clientID, nonce: attempt.nonce, minimum: Self.minimum,
                earliest: attempt.earliestAuthentication, now: base.now()
            ).get()
            // Both tokens must be about the same sign-in.
            guard facts.providerSession == person.providerSession, facts.profile == person.profile else {
                throw IdentityClaims.Flaw.session
            }
            let tokens = TokenSet(access: answer.accessToken, refresh: answer.refreshToken, identity: idToken)
            return (tokens, facts, person)
        } catch {
            warn("A sign-in was not accepted", error, context)
            throw refusal(error)
        }
    }

    private func warn(_ message: Logger.Message, _ error: any Error, _ context: AppContext) {
        base.logger.warning(message, metadata: ["error": "\(error)", "requestId": "\(context.requestID)"])
    }

    private func refusal(_ error: any Error) -> SignInRefusal {
        switch error {
        case ProviderError.unavailable: .providerUnavailable
        case ProviderError.refused: .codeRefused
        default: .invalidIdentity
        }
    }

    private func open(
        _ tokens: TokenSet, _ facts: AccessFacts, _ person: SignedInPerson, previous: String?, context: AppContext
    ) async throws(SignInRefusal) -> (cookie: String, keepsTabs: Bool) {
        let cookie = base.random.token()
        let id = PortalSessionID(base.newID())
        let now = base.now()
        let entry = AuditEntry(
            id: AuditID(base.newID()), at: now, actor: facts.personID, actorClient: base.name,
            organisation: person.profile.organisation, action: "portal.sign-in", outcome: .allowed,
            acr: person.acr.level, requestID: context.requestID)
        do {
            let new = SessionStore.New(
                id: id, cookieHash: TokenHash.of(cookie), personID: facts.personID, person: person, signedInAt: now,
                tokens: try seal.seal(tokens, of: id), accessExpiresAt: facts.expiresAt)
            let keepsTabs = try await base.database.transaction { session in
                let old = try previous.flatMap {
                    try SessionStore.find(cookieHash: TokenHash.of($0), in: session)
                }
                if let old { try SessionStore.end(old.id, .signedOut, at: now, in: session) }
                try SessionStore.insert(new, in: session)
                try Audit.record(entry, in: session)
                guard let old, old.person.subject == person.subject else { return false }
                try TabStore.move(from: old.id, to: id, at: now, in: session)
                return true
            }
            return (cookie, keepsTabs)
        } catch {
            warn("A session could not be opened", error, context)
            throw .providerUnavailable
        }
    }

    private func record(_ refusal: SignInRefusal, context: AppContext) async throws {
        let entry = AuditEntry(
            id: AuditID(base.newID()), at: base.now(), actor: nil, actorClient: base.name, action: "portal.sign-in",
            outcome: .refused, reasons: [ReasonCode(rawValue: "sign-in.\(refusal.rawValue)")],
            requestID: context.requestID)
        try await base.database.transaction { session in try Audit.record(entry, in: session) }
    }
}

extension ProfileChoice {
    /// The organisation within which the person acts.
    var organisation: OrganisationID? {
        guard case .organisation(let id) = self else { return nil }
        return id
    }
}
