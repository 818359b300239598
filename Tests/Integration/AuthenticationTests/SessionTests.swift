import Authentication
import AuthenticationDomain
import ContractCore
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Postgres
import Process
import Testing
import Tokens
import Vocabulary
import Web

@Suite("Sessions and their end")
struct SessionTests {
    @Test("a refresh token serves the whole session: an answer that is lost costs nothing, and many may ask at once")
    func refreshTokens() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let first = try await world.tokens(account, &browser)
                let refresh = try #require(first.refreshToken)
                // The first answer gets lost; another one comes for the same token.
                _ = try await world.refresh(refresh, client)
                let second = try await world.refresh(refresh, client).json(AuthenticationTests.Tokens.self)
                #expect(second.refreshToken == nil && second.accessToken != first.accessToken)
                for token in [first.accessToken, second.accessToken] {
                    #expect(try await world.isActive(token, client))
                }
                try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                    for _ in 0..<16 { group.addTask { try await world.refresh(refresh, client).status } }
                    for try await status in group { #expect(status == .ok) }
                }
                let other = try await world.call(
                    "/token", [("grant_type", "refresh_token"), ("refresh_token", refresh)], as: world.otherPortal,
                    client)
                #expect(try other.json(OAuthFailure.self).error == "invalid_grant")
                let more = try await world.call(
                    "/token",
                    [("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", "openid organisations")],
                    as: world.portal, client)
                #expect(try more.json(OAuthFailure.self).error == "invalid_scope")
                #expect(try await world.isActive(refresh, client))
            }
        }
    }

    @Test("a refresh brings an ID token of the same sign-in, without a nonce")
    func refreshedIdentity() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let first = try await world.tokens(account, &browser)
                world.clock.advance(.seconds(600))
                let second = try await world.refresh(try #require(first.refreshToken), client)
                    .json(AuthenticationTests.Tokens.self)
                let claims = [first, second].compactMap { tokens in
                    tokens.idToken.flatMap {
                        world.parts.signer.verified($0, type: "JWT", as: IDTokenClaims.self)
                    }
                }
                try #require(claims.count == 2)
                #expect(claims[1].sub == claims[0].sub && claims[1].sid == claims[0].sid)
                #expect(claims[1].authTime == claims[0].authTime && claims[1].actingAs == claims[0].actingAs)
                #expect(claims[1].nonce == nil && claims[1].iat == claims[0].iat + 600)
            }
        }
    }

    @Test("an access token ends with the longest life of its session, and what is left of that is told")
    func lastToken() async throws {
        let policy = SignInPolicy(sessions: SessionPolicy(idle: .seconds(900), absolute: .seconds(1000)))
        try await World.with(policy: policy) { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let refresh = try #require(try await world.tokens(account, &browser).refreshToken)
                world.clock.advance(.seconds(880))
                let last = try await world.refresh(refresh, client).json(AuthenticationTests.Tokens.self)
                #expect(last.expiresIn == 120)
                world.clock.advance(.seconds(121))
                #expect(try await !world.isActive(last.accessToken, client))
                #expect(try await world.refresh(refresh, client).json(OAuthFailure.self).error == "invalid_grant")
            }
        }
    }

    @Test("one audience each: what was named at /authorize, cut to the scopes of that API; else the issuer")
    func audiences() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let registry = world.base.verifier.audiences[.mandateRegistry]
                let code = try await world.code(
                    account, &browser, ["resource": registry, "scope": "openid dossier mandates offline_access"])
                let tokens = try await world.exchange(code, client).json(AuthenticationTests.Tokens.self)
                #expect(tokens.scope == "mandates")
                _ = try await world.base.verifier.verify(tokens.accessToken, audience: .mandateRegistry)
                await #expect(throws: Problem.self) {
                    _ = try await world.base.verifier.verify(tokens.accessToken, audience: .profileResolution)
                }
                let refresh = try #require(tokens.refreshToken)
                for resource in ["urn:toegang:profile-resolution", "urn:toegang:unknown", "mandate-registry"] {
                    let refused = try await world.refresh(refresh, resource: resource, client)
                    #expect(try refused.json(OAuthFailure.self).error == "invalid_target")
                }
                let issuers = try await world.refresh(refresh, resource: World.issuer, client)
                    .json(AuthenticationTests.Tokens.self)
                #expect(issuers.scope == "openid offline_access")
                for api in APIAudience.allCases {
                    await #expect(throws: Problem.self) {
                        _ = try await world.base.verifier.verify(issuers.accessToken, audience: api)
                    }
                }
                world.clock.advance(.seconds(60))
                let none = try await world.code(account, &browser, ["resource": nil, "prompt": "login"])
                let plain = try await world.exchange(none, client).json(AuthenticationTests.Tokens.self)
                #expect(plain.scope == "openid offline_access", "a client that names no API gets a token for none")
            }
        }
    }

    @Test("a service names the API that its token is for, and gets the scopes that it has there")
    func serviceAudiences() async throws {
        try await World.with { world in
            try await world.test { client in
                func ask(_ resource: String?, _ scope: String?) async throws -> TestResponse {
                    var fields = [("grant_type", "client_credentials")]
                    if let resource { fields.append(("resource", resource)) }
                    if let scope { fields.append(("scope", scope)) }
                    return try await world.call("/token", fields, as: world.pickerService, client)
                }
                let own = world.base.verifier.audiences[.authentication]
                let all = try await ask(own, nil).json(AuthenticationTests.Tokens.self)
                #expect(all.scope == "interactions persons.names persons.resolve")
                for resource in [nil, World.issuer, "urn:toegang:mandate-registry"] {
                    #expect(try await ask(resource, nil).json(OAuthFailure.self).error == "invalid_target")
                }
                let foreign = try await ask(own, Scope.introspect)
                #expect(try foreign.json(OAuthFailure.self).error == "invalid_scope")
            }
        }
    }

    @Test("a client takes its own tokens back, and no other's")
    func revocation() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser)
                let refresh = try #require(tokens.refreshToken)
                func userInfo(_ token: String) async throws -> HTTPResponse.Status {
                    try await world.send(.get, "/userinfo", nil, token: token, client).status
                }
                func issuersToken() async throws -> String {
                    try await world.refresh(refresh, resource: World.issuer, client)
                        .json(AuthenticationTests.Tokens.self).accessToken
                }
                let (own, other) = (try await issuersToken(), try await issuersToken())
                #expect(try await userInfo(own) == .ok)
                _ = try await world.call("/revoke", [("token", own)], as: world.portal, client)
                #expect(try await userInfo(own) == .unauthorized, "at once, though it has not expired")
                #expect(try await userInfo(other) == .ok)
                for token in [refresh, tokens.accessToken, "nonsense"] {
                    let other = try await world.call("/revoke", [("token", token)], as: world.otherPortal, client)
                    #expect(other.status == .ok)
                }
                #expect(try await world.isActive(tokens.accessToken, client))
                #expect(
                    try await world.call("/revoke", [("token", tokens.accessToken)], as: world.portal, client).status
                        == .ok)
                #expect(try await !world.isActive(tokens.accessToken, client))
                #expect(try await world.isActive(refresh, client))
                #expect(try await world.call("/revoke", [("token", refresh)], as: world.portal, client).status == .ok)
                #expect(try await userInfo(other) == .unauthorized, "with its family")
                #expect(try await world.refresh(refresh, client).status == .badRequest)
            }
        }
    }

    @Test("introspection tells a client nothing of tokens that are not its own or for it")
    func foreignTokens() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser)
                for token in [tokens.accessToken, try #require(tokens.refreshToken), "x"] {
                    let answer = try await world.call("/introspect", [("token", token)], as: world.otherPortal, client)
                    #expect(answer.text == #"{"active":false}"#)
                }
                let meant = try await world.call(
                    "/introspect", [("token", tokens.accessToken)], as: world.pickerService, client)
                #expect(meant.text.contains(account.person.description))
                let own = try await world.call("/introspect", [("token", tokens.accessToken)], as: world.portal, client)
                let idToken = try #require(tokens.idToken)
                let identity = try #require(
                    world.parts.signer.verified(idToken, type: "JWT", as: IDTokenClaims.self))
                #expect(own.text.contains(identity.sub) && own.text.contains(identity.sid))
                #expect(!own.text.contains(account.person.description), "a portal learns its own ids alone")
            }
        }
    }

    @Test("an ID token of the session signs out at once, everywhere, and leads back to the portal")
    func signOutWithHint() async throws {
        try await World.with(backChannel: "http://127.0.0.1:1/logout") { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser)
                let issuers = try await world.refresh(
                    try #require(tokens.refreshToken), resource: World.issuer, client
                ).json(AuthenticationTests.Tokens.self)
                let query = FormEncoding.encode([
                    ("id_token_hint", try #require(tokens.idToken)),
                    ("post_logout_redirect_uri", World.callback + "/signed-out"), ("state", "bye"),
                ])
                let left = try await browser.get("/end-session?" + query)
                #expect(left.location == World.callback + "/signed-out?state=bye")
                #expect(browser.cookies["toegang_authn_session"] == nil)
                #expect(try await !world.isActive(tokens.accessToken, client))
                #expect(try await world.refresh(try #require(tokens.refreshToken), client).status == .badRequest)
                let info = try await world.send(.get, "/userinfo", nil, token: issuers.accessToken, client)
                #expect(info.status == .unauthorized)
                let again = try await browser.get(world.authorizeAddress())
                #expect(again.location.hasPrefix(World.issuer + "/sign-in?"))
            }
            #expect(try await world.count("SELECT count(*) FROM outbox WHERE type = 'session.ended'") == 1)
            #expect(try await world.count("SELECT count(*) FROM logout_delivery WHERE client_id = 'portal'") == 1)
        }
    }

    @Test("without an ID token the person is asked, and a forged form ends nothing")
    func signOutIsAsked() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser)
                let query = FormEncoding.encode([
                    ("client_id", "portal"), ("post_logout_redirect_uri", "http://evil.test/"),
                ])
                let page = try await browser.get("/end-session?" + query)
                #expect(page.status == .ok)
                #expect(page.text.contains("Wilt u zich overal afmelden?"))
                #expect(try await world.isActive(tokens.accessToken, client))
                let forged = try await browser.post("/end-session", [("csrf", "AAAA")])
                #expect(forged.status == .forbidden)
                #expect(try await world.isActive(tokens.accessToken, client))
                let done = try await browser.post(
                    "/end-session",
                    [
                        ("csrf", page.field("csrf") ?? ""), ("client_id", "portal"),
                        ("post_logout_redirect_uri", "http://evil.test/"),
                    ])
                #expect(done.status == .ok)
                #expect(done.text.contains("U bent afgemeld"))
                #expect(try await !world.isActive(tokens.accessToken, client))
            }
        }
    }

    @Test("an ID token of another session does not end this one without asking")
    func foreignHint() async throws {
        try await World.with { world in
            let mine = try await world.account()
            let theirs = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(mine, &browser)
                var other = Browser(client)
                let hint = try #require(try await world.tokens(theirs, &other).idToken)
                let page = try await browser.get("/end-session?" + FormEncoding.encode([("id_token_hint", hint)]))
                #expect(page.text.contains("Wilt u zich overal afmelden?"))
                #expect(try await world.isActive(tokens.accessToken, client))
            }
        }
    }

    @Test("signing in again replaces the session of the browser")
    func replacedSession() async throws {
        try await World.with { world in
            let first = try await world.account()
            let second = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let old = try await world.tokens(first, &browser)
                _ = try await world.code(second, &browser, ["prompt": "login"])
                #expect(try await !world.isActive(old.accessToken, client))
            }
            #expect(
                try await world.count("SELECT count(*) FROM person_session WHERE end_reason = 'replaced'") == 1)
        }
    }

    @Test("a session that nobody uses ends after its idle time, one in use after its absolute time")
    func timeouts() async throws {
        let policy = SignInPolicy(sessions: SessionPolicy(idle: .seconds(600), absolute: .seconds(1500)))
        try await World.with(policy: policy) { world in
            let account = try await world.account()
            let house = world.parts.keepHouse(logger: world.base.logger)
            try await world.test { client in
                var browser = Browser(client)
                let refresh = try #require(try await world.tokens(account, &browser).refreshToken)
                for _ in 0..<2 {
                    world.clock.advance(.seconds(599))
                    #expect(try await world.refresh(refresh, client).status == .ok)
                }
                world.clock.advance(.seconds(302))
                #expect(try await world.refresh(refresh, client).status == .badRequest)
                #expect(try await world.count("SELECT count(*) FROM person_session WHERE ended_at IS NULL") == 1)
                try await house()
                #expect(try await world.count("SELECT count(*) FROM person_session WHERE end_reason = 'expired'") == 1)
                let idle = try #require(try await world.tokens(account, &browser).refreshToken)
                world.clock.advance(.seconds(600))
                #expect(try await world.refresh(idle, client).status == .badRequest)
                try await house()
                #expect(try await world.count("SELECT count(*) FROM outbox WHERE type = 'session.ended'") == 2)
            }
        }
    }

    @Test("a session that ends while a code is exchanged leaves no live token", arguments: 0..<4)
    func endAndIssueRace(round: Int) async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                for _ in 0..<10 {
                    world.clock.advance(.seconds(30))
                    var browser = Browser(client)
                    let code = try await world.code(account, &browser)
                    let cookie = try #require(browser.cookies["toegang_authn_session"])
                    async let exchanged = world.exchange(code, client)
                    async let ended: Void = world.parts.signOut(sessionCookie: cookie, act: world.act())
                    let response = try await exchanged
                    try await ended
                    guard response.status == .ok else { continue }
                    let tokens = try response.json(AuthenticationTests.Tokens.self)
                    #expect(try await !world.isActive(tokens.accessToken, client))
                    #expect(try await world.refresh(try #require(tokens.refreshToken), client).status == .badRequest)
                }
            }
        }
    }
}
