import Authentication
import AuthenticationDomain
import ContractCore
import Crypto
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Keys
import NIOCore
import Pages
import Postgres
import Process
import Testing
import Vocabulary
import Web

@Suite("What libraries of OpenID Connect do unasked")
struct StockClientTests {
    /// An assertion of the portal with any claims.
    private func assertion(_ world: World, _ changes: [String: String]) throws -> [(String, String)] {
        var claims = [
            "iss": "\"portal\"", "sub": "\"portal\"", "aud": "\"\(World.issuer)\"", "jti": "\"\(UUID().uuidString)\"",
            "exp": "\(world.clock.now.secondsSinceEpoch + 60)",
        ]
        claims.merge(changes) { $1 }
        let payload = "{" + claims.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
        let input = Base64URL.encode(Array(#"{"alg":"ES256"}"#.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        let signature = try world.portal.key.signature(for: Array(input.utf8)).rawRepresentation
        return [
            ("client_assertion_type", ClientAssertionSigner.assertionType),
            ("client_assertion", input + "." + Base64URL.encode(signature)),
        ]
    }

    private let grant = [("grant_type", "client_credentials"), ("resource", "urn:toegang:mandate-registry")]

    @Test("assertions are taken for an hour, with fractions, and for one audience in either form")
    func assertions() async throws {
        try await World.with { world in
            try await world.test { client in
                let now = world.clock.now.secondsSinceEpoch
                let taken: [[String: String]] = [
                    ["exp": "\(now + 3600)"], ["exp": "\(now + 60).75", "iat": "\(now).25", "nbf": "\(now).5"],
                    ["aud": "\"\(World.issuer)/token\""], ["aud": "[\"\(World.issuer)\"]"],
                ]
                for changes in taken {
                    let response = try await world.post("/token", grant + assertion(world, changes), client)
                    #expect(response.status == .ok, "\(changes)")
                    #expect(response.headers[.pragma] == "no-cache" && response.headers[.cacheControl] == "no-store")
                }
                let refused: [[String: String]] = [
                    ["exp": "\(now + 3700)"], ["exp": "9223372036854775807"], ["exp": "1e300"], ["exp": "-1e300"],
                    ["nbf": "1e300"], ["iat": "9223372036854775807"], ["exp": "\"soon\""],
                    ["aud": "[\"\(World.issuer)\",\"http://elsewhere.test\"]"], ["aud": "[]"],
                    ["aud": "\"\(World.issuer)/introspect\""], ["aud": "\"http://elsewhere.test\""],
                ]
                for changes in refused {
                    let response = try await world.post("/token", grant + assertion(world, changes), client)
                    #expect(response.status == .unauthorized, "\(changes)")
                    #expect(response.headers[.wwwAuthenticate] == "private_key_jwt realm=\"clients\"")
                }
            }
        }
    }

    @Test("an assertion of an hour is remembered as long, so that it works once")
    func usedOnce() async throws {
        try await World.with { world in
            let house = world.parts.keepHouse(logger: world.base.logger)
            try await world.test { client in
                let expiry = world.clock.now.secondsSinceEpoch + 3600
                let fields = try assertion(world, ["exp": "\(expiry)"])
                #expect(try await world.post("/token", grant + fields, client).status == .ok)
                world.clock.advance(.seconds(3590))
                try await house()
                #expect(try await world.post("/token", grant + fields, client).status == .unauthorized)
            }
        }
    }

    @Test("two ways of authentication at once are refused, and a header is answered in its scheme")
    func ways() async throws {
        try await World.with { world in
            try await world.test { client in
                let secret = try await world.post(
                    "/token", grant + assertion(world, [:]) + [("client_secret", "x")], client)
                #expect(secret.status == .badRequest)
                #expect(try secret.json(OAuthFailure.self).error == "invalid_request")
                for path in ["/token", "/introspect", "/revoke"] {
                    let basic = try await client.execute(
                        uri: path, method: .post,
                        headers: [
                            .contentType: "application/x-www-form-urlencoded", .authorization: "Basic cG9ydGFsOng=",
                        ], body: ByteBuffer(string: "grant_type=client_credentials&token=x"))
                    #expect(basic.status == .unauthorized)
                    #expect(basic.headers[.wwwAuthenticate] == "Basic realm=\"clients\"")
                }
            }
        }
    }

    @Test("openid profile email signs in, without state and nonce, and states of any length come back")
    func defaults() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let interaction = try await world.signIn(
                    account, &browser, ["scope": "openid profile email", "state": nil, "nonce": nil, "resource": nil])
                let back = try await browser.get(try await world.choose(interaction, client))
                #expect(back.parameter("state") == nil && back.parameter("iss") == World.issuer)
                let tokens = try await world.exchange(try #require(back.parameter("code")), client).json(Tokens.self)
                #expect(tokens.scope == "openid")
                let long = String(repeating: "~", count: 2048)
                let next = try await browser.get(world.authorizeAddress(["state": long, "nonce": long]))
                let second = try #require(next.parameter("interaction").flatMap { InteractionID($0) })
                let again = try await browser.get(try await world.choose(second, client))
                #expect(again.parameter("state") == long)
                let refused = try await browser.get(world.authorizeAddress(["state": long, "prompt": "none"]))
                #expect(refused.parameter("state") == long)
            }
        }
    }

