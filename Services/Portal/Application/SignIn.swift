package import AuditTrail
import AuthenticationClients
import Crypto
package import Keys
package import Logging
import Metrics
package import PortalDomain
package import Postgres
package import Vocabulary
package import Web

/// Sends a browser to the identity provider and takes it back: authorization code flow with PKCE, state and nonce.
package struct SignIn: Sendable {
    /// The weakest sign-in that the portal accepts.
    package static let minimum = Acr.level350

    private let database: Database
    private let acts: Acts
    private let random: RandomBytes
    private let provider: OpenIDProvider
    private let seal: PortalSeal
    private let repeated: RepeatedForms
    private let logger: Logger

    package init(
        database: Database, acts: Acts, random: RandomBytes, provider: OpenIDProvider, seal: PortalSeal,
        repeated: RepeatedForms, logger: Logger
    ) {
        self.database = database
        self.acts = acts
        self.random = random
        self.provider = provider
        self.seal = seal
        self.repeated = repeated
        self.logger = logger
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
        browser: String, asked: String?, asksAgain: Bool, language: Language, on occasion: Occasion
    ) async throws -> (address: String, state: String) {
        let secrets = AttemptSecrets(nonce: random.token(), verifier: random.token())
        let state = random.token()
        let address = try await provider.authorizationAddress(
            AuthorizationRequest(
                state: state, nonce: secrets.nonce, challenge: codeChallenge(secrets.verifier), language: language,
                minimum: Self.minimum, asksAgain: asksAgain), origin: occasion.origin)
        let stateHash = TokenHash.of(state)
        let sealed = try seal.seal(secrets, stateHash: stateHash)
        let now = acts.now()
        try await database.transaction { session in
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
    ///   - browser: the cookie that ``begin(browser:asked:asksAgain:language:on:)`` was given.
    ///   - previous: the session cookie that the browser still had; that session ends.
    /// - Returns: the session, or why there is none; both are recorded, as far as somebody had signed in.
    package func complete(
        _ parameters: [String: String], browser: String?, previous: String?, on occasion: Occasion
    ) async throws -> Result<Completed, SignInRefusal> {
        let answer = Answer(state: parameters["state"] ?? "", browser: browser ?? "", code: parameters["code"] ?? "")
        if let first = try await outcomeOfFirst(answer) { return first }
        do throws(SignInRefusal) {
            let attempt = try await attempt(answer, on: occasion)
            let (tokens, person) = try await identify(parameters, attempt: attempt, on: occasion)
            // Derived, so that a second click gets the same one.
            let cookie = cookie(of: answer)
            let path = try await open(
                tokens, person, attempt: attempt, cookie: cookie, previous: previous, answer: answer, on: occasion)
            return .success(Completed(cookie: cookie, returnPath: path))
        } catch {
            // The first of two clicks may have come in between.
            if error == .unknownState, let first = try await outcomeOfFirst(answer) { return first }
            try await record(error, answer: answer, on: occasion)
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
            let since = acts.now().adding(.zero - RepeatedForms.window)
            let first = try await database.read { session in
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
        _ answer: Answer, on occasion: Occasion
    ) async throws(SignInRefusal) -> SignInAttempt {
        guard (1...512).contains(answer.state.utf8.count) else { throw .unknownState }
        let (stateHash, now) = (answer.stateHash, acts.now())
        let attempt: SignInAttempt?
        do {
            let stored = try await database.transaction { session in
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
            warn("A sign-in attempt could not be read", error, occasion)
            throw .providerUnavailable
        }
        guard let attempt else { throw .unknownState }
        guard !attempt.isExpired(at: acts.now()) else { throw .expired }
        return attempt
    }

    private func identify(
        _ parameters: [String: String], attempt: SignInAttempt, on occasion: Occasion
    ) async throws(SignInRefusal) -> (TokenSet, SignedInPerson) {
        let code: String
        switch try SignInAnswer.read(parameters, issuer: provider.issuer) {
        case .code(let value): code = value
        case .error(let error):
            throw error == "temporarily_unavailable" || error == "server_error" ? .providerUnavailable : .brokenOff
        }
        do {
            let answer = try await provider.exchange(
                code: code, verifier: attempt.verifier, origin: occasion.origin)
            guard let idToken = answer.idToken else { throw ProviderError.invalidToken("no ID token came") }
            let claims = try await provider.identity(idToken: idToken)
            let person = try claims.validate(
                issuer: provider.issuer, clientID: provider.clientID, nonce: attempt.nonce, minimum: Self.minimum,
                earliest: attempt.earliestAuthentication, now: acts.now()
            ).get()
            var access: [String: TokenSet.Access] = [:]
            if let audience = provider.firstAudience {
                access[audience] = TokenSet.Access(
                    token: answer.accessToken, expiresAt: acts.now().adding(.seconds(answer.life)))
            }
            return (TokenSet(identity: idToken, refresh: answer.refreshToken, access: access), person)
        } catch {
            warn("A sign-in was not accepted", error, occasion)
            throw refusal(error)
        }
    }

    private func warn(_ message: Logger.Message, _ error: any Error, _ occasion: Occasion) {
        logger.warning(message, metadata: ["error": "\(error)", "requestId": "\(occasion.requestID)"])
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
        answer: Answer, on occasion: Occasion
    ) async throws(SignInRefusal) -> String {
        let id = PortalSessionID(acts.newID())
        let act = Act(by: person.acting(through: acts.service), on: occasion)
        let now = act.time
        do {
            let new = SessionStore.New(
                id: id, cookieHash: TokenHash.of(cookie), person: person, signedInAt: now,
                tokens: try seal.seal(tokens, of: id))
            return try await database.transaction { session in
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
                try Audit.record(act.record(.signIn), in: session)
                return returnPath
            }
        } catch {
            warn("A session could not be opened", error, occasion)
            throw .providerUnavailable
        }
    }

    private func record(_ refusal: SignInRefusal, answer: Answer, on occasion: Occasion) async throws {
        Counter(label: "toegang_portal_sign_in_refused_total", dimensions: [("reason", refusal.rawValue)]).increment()
        // Only what this answer took; another's attempt is not this one's to decide.
        let took = refusal != .unknownState
        guard took || !refusal.isAnonymous else { return }
        let act = Act(by: ActingProgram(acts.service), on: occasion)
        try await database.transaction { session in
            if took { try SignInAttemptStore.refuse(stateHash: answer.stateHash, in: session) }
            if !refusal.isAnonymous {
                let reason = ReasonCode(rawValue: "sign-in.\(refusal.rawValue)")
                try Audit.record(act.record(.signIn, reasons: [reason]), in: session)
            }
        }
    }
}
