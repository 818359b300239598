import AuditTrail
import AuthenticationClients
import Crypto
import Keys
import Logging
import Metrics
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
    let repeated: RepeatedForms

    package init(base: ServiceBase, provider: OpenIDProvider, seal: PortalSeal, repeated: RepeatedForms) {
        self.base = base
        self.provider = provider
        self.seal = seal
        self.repeated = repeated
    }

    /// Starts a sign-in.
    ///
    /// - Parameters:
    ///   - browser: the value of the cookie that ties the answer to this browser.
    ///   - asked: the page that the person wanted.
    ///   - asksAgain: whether she has to show her digital key again although the provider knows her still.
    /// - Returns: where to send the browser, and the state by which it comes back.
    /// - Throws: ``ProviderError``, or what the database throws.
    package func begin(
        browser: String, asked: String?, asksAgain: Bool, language: Language, context: AppContext
    ) async throws -> (address: String, state: String) {
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
        return (address, state)
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
    /// - Returns: the session, or why there is none; both are recorded, as far as somebody had signed in.
    package func complete(
        _ parameters: [String: String], browser: String?, previous: String?, context: AppContext
    ) async throws -> Result<Completed, SignInRefusal> {
        let answer = Answer(state: parameters["state"] ?? "", browser: browser ?? "", code: parameters["code"] ?? "")
        if let first = try await outcomeOfFirst(answer) { return first }
        do throws(SignInRefusal) {
            let attempt = try await attempt(answer, context: context)
            let (tokens, person) = try await identify(parameters, attempt: attempt, context: context)
            // Derived, so that a second click gets the same one.
            let cookie = cookie(of: answer)
            let path = try await open(
                tokens, person, attempt: attempt, cookie: cookie, previous: previous, answer: answer, context: context)
            return .success(Completed(cookie: cookie, returnPath: path))
        } catch {
            // The first of two clicks may have come in between.
            if error == .unknownState, let first = try await outcomeOfFirst(answer) { return first }
            try await record(error, answer: answer, context: context)
            return .failure(error)
        }
    }

    /// What the browser brought back.
    private struct Answer {
        let state: String
        let browser: String
        let code: String

        var stateHash: [UInt8] { TokenHash.of(state) }
        var browserHash: [UInt8] { TokenHash.of(browser) }
        var codeHash: [UInt8] { TokenHash.of(code) }
    }

    private func cookie(of answer: Answer) -> String {
        repeated.secret(.session, of: [answer.state, answer.browser, answer.code])
    }

    /// What became of the very same answer of the same browser, moments ago; `nil` when this is the first.
    ///
    /// A double click sends two; the browser shows the second, while the first may still be exchanging the code. It is
    /// waited for, for a while, and what is not decided then counts as unknown.
    private func outcomeOfFirst(_ answer: Answer) async throws -> Result<Completed, SignInRefusal>? {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let since = base.now().adding(.zero - RepeatedForms.window)
            let first = try await base.database.read { session in
                try SignInAttemptStore.answered(
                    stateHash: answer.stateHash, browserHash: answer.browserHash, answerHash: answer.codeHash,
                    since: since, in: session)
            }
            guard let first else { return nil }
            switch first.opened {
            case true?: return .success(Completed(cookie: cookie(of: answer), returnPath: first.returnPath))
            case false?: return .failure(.unknownState)
            case nil:
                guard ContinuousClock.now < deadline else { return .failure(.unknownState) }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// How long a second answer waits for the first.
    private static let patience: Duration = .seconds(5)

    private func attempt(
        _ answer: Answer, context: AppContext
    ) async throws(SignInRefusal) -> SignInAttempt {
        guard (1...512).contains(answer.state.utf8.count) else { throw .unknownState }
        let (stateHash, now) = (answer.stateHash, base.now())
        let attempt: SignInAttempt?
        do {
            let stored = try await base.database.transaction { session in
                try SignInAttemptStore.take(
                    stateHash: stateHash, browserHash: answer.browserHash, answerHash: answer.codeHash, at: now,
                    in: session)
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
    ) async throws(SignInRefusal) -> (TokenSet, SignedInPerson) {
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
            let person = try claims.validate(
                issuer: provider.issuer, clientID: provider.clientID, nonce: attempt.nonce, minimum: Self.minimum,
                earliest: attempt.earliestAuthentication, now: base.now()
            ).get()
            var access: [String: TokenSet.Access] = [:]
            if let audience = provider.firstAudience {
                access[audience] = TokenSet.Access(
                    token: answer.accessToken, expiresAt: base.now().adding(.seconds(answer.life)))
            }
            return (TokenSet(identity: idToken, refresh: answer.refreshToken, access: access), person)
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
        case ProviderError.invalidGrant: .codeRefused
        default: .invalidIdentity
        }
    }

    private func open(
        _ tokens: TokenSet, _ person: SignedInPerson, attempt: SignInAttempt, cookie: String, previous: String?,
        answer: Answer, context: AppContext
    ) async throws(SignInRefusal) -> String {
        let id = PortalSessionID(base.newID())
        let now = base.now()
        let entry = AuditEntry(
            id: AuditID(base.newID()), at: now, actor: person.auditID, actorClient: base.name,
            organisation: person.profile.organisation, action: "portal.sign-in", outcome: .allowed,
            acr: person.acr.level, requestID: context.requestID)
        do {
            let new = SessionStore.New(
                id: id, cookieHash: TokenHash.of(cookie), person: person, signedInAt: now,
                tokens: try seal.seal(tokens, of: id))
            return try await base.database.transaction { session in
                let old = try previous.flatMap {
                    try SessionStore.find(cookieHash: TokenHash.of($0), in: session)
                }
                if let old { try SessionStore.end(old.id, .signedOut, at: now, in: session) }
                try SessionStore.insert(new, in: session)
                // The tabs of somebody else's session are not hers to go back to.
                var returnPath = attempt.returnPath
                if let old, old.person.subject == person.subject {
                    try TabStore.move(from: old.id, to: id, at: now, in: session)
                } else if returnPath.hasPrefix("/t/") {
                    returnPath = PortalPaths.welcome
                }
                try SignInAttemptStore.open(stateHash: answer.stateHash, returnPath: returnPath, in: session)
                try Audit.record(entry, in: session)
                return returnPath
            }
        } catch {
            warn("A session could not be opened", error, context)
            throw .providerUnavailable
        }
    }

    private func record(_ refusal: SignInRefusal, answer: Answer, context: AppContext) async throws {
        Counter(label: "toegang_portal_sign_in_refused_total", dimensions: [("reason", refusal.rawValue)]).increment()
        // Only what this answer took; another's attempt is not this one's to decide.
        let took = refusal != .unknownState
        guard took || !refusal.isAnonymous else { return }
        let entry = AuditEntry(
            id: AuditID(base.newID()), at: base.now(), actor: nil, actorClient: base.name, action: "portal.sign-in",
            outcome: .refused, reasons: [ReasonCode(rawValue: "sign-in.\(refusal.rawValue)")],
            requestID: context.requestID)
        try await base.database.transaction { session in
            if took { try SignInAttemptStore.refuse(stateHash: answer.stateHash, in: session) }
            if !refusal.isAnonymous { try Audit.record(entry, in: session) }
        }
    }
}

extension ProfileChoice {
    /// The organisation within which the person acts.
    var organisation: OrganisationID? {
        guard case .organisation(let id) = self else { return nil }
        return id
    }
}