    @Test("a request by a form goes on as the same request by an address")
    func postedRequest() async throws {
        try await World.with { world in
            try await world.test { client in
                let query = String(world.authorizeAddress(["state": "a b&c=é?"]).split(separator: "?", maxSplits: 1)[1])
                let response = try await client.execute(
                    uri: "/authorize", method: .post,
                    headers: [.contentType: "application/x-www-form-urlencoded"], body: ByteBuffer(string: query))
                #expect(response.status == .seeOther)
                #expect(response.location == World.issuer + "/authorize?" + query)
                for (body, status): (String, HTTPResponse.Status) in [
                    (String(repeating: "a", count: 9000), .contentTooLarge), ("state=%zz", .badRequest),
                    ("a=1\r\nb: 2", .badRequest),
                ] {
                    let refused = try await client.execute(
                        uri: "/authorize", method: .post,
                        headers: [.contentType: "application/x-www-form-urlencoded"], body: ByteBuffer(string: body))
                    #expect(refused.status == status)
                }
            }
        }
    }

    @Test("userinfo is read by POST as by GET")
    func postedUserInfo() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let first = try #require(try await world.tokens(account, &browser).refreshToken)
                let token = try await world.refresh(first, resource: World.issuer, client).json(Tokens.self).accessToken
                let posted = try await world.send(.post, "/userinfo", nil, token: token, client)
                #expect(posted.status == .ok)
                #expect(try await world.send(.get, "/userinfo", nil, token: token, client).text == posted.text)
                let own = try await world.serviceToken(world.pickerService, client)
                let refused = try await world.send(.get, "/userinfo", nil, token: own, client)
                #expect(refused.status == .unauthorized && refused.headers[.wwwAuthenticate] != nil)
            }
        }
    }

    @Test("HEAD uses nothing up: not the way back from the picker, nor a sign-in, nor a session")
    func head() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let interaction = try await world.signIn(account, &browser)
                let resume = try await world.choose(interaction, client)
                let cookie = browser.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
                let before = try await world.count("SELECT count(*) FROM sign_in_transaction")
                for path in [
                    String(resume.dropFirst(World.issuer.count)), world.authorizeAddress(), "/end-session?client_id=x",
                ] {
                    let response = try await client.execute(uri: path, method: .head, headers: [.cookie: cookie])
                    #expect(response.status == .ok && response.headers[.setCookie] == nil)
                }
                #expect(try await world.count("SELECT count(*) FROM sign_in_transaction") == before)
                #expect(try await browser.get(resume).parameter("code") != nil)
            }
        }
    }

    @Test("the metadata names how each endpoint is signed for, at both well-known addresses")
    func metadata() async throws {
        try await World.with { world in
            try await world.test { client in
                let openID = try await client.execute(uri: "/.well-known/openid-configuration", method: .get)
                let oauth = try await client.execute(uri: "/.well-known/oauth-authorization-server", method: .get)
                #expect(openID.status == .ok && openID.text == oauth.text)
                for endpoint in ["token", "introspection", "revocation"] {
                    #expect(
                        openID.text.contains("\(endpoint)_endpoint_auth_signing_alg_values_supported\":[\"ES256\"]"))
                }
                #expect(openID.text.contains(#""prompt_values_supported":["none","login","select_account","consent"]"#))
            }
        }
    }

    @Test("what is asked and cannot be met goes back to the portal as the specification names it")
    func unmet() async throws {
        try await World.with { world in
            try await world.test { client in
                var browser = Browser(client)
                let strong = try await browser.get(
                    world.authorizeAddress(["acr_values": "urn:be:fedict:iam:fas:Level500"]))
                #expect(strong.location.hasPrefix(World.callback))
                #expect(strong.parameter("error") == "unmet_authentication_requirements")
                #expect(strong.parameter("state") == "a state" && strong.parameter("iss") == World.issuer)
                let silent = try await browser.get(world.authorizeAddress(["prompt": "none", "max_age": "0"]))
                #expect(silent.parameter("error") == "login_required")
                let unknown = try await browser.get(world.authorizeAddress(["acr_values": "urn:unknown"]))
                #expect(unknown.location.hasPrefix(World.issuer + "/sign-in?"))
            }
        }
    }
}

@Suite("Sign-out ends what its sender can speak for")
struct SignOutProofTests {
    private func endSession(_ fields: [(String, String)]) -> String { "/end-session?" + FormEncoding.encode(fields) }

    @Test("an ID token without the browser of its session ends nothing")
    func withoutBrowser() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser)
                let hint = try #require(tokens.idToken)
                var stranger = Browser(client)
                _ = try await stranger.get(endSession([("id_token_hint", hint)]))
                _ = try await stranger.post("/end-session", [("id_token_hint", hint)])
                #expect(try await world.isActive(tokens.accessToken, client))
            }
        }
    }

    @Test("an ID token of one client in the name of another: the person is asked")
    func otherClient() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser)
                let hint = try #require(tokens.idToken)
                let page = try await browser.get(
                    endSession([("id_token_hint", hint), ("client_id", "other-portal")]))
                #expect(page.text.contains("Wilt u zich overal afmelden?"))
                #expect(try await world.isActive(tokens.accessToken, client))
            }
        }
    }
}
