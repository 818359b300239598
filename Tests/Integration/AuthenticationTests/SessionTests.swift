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

@Suite("Sessions and their end")
struct SessionTests {
    @Test("a refresh token is exchanged once; one that comes twice ends all that followed")
    func refreshTokens() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let first = try await world.tokens(account, &browser)
                let old = try #require(first.refreshToken)
                let second = try await world.refresh(old, client).json(AuthenticationTests.Tokens.self)
                let next = try #require(second.refreshToken)
                #expect(next != old)
                #expect(try await world.isActive(second.accessToken, client))
                let fewer = try await world.call(
                    "/token", [("grant_type", "refresh_token"), ("refresh_token", next), ("scope", "openid")],
                    as: world.portal, client)
                let third = try fewer.json(AuthenticationTests.Tokens.self)
                #expect(third.scope == "openid")
                #expect(try await world.refresh(old, client).status == .badRequest)
                let last = try #require(third.refreshToken)
                #expect(try await world.refresh(last, client).status == .badRequest)
                #expect(try await !world.isActive(third.accessToken, client))
                let other = try await world.call(
                    "/token", [("grant_type", "refresh_token"), ("refresh_token", last)], as: world.otherPortal, client)
                #expect(try other.json(OAuthFailure.self).error == "invalid_grant")
            }
            #expect(try await world.count("SELECT count(*) FROM audit_record WHERE reasons = '{token.reused}'") == 1)
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
                let query = FormEncoding.encode([
                    ("id_token_hint", try #require(tokens.idToken)),
                    ("post_logout_redirect_uri", World.callback + "/signed-out"), ("state", "bye"),
                ])
                let left = try await browser.get("/end-session?" + query)
                #expect(left.location == World.callback + "/signed-out?state=bye")
                #expect(browser.cookies["toegang_authn_session"] == nil)
                #expect(try await !world.isActive(tokens.accessToken, client))
                #expect(try await world.refresh(try #require(tokens.refreshToken), client).status == .badRequest)
                let info = try await world.send(.get, "/userinfo", nil, token: tokens.accessToken, client)
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
            let house = KeepHouse(world.essentials, facts: { world.facts() }, logger: world.base.logger)
            try await world.test { client in
                var browser = Browser(client)
                var refresh = try #require(try await world.tokens(account, &browser).refreshToken)
                for _ in 0..<2 {
                    world.clock.advance(.seconds(599))
                    let next = try await world.refresh(refresh, client).json(AuthenticationTests.Tokens.self)
                    refresh = try #require(next.refreshToken)
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
                    async let ended: Void = SignOut(world.essentials)(sessionCookie: cookie, facts: world.facts())
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
