import PortalDomain
import Testing
import Vocabulary

@Suite("Portal: sign-in, sessions and sign-out") struct PortalSignInTests {
    private let now = Instant(microseconds: 1_800_000_000_000_000)
    private var seconds: Int64 { now.secondsSinceEpoch }

    private func claims(
        issuer: String = "https://issuer.test", audience: [String] = ["portal"], party: String? = nil,
        expiresIn: Int64 = 300, issuedIn: Int64 = 0, nonce: String? = "n", session: String? = "s",
        subject: String = "sub", acr: String? = Acr.level400.uri, profile: ProfileChoice? = .citizen
    ) -> IdentityClaims {
        IdentityClaims(
            issuer: issuer, subject: subject, audience: audience, authorisedParty: party,
            expiresAt: seconds + expiresIn, issuedAt: seconds + issuedIn, nonce: nonce, sessionID: session, acr: acr,
            authenticatedAt: seconds, name: "An Peeters", profile: profile)
    }

    @Test("whatever numbers a token of the provider has, it is accepted or refused")
    func hostileNumbers() {
        let ends: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
        for expiry in ends {
            for issued in ends {
                let token = IdentityClaims(
                    issuer: "https://issuer.test", subject: "sub", audience: ["portal"], authorisedParty: nil,
                    expiresAt: expiry, issuedAt: issued, nonce: "n", sessionID: "s", acr: Acr.level400.uri,
                    authenticatedAt: expiry, name: nil, profile: .citizen)
                #expect((flaw(token) == nil) == (expiry > 1 && issued <= 1))
                let logout = LogoutClaims(
                    issuer: "https://issuer.test", audience: ["portal"], issuedAt: issued, expiresAt: expiry,
                    tokenID: "t", sessionID: "s", subject: nil, events: [LogoutClaims.event], hasNonce: false)
                let result = logout.validate(issuer: "https://issuer.test", clientID: "portal", now: now)
                #expect(throws: LogoutClaims.Flaw.self) { try result.get() }
            }
        }
    }

    private func flaw(_ claims: IdentityClaims) -> IdentityClaims.Flaw? {
        let result = claims.validate(
            issuer: "https://issuer.test", clientID: "portal", nonce: "n", minimum: .level350, now: now)
        guard case .failure(let flaw) = result else { return nil }
        return flaw
    }

    @Test("an ID token is accepted when everything holds, within what clocks differ")
    func accepted() {
        #expect(flaw(claims()) == nil)
        #expect(flaw(claims(expiresIn: -29)) == nil)
        #expect(flaw(claims(issuedIn: 60)) == nil)
        #expect(flaw(claims(audience: ["portal", "api"], party: "portal")) == nil)
        #expect(flaw(claims(acr: Acr.level350.uri)) == nil)
    }

    @Test("an ID token with one thing wrong is refused for that thing")
    func refused() {
        #expect(flaw(claims(issuer: "https://issuer.test/")) == .issuer)
        #expect(flaw(claims(audience: ["other"])) == .audience)
        #expect(flaw(claims(audience: [])) == .audience)
        #expect(flaw(claims(audience: ["portal", "api"])) == .authorisedParty)
        #expect(flaw(claims(party: "other")) == .authorisedParty)
        #expect(flaw(claims(expiresIn: -60)) == .expired)
        #expect(flaw(claims(issuedIn: 61)) == .fromTheFuture)
        #expect(flaw(claims(nonce: nil)) == .nonce)
        #expect(flaw(claims(nonce: "m")) == .nonce)
        #expect(flaw(claims(session: nil)) == .session)
        #expect(flaw(claims(session: "")) == .session)
        #expect(flaw(claims(subject: "")) == .subject)
        #expect(flaw(claims(profile: nil)) == .profile)
        #expect(flaw(claims(acr: Acr.level200.uri)) == .tooWeak)
        #expect(flaw(claims(acr: "high")) == .tooWeak)
        #expect(flaw(claims(acr: nil)) == .tooWeak)
    }

    @Test("when the key has to be shown again, a sign-in of before is refused, within what clocks differ")
    func shownAgain() {
        let check = { (earliest: Instant?) -> IdentityClaims.Flaw? in
            let result = claims().validate(
                issuer: "https://issuer.test", clientID: "portal", nonce: "n", minimum: .level350, earliest: earliest,
                now: now)
            guard case .failure(let flaw) = result else { return nil }
            return flaw
        }
        #expect(check(nil) == nil)
        #expect(check(now.adding(.seconds(-60))) == nil)
        #expect(check(now.adding(.seconds(60))) == nil)
        #expect(check(now.adding(.seconds(61))) == .tooOld)
        #expect(SessionLifetime.End.allCases.filter(\.asksAgain) == [.idle, .tooOld])
    }

