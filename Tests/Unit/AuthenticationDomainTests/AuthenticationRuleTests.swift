import AuthenticationDomain
import FoundationEssentials
import Testing
import Vocabulary

@Suite("Throttling")
struct AuthenticationThrottleTests {
    private let now = Instant(secondsSinceEpoch: 1_000_000)

    @Test("five failures are free, then the wait doubles up to an hour")
    func growingDelay() {
        let policy = ThrottlePolicy.account
        let waits = [0, 4, 5, 6, 7, 11, 12, 99].map { policy.delay(after: $0) }
        #expect(
            waits == [
                .zero, .zero, .seconds(30), .seconds(60), .seconds(120), .seconds(1920), .seconds(3600),
                .seconds(3600),
            ])
    }

    @Test("an attempt is allowed exactly when the wait is over")
    func waitIsOver() {
        let policy = ThrottlePolicy.account
        let record = ThrottleRecord(failures: 5, lastFailureAt: now)
        let end = now.adding(.seconds(30))
        #expect(policy.decide(record, at: end.adding(.microseconds(-1))) == .wait(until: end))
        #expect(policy.decide(record, at: end) == .allowed)
    }

    @Test("after a hundred failures nothing is tried any more, however long one waits")
    func hardStop() {
        let record = ThrottleRecord(failures: 100, lastFailureAt: now)
        #expect(ThrottlePolicy.account.decide(record, at: now.adding(.seconds(10_000_000))) == .stopped)
        let hundredth = ThrottleRecord(failures: 99, lastFailureAt: now)
        #expect(ThrottlePolicy.account.decide(hundredth, at: now.adding(.seconds(3600))) == .allowed)
    }

    @Test("a source has no hard stop, and an hour of quiet forgets its failures")
    func sources() {
        let record = ThrottleRecord(failures: 1000, lastFailureAt: now)
        #expect(ThrottlePolicy.source.decide(record, at: now.adding(.seconds(299))) != .allowed)
        #expect(ThrottlePolicy.source.decide(record, at: now.adding(.seconds(300))) == .allowed)
        #expect(ThrottlePolicy.source.oldestThatCounts(at: now) == now.adding(.seconds(-3600)))
        #expect(ThrottlePolicy.account.oldestThatCounts(at: now) == nil)
    }
}

@Suite("Sign-in decisions")
struct AuthenticationDecisionTests {
    private let person = PersonID(UUID())

    private func evidence(
        person: PersonID?, enabled: Bool = true, password: Bool = true, step: Int64? = 1,
        account: ThrottleVerdict = .allowed, source: ThrottleVerdict = .allowed
    ) -> SignInEvidence {
        SignInEvidence(
            person: person, isEnabled: enabled, passwordFits: password, codeStep: step, account: account,
            source: source)
    }

    @Test("only when everything fits is somebody signed in")
    func everythingFits() {
        #expect(decideSignIn(evidence(person: person)).grant?.person == person)
    }

    @Test("whatever does not fit has one and the same answer")
    func oneAnswer() {
        let later = Instant(secondsSinceEpoch: 5)
        let refused = [
            evidence(person: nil), evidence(person: person, enabled: false), evidence(person: person, password: false),
            evidence(person: person, step: nil), evidence(person: person, account: .wait(until: later)),
            evidence(person: person, account: .stopped), evidence(person: person, source: .wait(until: later)),
        ].map { decideSignIn($0).refusal }
        #expect(refused.allSatisfy { $0 == Refusal(Reason(.credentialsDoNotFit)) })
    }

    @Test("the chooser shows five keys in three groups; too weak outweighs not offered")
    func chooser() {
        let chooser = KeyChooser(offered: [.appCode])
        let groups = chooser.groups(minimum: .level350)
        #expect(groups.map { $0.entries.map(\.key) } == [[.eid, .itsme], [.emailCode, .appCode], [.eidas]])
        #expect(chooser.availability(of: .appCode, minimum: .level400) == .available)
        #expect(chooser.availability(of: .appCode, minimum: .level450) == .tooWeak(required: .level450))
        #expect(chooser.availability(of: .emailCode, minimum: .level400) == .tooWeak(required: .level400))
        #expect(chooser.availability(of: .eid, minimum: .level500) == .notOffered)
    }

    @Test("user names fold case and take no other characters")
    func userNames() {
        #expect(UserName("An.Peeters")?.folded == "an.peeters")
        #expect(UserName(String(repeating: "a", count: 64)) != nil)
        for text in ["", "an peeters", "an/peeters", "añ", String(repeating: "a", count: 65), "a\u{0}"] {
            #expect(UserName(text) == nil, "\(text)")
        }
    }

