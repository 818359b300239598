import AuthenticationDomain
import FoundationEssentials
import Testing
import Vocabulary

@Suite("Digital keys, user names and passwords")
struct AuthenticationRuleTests {
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
        #expect(Password(attempt: "a\u{0}b") == nil)
        #expect(Password(attempt: "") == nil)
        #expect("\(Password(attempt: "secret").map { "\($0)" } ?? "")" == "Password")
    }

    @Test("a password is the same however the keyboard composes its letters, and its blanks stay")
    func composedPasswords() {
        let composed = Password(new: "caf\u{E9}-p\u{E8}re-no\u{EB}l")?.utf8
        #expect(composed != nil)
        #expect(Password(attempt: "cafe\u{301}-pe\u{300}re-noe\u{308}l")?.utf8 == composed)
        #expect(Password(attempt: "CAF\u{C9}-p\u{E8}re-no\u{EB}l")?.utf8 != composed)
        #expect(Password(attempt: "a\u{A0}b")?.utf8 == [97, 32, 98])
        #expect(Password(new: "  eight  ")?.utf8 == [UInt8]("  eight  ".utf8))
        // Eight code points of two scalars each look like four characters, and four of them are too few.
        #expect(Password(new: "e\u{301}e\u{301}e\u{301}e\u{301}") == nil)
    }

    @Test("what cannot be seen in a user name is dropped")
    func invisible() {
        #expect(UserName("an.\u{200B}peeters\u{FEFF}")?.folded == "an.peeters")
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
        codeChallenge: "challenge", minimumAcr: .level350, prompt: .automatic, maximumAge: nil, language: nil,
        expectedSubject: nil)

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
            minimumAcr: .level450, prompt: .automatic, maximumAge: nil, language: nil,
            expectedSubject: nil)
        let again = AuthorizationRequest(
            clientID: "portal", redirectURI: "x", scopes: [], state: "s", nonce: "n", codeChallenge: "c",
            minimumAcr: .level350, prompt: .login, maximumAge: nil, language: nil,
            expectedSubject: nil)
        let young = AuthorizationRequest(
            clientID: "portal", redirectURI: "x", scopes: [], state: "s", nonce: "n", codeChallenge: "c",
            minimumAcr: .level350, prompt: .automatic, maximumAge: 60, language: nil,
            expectedSubject: nil)
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
        func verdict(
            _ errand: SignInInteraction, holds: Bool = true, expected: Bool = true, after seconds: Int64 = 0
        ) -> ResumeVerdict {
            decideResume(
                errand, transaction: transaction, session: signedIn, browserHolds: holds, isExpected: expected,
                repeatable: .seconds(10), at: now.adding(.seconds(seconds)), under: policy)
        }
        #expect(verdict(errand(choice: choice)) == .signedIn(choice))
        #expect(verdict(errand(choice: choice), holds: false) == .otherBrowser)
        #expect(verdict(errand(choice: nil)) == .notChosen)
        #expect(verdict(errand(choice: choice), expected: false) == .otherPerson)
        #expect(verdict(errand(choice: choice, resumed: true)) == .again)
        #expect(verdict(errand(choice: choice, resumed: true), after: 10) == .over)
        #expect(verdict(errand(choice: choice, resumed: true), holds: false) == .otherBrowser)
        #expect(verdict(errand(choice: choice), after: 60) == .over)
        #expect(errand(choice: nil).accepts(choice, from: "picker", at: now))
        #expect(!errand(choice: nil).accepts(choice, from: "other", at: now))
        // The same again is a second click; another choice comes too late.
        #expect(errand(choice: choice, resumed: true).accepts(choice, from: "picker", at: now))
        let other = ChosenProfile(profile: .organisation(OrganisationID(UUID())), bases: [])
        #expect(!errand(choice: choice, resumed: true).accepts(other, from: "picker", at: now))
    }
}