    private func logout(_ change: (inout LogoutParts) -> Void = { _ in }) -> Result<
        LogoutClaims.Target, LogoutClaims.Flaw
    > {
        var parts = LogoutParts()
        change(&parts)
        return LogoutClaims(
            issuer: parts.issuer, audience: parts.audience, issuedAt: seconds + parts.issuedIn,
            expiresAt: parts.expiresIn.map { seconds + $0 }, tokenID: parts.tokenID, sessionID: parts.session,
            subject: parts.subject, events: parts.events, hasNonce: parts.hasNonce
        ).validate(issuer: "https://issuer.test", clientID: "portal", now: now)
    }

    private struct LogoutParts {
        var issuer = "https://issuer.test"
        var audience = ["portal"]
        var issuedIn: Int64 = 0
        var expiresIn: Int64? = 120
        var tokenID = "t"
        var session: String? = "s"
        var subject: String?
        var events = [LogoutClaims.event]
        var hasNonce = false
    }

    @Test("a logout token names a session, or a person")
    func logoutTargets() {
        #expect(logout() == .success(.session("s")))
        #expect(logout { $0.subject = "p" } == .success(.session("s")))
        #expect(
            logout {
                $0.session = nil
                $0.subject = "p"
            } == .success(.person("p")))
        #expect(logout { $0.expiresIn = nil } == .success(.session("s")))
    }

    @Test("a logout token with one thing wrong ends nothing")
    func logoutRefused() {
        #expect(logout { $0.issuer = "x" } == .failure(.issuer))
        #expect(logout { $0.audience = ["x"] } == .failure(.audience))
        #expect(logout { $0.issuedIn = 61 } == .failure(.fromTheFuture))
        #expect(logout { $0.issuedIn = -150 } == .failure(.expired))
        #expect(logout { $0.expiresIn = -60 } == .failure(.expired))
        #expect(logout { $0.events = [] } == .failure(.event))
        #expect(logout { $0.hasNonce = true } == .failure(.nonce))
        #expect(logout { $0.tokenID = "" } == .failure(.tokenID))
        #expect(logout { $0.session = nil } == .failure(.nobody))
    }

    @Test("a callback is read only from the provider that the browser was sent to")
    func answer() {
        func read(_ parameters: [String: String]) -> Result<SignInAnswer, SignInRefusal> {
            Result { () throws(SignInRefusal) in try SignInAnswer.read(parameters, issuer: "https://issuer.test") }
        }
        #expect(read(["iss": "https://issuer.test", "code": "c"]) == .success(.code("c")))
        #expect(read(["iss": "https://issuer.test", "error": "e", "code": "c"]) == .success(.error("e")))
        #expect(read(["iss": "https://other.test", "code": "c"]) == .failure(.otherIssuer))
        #expect(read(["code": "c"]) == .failure(.otherIssuer))
        #expect(read(["iss": "https://issuer.test"]) == .failure(.noCode))
        #expect(read(["iss": "https://issuer.test", "code": ""]) == .failure(.noCode))
        #expect(
            read(["iss": "https://issuer.test", "code": String(repeating: "c", count: 513)]) == .failure(.noCode))
    }

    @Test(
        "after the sign-in the browser goes to one of the portal's own pages",
        arguments: [
            (nil, "/welcome"), ("/mandates", "/mandates"), ("/dossier", "/dossier"), ("//evil.test", "/welcome"),
            ("https://evil.test", "/welcome"), ("/t/x/dossier", "/t/x/dossier"), ("/mandates/", "/welcome"),
        ])
    func returnPath(_ asked: String?, _ expected: String) {
        #expect(SignInAttempt.returnPath(asked: asked) == expected)
    }

    @Test("a session ends by idleness or by age, whichever comes first")
    func lifetime() {
        let lifetime = SessionLifetime(idle: .seconds(600), absolute: .seconds(3600))
        func end(age: Int64, unseen: Int64) -> SessionLifetime.End? {
            lifetime.end(
                signedInAt: now.adding(.seconds(-age)), lastSeenAt: now.adding(.seconds(-unseen)), now: now)
        }
        #expect(end(age: 0, unseen: 0) == nil)
        #expect(end(age: 599, unseen: 599) == nil)
        #expect(end(age: 600, unseen: 600) == .idle)
        #expect(end(age: 3599, unseen: 0) == nil)
        #expect(end(age: 3600, unseen: 0) == .tooOld)
        #expect(end(age: 4000, unseen: 700) == .tooOld)
        #expect(!lifetime.shouldRecord(lastSeenAt: now.adding(.seconds(-14)), now: now))
        #expect(lifetime.shouldRecord(lastSeenAt: now.adding(.seconds(-15)), now: now))
    }
}