    @Test("a password's cost is bounded, and new passwords have 8 to 128 characters")
    func passwords() {
        #expect(PasswordCost(rounds: 1 << 14, blockSize: 8, parallelism: 5) == .standard)
        #expect(PasswordCost(rounds: 1000, blockSize: 8, parallelism: 1) == nil)
        #expect(PasswordCost(rounds: 1 << 20, blockSize: 8, parallelism: 1) == nil)
        #expect(PasswordCost(rounds: 1, blockSize: 8, parallelism: 1) == nil)
        #expect(Password(new: "1234567") == nil)
        #expect(Password(new: String(repeating: "x", count: 129)) == nil)
        #expect(Password(attempt: String(repeating: "x", count: 513)) == nil)
        #expect("\(Password(attempt: "secret").map { "\($0)" } ?? "")" == "Password")
    }

    @Test("a scope parameter has at most twenty well-formed tokens, each counted once")
    func scopes() {
        #expect(ScopeRule.parse("openid  dossier openid") == ["openid", "dossier"])
        #expect(ScopeRule.parse("a\\b") == nil)
        #expect(ScopeRule.parse((0...20).map { "s\($0)" }.joined(separator: " ")) == nil)
    }
}

@Suite("Signing key rotation")
struct AuthenticationKeyScheduleTests {
    private let schedule = SigningKeySchedule(period: .seconds(1000), lead: .seconds(100), retention: .seconds(50))
    private func at(_ seconds: Int64) -> Instant { Instant(secondsSinceEpoch: seconds) }
    private func key(_ id: String, published: Int64, signs: Int64) -> SigningKeyTimes {
        SigningKeyTimes(id: id, publishedAt: at(published), signsFrom: at(signs))
    }

    @Test("the first key signs at once")
    func firstKey() {
        #expect(schedule.turnOfNewKey(among: [], at: at(7)) == at(7))
    }

    @Test("the next key is published a lead before its turn, and not before")
    func nextKey() {
        let keys = [key("a", published: 0, signs: 0)]
        #expect(schedule.turnOfNewKey(among: keys, at: at(899)) == nil)
        #expect(schedule.turnOfNewKey(among: keys, at: at(900)) == at(1000))
        // A service that was off for a long time still publishes a key before it signs.
        #expect(schedule.turnOfNewKey(among: keys, at: at(5000)) == at(5100))
    }

    @Test("a key signs until the turn of the next, and stays published for the retention")
    func handOver() {
        let keys = [key("a", published: 0, signs: 0), key("b", published: 900, signs: 1000)]
        #expect(schedule.active(of: keys, at: at(999))?.id == "a")
        #expect(schedule.active(of: keys, at: at(1000))?.id == "b")
        #expect(schedule.published(of: keys, at: at(1049)).map(\.id) == ["a", "b"])
        #expect(schedule.published(of: keys, at: at(1050)).map(\.id) == ["b"])
    }
}

@Suite("Codes, sessions and errands")
struct AuthenticationFlowRuleTests {
    private let now = Instant(secondsSinceEpoch: 1_000_000)
    private let policy = SessionPolicy(idle: .seconds(1800), absolute: .seconds(43200))
    private let request = AuthorizationRequest(
        clientID: "portal", redirectURI: "https://portal.test/cb", scopes: ["openid"], state: "s", nonce: "n",
        codeChallenge: "challenge", minimumAcr: .level350, prompt: .automatic, maximumAge: nil, language: nil)

    private func session(acr: Acr = .level400, started: Int64 = 0, used: Int64 = 0, ended: Bool = false)
        -> PersonSession
    {
        PersonSession(
            id: SessionID(UUID()), personID: PersonID(UUID()), key: .appCode, acr: acr,
            startedAt: now.adding(.seconds(started)), lastUsedAt: now.adding(.seconds(used)),
            endedAt: ended ? now : nil, language: .nl)
    }

    private func code(used: Bool = false, expires: Int64 = 60) -> AuthorizationCode {
        AuthorizationCode(
            request: request, sessionID: SessionID(UUID()), choice: ChosenProfile(profile: .citizen, bases: []),
            expiresAt: now.adding(.seconds(expires)), usedAt: used ? now : nil)
    }

