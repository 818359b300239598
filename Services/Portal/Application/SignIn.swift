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
    private let attempts: AttemptSeal
    private let repeated: RepeatedForms
    private let logger: Logger

    package init(
        database: Database, acts: Acts, random: RandomBytes, provider: OpenIDProvider, seal: PortalSeal,
        attempts: AttemptSeal, repeated: RepeatedForms, logger: Logger
    ) {
        self.database = database
        self.acts = acts
        self.random = random
        self.provider = provider
        self.seal = seal
        self.attempts = attempts
        self.repeated = repeated
        self.logger = logger
    }

    /// Starts a sign-in, of which nothing is stored here.
    ///
    /// - Parameters:
    ///   - asked: the page that the person wanted.
    ///   - asksAgain: whether she has to show her digital key again although the provider knows her still.
    /// - Returns: where to send the browser, the state by which it comes back, and what it has to bring along then.
    /// - Throws: ``ProviderError``.
    package func begin(
        asked: String?, asksAgain: Bool, language: Language, on occasion: Occasion
    ) async throws -> (address: String, state: String, carried: String) {
        let attempt = SignInAttempt(
            nonce: random.token(), verifier: random.token(), returnPath: SignInAttempt.returnPath(asked: asked),
            asksAgain: asksAgain, startedAt: occasion.time)
        let state = random.token()
        let address = try await provider.authorizationAddress(
            AuthorizationRequest(
                state: state, nonce: attempt.nonce, challenge: codeChallenge(attempt.verifier), language: language,
                minimum: Self.minimum, asksAgain: asksAgain), origin: occasion.origin)
        return (address, state, try attempts.seal(attempt, state: state))
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
    ///   - carried: what ``begin(asked:asksAgain:language:on:)`` gave this browser for this state.
    ///   - previous: the session cookie that the browser still had; that session ends.
    /// - Returns: the session, or why there is none; both are recorded, as far as somebody had signed in.
    package func complete(
        _ parameters: [String: String], carried: String?, previous: String?, on occasion: Occasion
    ) async throws -> Result<Completed, SignInRefusal> {
        let answer: Answer
        do throws(SignInRefusal) {
            answer = try self.answer(parameters, carried: carried, previous: previous, at: occasion.time)
        } catch {
            count(error)
            return .failure(error)
        }
        if let first = try await outcomeOfFirst(answer) { return first }
        let outcome = try await exchange(answer, on: occasion)
        if case .failure(let refusal) = outcome { count(refusal) }
        return outcome
    }

    /// What a browser brought back that has the attempt.
    private struct Answer {
        let attempt: SignInAttempt
        let code: String
        /// The cookie of the session that it opens, derived, so that a second click gets the same one.
        let cookie: String
        let previous: String?

        var cookieHash: [UInt8] { TokenHash.of(cookie) }
    }

    private func answer(
        _ parameters: [String: String], carried: String?, previous: String?, at now: Instant
    ) throws(SignInRefusal) -> Answer {
        guard let state = parameters["state"], let carried,
            let attempt = attempts.attempt(carried, state: state)
        else { throw .unknownState }
        guard !attempt.isExpired(at: now) else { throw .expired }
        switch try SignInAnswer.read(parameters, issuer: provider.issuer) {
        case .code(let code):
            let cookie = repeated.secret(.session, of: [state, carried, code])
            return Answer(attempt: attempt, code: code, cookie: cookie, previous: previous)
        case .error(let error):
            throw error == "temporarily_unavailable" || error == "server_error" ? .providerUnavailable : .brokenOff
        }
    }

    /// What became of the very same answer of the same browser before; `nil` when this is the first, which then has the
    /// claim to it.
    ///
    /// A double click sends two; the browser shows the second, while the first may still be exchanging the code. It is
    /// waited for, for a while, and what is not decided then counts as unknown.
    private func outcomeOfFirst(_ answer: Answer) async throws -> Result<Completed, SignInRefusal>? {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let now = acts.now()
            let claim = try await database.transaction { session in
                try AnswerStore.claim(cookieHash: answer.cookieHash, at: now, in: session)
            }
            switch claim {
            case .granted: return nil
            case .opened(let opened):
                guard now - opened.signedInAt < RepeatedForms.window else { return .failure(.unknownState) }
                return .success(try await completed(answer, opened.id))
            case .underWay:
                guard ContinuousClock.now < deadline else { return .failure(.unknownState) }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// How long a second answer waits for the first.
    private static let patience: Duration = .seconds(5)

    private func completed(_ answer: Answer, _ id: PortalSessionID) async throws -> Completed {
        let path = try await database.read { try returnPath(answer, in: id, $0) }
        return Completed(cookie: answer.cookie, returnPath: path)
    }

    /// The page that was wanted; a tab only when it is hers: those of somebody else's session she cannot go back to.
    private func returnPath(
        _ answer: Answer, in id: PortalSessionID, _ session: borrowing Session
    ) throws -> String {
        let path = answer.attempt.returnPath
        guard let handle = PortalPaths.tab(of: path) else { return path }
        let tab = try TabStore.find(id, handleHash: TokenHash.of(handle), in: session)
        return tab == nil ? PortalPaths.welcome : path
    }

    /// Exchanges the code of an answer that this request has the claim to.
    private func exchange(
        _ answer: Answer, on occasion: Occasion
    ) async throws -> Result<Completed, SignInRefusal> {
        let identified: (TokenSet, SignedInPerson)
        do throws(SignInRefusal) {
            identified = try await identify(answer, on: occasion)
        } catch {
            try await refuse(error, answer, on: occasion)
            return .failure(error)
        }
        do {
            let path = try await open(identified.0, identified.1, answer, on: occasion)
            return .success(Completed(cookie: answer.cookie, returnPath: path))
        } catch {
            await giveUp(answer, occasion)
            throw error
        }
    }

    private func identify(
        _ brought: Answer, on occasion: Occasion
    ) async throws(SignInRefusal) -> (TokenSet, SignedInPerson) {
        let attempt = brought.attempt
        do {
            let answer = try await provider.exchange(
                code: brought.code, verifier: attempt.verifier, origin: occasion.origin)
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
        _ tokens: TokenSet, _ person: SignedInPerson, _ answer: Answer, on occasion: Occasion
    ) async throws -> String {
        let id = PortalSessionID(acts.newID())
        let act = Act(by: person.acting(through: acts.service), on: occasion)
        let now = act.time
        let new = SessionStore.New(
            id: id, cookieHash: answer.cookieHash, person: person, signedInAt: now,
            tokens: try seal.seal(tokens, of: id))
        return try await database.transaction { session in
            let old = try answer.previous.flatMap { try SessionStore.find(cookieHash: TokenHash.of($0), in: session) }
            if let old { try SessionStore.end(old.id, .signedOut, at: now, in: session) }
            try SessionStore.insert(new, in: session)
            if let old, old.person.subject == person.subject {
                try TabStore.move(from: old.id, to: id, at: now, in: session)
            }
            try AnswerStore.release(cookieHash: answer.cookieHash, in: session)
            try Audit.record(act.record(.signIn), in: session)
            return try returnPath(answer, in: id, session)
        }
    }

    private func count(_ refusal: SignInRefusal) {
        Counter(label: "toegang_portal_sign_in_refused_total", dimensions: [("reason", refusal.rawValue)]).increment()
    }

    /// Gives the answer up, and records the refusal when somebody had signed in.
    private func refuse(_ refusal: SignInRefusal, _ answer: Answer, on occasion: Occasion) async throws {
        guard !refusal.isAnonymous else { return await giveUp(answer, occasion) }
        let act = Act(by: ActingProgram(acts.service), on: occasion)
        let reason = ReasonCode(rawValue: "sign-in.\(refusal.rawValue)")
        try await database.transaction { session in
            try AnswerStore.release(cookieHash: answer.cookieHash, in: session)
            try Audit.record(act.record(.signIn, reasons: [reason]), in: session)
        }
    }

    /// Gives the answer up, also for a browser that went away; a claim that stays is cleared away later.
    private func giveUp(_ answer: Answer, _ occasion: Occasion) async {
        await Task {
            do {
                try await database.transaction { try AnswerStore.release(cookieHash: answer.cookieHash, in: $0) }
            } catch {
                warn("A sign-in's answer could not be given up", error, occasion)
            }
        }.value
    }
}