    private func wish(
        client: String = "portal", uri: String = "https://portal.test/cb", challenge: String = "challenge"
    ) -> CodeRedemption {
        CodeRedemption(clientID: client, redirectURI: uri, challengeOfVerifier: challenge)
    }

    @Test("a code is exchanged by its client, once, in time, with its address and verifier")
    func codes() {
        #expect(refusal(of: wish(), for: code(), sessionIsLive: true, at: now) == nil)
        #expect(refusal(of: wish(client: "x"), for: code(used: true), sessionIsLive: true, at: now) == .otherClient)
        #expect(refusal(of: wish(), for: code(used: true, expires: 0), sessionIsLive: true, at: now) == .reused)
        #expect(refusal(of: wish(), for: code(expires: 0), sessionIsLive: true, at: now) == .expired)
        #expect(refusal(of: wish(uri: "y"), for: code(), sessionIsLive: true, at: now) == .otherRedirectURI)
        #expect(refusal(of: wish(challenge: "z"), for: code(), sessionIsLive: true, at: now) == .wrongVerifier)
        #expect(refusal(of: wish(), for: code(), sessionIsLive: false, at: now) == .sessionEnded)
    }

    @Test("a session ends when it is idle, when it is old, and when it is ended")
    func sessions() {
        #expect(session(used: -1799).isLive(at: now, under: policy))
        #expect(!session(started: -3600, used: -1800).isLive(at: now, under: policy))
        #expect(!session(started: -43200, used: 0).isLive(at: now, under: policy))
        #expect(!session(ended: true).isLive(at: now, under: policy))
        #expect(session(ended: true).version == 2)
    }

    @Test("a session suffices when it is strong and young enough, and the portal does not want another sign-in")
    func sufficing() {
        let strong = AuthorizationRequest(
            clientID: "portal", redirectURI: "x", scopes: [], state: "s", nonce: "n", codeChallenge: "c",
            minimumAcr: .level450, prompt: .automatic, maximumAge: nil, language: nil)
        let again = AuthorizationRequest(
            clientID: "portal", redirectURI: "x", scopes: [], state: "s", nonce: "n", codeChallenge: "c",
            minimumAcr: .level350, prompt: .login, maximumAge: nil, language: nil)
        let young = AuthorizationRequest(
            clientID: "portal", redirectURI: "x", scopes: [], state: "s", nonce: "n", codeChallenge: "c",
            minimumAcr: .level350, prompt: .automatic, maximumAge: 60, language: nil)
        #expect(session().suffices(for: request, at: now, under: policy))
        #expect(!session().suffices(for: strong, at: now, under: policy))
        #expect(!session().suffices(for: again, at: now, under: policy))
        #expect(session(started: -60, used: 0).suffices(for: young, at: now, under: policy))
        #expect(!session(started: -61, used: 0).suffices(for: young, at: now, under: policy))
    }

    @Test("an errand is resumed by the browser that holds it, once a profile is chosen, once")
    func errands() {
        let signedIn = session()
        let transaction = SignInTransaction(
            id: TransactionID(UUID()), request: request, language: .nl, startedAt: now,
            expiresAt: now.adding(.seconds(60)), sessionID: signedIn.id, completedAt: nil)
        let choice = ChosenProfile(profile: .citizen, bases: [])
        func errand(choice: ChosenProfile?, resumed: Bool = false) -> SignInInteraction {
            SignInInteraction(
                id: InteractionID(UUID()), transactionID: transaction.id, sessionID: signedIn.id,
                expiresAt: now.adding(.seconds(60)), redeemedBy: "picker", choice: choice,
                resumedAt: resumed ? now : nil)
        }
        func verdict(_ errand: SignInInteraction, holds: Bool = true, after seconds: Int64 = 0) -> ResumeVerdict {
            decideResume(
                errand, transaction: transaction, session: signedIn, browserHolds: holds,
                at: now.adding(.seconds(seconds)), under: policy)
        }
        #expect(verdict(errand(choice: choice)) == .signedIn(choice))
        #expect(verdict(errand(choice: choice), holds: false) == .otherBrowser)
        #expect(verdict(errand(choice: nil)) == .notChosen)
        #expect(verdict(errand(choice: choice, resumed: true)) == .over)
        #expect(verdict(errand(choice: choice), after: 60) == .over)
        #expect(errand(choice: nil).acceptsChoice(from: "picker", at: now))
        #expect(!errand(choice: nil).acceptsChoice(from: "other", at: now))
        #expect(!errand(choice: choice, resumed: true).acceptsChoice(from: "picker", at: now))
    }
}
