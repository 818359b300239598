import Authentication
import AuthenticationDomain
import ContractCore
import Crypto
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Keys
import Postgres
import Process
import TestBasics
import TestStore
import Testing
import Vocabulary
import Web

@Suite("Codes and tokens that are refused")
struct CodeRefusalTests {
    @Test("a code that comes twice is refused, and the tokens of the first time end")
    func replayedCode() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let code = try await world.code(account, &browser)
                let first = try await world.exchange(code, client).json(Tokens.self)
                #expect(try await world.isActive(first.accessToken, client))
                let second = try await world.exchange(code, client)
                #expect(second.status == .badRequest)
                #expect(try second.json(OAuthFailure.self).error == "invalid_grant")
                #expect(try await !world.isActive(first.accessToken, client))
                let refreshed = try await world.refresh(try #require(first.refreshToken), client)
                #expect(refreshed.status == .badRequest)
            }
            #expect(try await world.count("SELECT count(*) FROM audit_record WHERE reasons = '{code.reused}'") == 1)
        }
    }

    @Test("a code is refused after sixty seconds, with a wrong verifier, address or client, and when it is unknown")
    func refusedCodes() async throws {
        try await World.with { world in
            let account = try await world.account()
            let account2 = try await world.account()
            try await world.test { client in
                let wrongVerifier = String(repeating: "x", count: 43)
                for wrong: (String) async throws -> TestResponse in [
                    { try await world.exchange($0, verifier: wrongVerifier, client) },
                    { try await world.exchange($0, redirectURI: World.callback + "/", client) },
                    { try await world.exchange($0, as: world.otherPortal, client) },
                ] {
                    var browser = Browser(client)
                    let code = try await world.code(account, &browser)
                    world.clock.advance(.seconds(30))
                    let refused = try await wrong(code)
                    #expect(refused.status == .badRequest)
                    #expect(try refused.json(OAuthFailure.self).error == "invalid_grant")
                    // Whoever has it cannot try again, nor anybody else.
                    #expect(try await world.exchange(code, client).status == .badRequest)
                }
                let kept = try await world.count("SELECT count(*) FROM client_assertion")
                for number in 0..<20 {
                    let refused = try await world.exchange("invented-\(number)", client)
                    #expect(try refused.json(OAuthFailure.self).error == "invalid_grant")
                }
                #expect(try await world.count("SELECT count(*) FROM client_assertion") == kept)
                var other = Browser(client)
                let late = try await world.code(account2, &other)
                world.clock.advance(.seconds(60))
                #expect(try await world.exchange(late, client).status == .badRequest)
            }
            let reasons = try await world.database.database.read { session in
                try session.query("SELECT reasons FROM audit_record WHERE action = 'token.code.exchange'").flatMap {
                    try $0.decode([String].self)
                }
            }
            // Whoever invents a code and sends a portal to exchange it adds nothing to the record.
            #expect(
                Set(reasons) == [
                    "code.wrong-verifier", "code.other-redirect-uri", "code.other-client", "code.expired",
                    "code.reused",
                ])
        }
    }

    @Test("two that exchange one code at once get one set of tokens, and it is ended")
    func racingExchanges() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let code = try await world.code(account, &browser)
                let statuses = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                    for _ in 0..<6 { group.addTask { try await world.exchange(code, client).status } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses.count { $0 == .ok } == 1)
            }
            #expect(try await world.count("SELECT count(*) FROM token_family WHERE ended_at IS NOT NULL") == 1)
        }
    }

    @Test("a client that does not prove who it is gets nothing")
    func clientAuthentication() async throws {
        try await World.with { world in
            try await world.test { client in
                let grant = [
                    ("grant_type", "client_credentials"), ("resource", world.base.verifier.audiences[.authentication]),
                ]
                let none = try await world.post("/token", grant, client)
                #expect(none.status == .unauthorized)
                #expect(try none.json(OAuthFailure.self).error == "invalid_client")
                // The key of another client.
                let forged = TestClient("profile-resolution", kind: .service, audiences: ["urn:toegang:authentication"])
                #expect(try await world.call("/token", grant, as: forged, client).status == .unauthorized)
                // An assertion that was used before.
                let assertion = try world.assertion(of: world.pickerService)
                #expect(try await world.post("/token", grant + assertion, client).status == .ok)
                #expect(try await world.post("/token", grant + assertion, client).status == .unauthorized)
                // One that lasts too long, one that is over, and one for somebody else.
                for (life, audience) in [(3700, World.issuer), (-60, World.issuer), (60, "http://elsewhere.test")] {
                    let fields = try Self.assertion(world, life: Int64(life), audience: audience)
                    #expect(try await world.post("/token", grant + fields, client).status == .unauthorized)
                }
                let secret = grant + [("client_id", "portal"), ("client_secret", "x")]
                #expect(try await world.post("/token", secret, client).status == .unauthorized)
            }
        }
    }

    @Test("whatever numbers a signed assertion has, its client is authenticated or refused")
    func hostileNumbers() async throws {
        try await World.with { world in
            try await world.test { client in
                let (id, now) = (world.pickerService.id, world.clock.now.secondsSinceEpoch)
                let claims = """
                    {"iss":"\(id)","sub":"\(id)","aud":"\(World.issuer)","jti":"j","exp":\(now + 60),"iat":\(now),
                     "nbf":\(now)}
                    """
                for variant in [claims] + HostileNumbers.variants(of: claims) {
                    let unique = variant.replacing("\"j\"", with: "\"\(UUID().uuidString)\"")
                    let input = Base64URL.encode(#"{"alg":"ES256"}"#.utf8) + "." + Base64URL.encode(unique.utf8)
                    let signature = try world.pickerService.key.signature(for: Array(input.utf8))
                    let token = input + "." + Base64URL.encode(signature.rawRepresentation)
                    let fields = [
                        ("grant_type", "client_credentials"), ("resource", "urn:toegang:authentication"),
                        ("client_assertion_type", ClientAssertionSigner.assertionType), ("client_assertion", token),
                    ]
                    let status = try await world.post("/token", fields, client).status
                    #expect(status == .ok || status == .unauthorized, "\(variant): \(status)")
                    #expect(variant != claims || status == .ok)
                }
            }
        }
    }

    private static func assertion(_ world: World, life: Int64, audience: String) throws -> [(String, String)] {
        struct Claims: Encodable {
            let iss: String
            let sub: String
            let aud: String
            let exp: Int64
            let jti: String
        }
        let id = world.pickerService.id
        let claims = Claims(
            iss: id, sub: id, aud: audience, exp: world.clock.now.secondsSinceEpoch + life, jti: UUID().uuidString)
        let token = try CompactJWS.sign(claims, type: nil, keyID: nil, with: world.pickerService.key)
        return [("client_assertion_type", ClientAssertionSigner.assertionType), ("client_assertion", token)]
    }

    @Test("scopes of persons are not given to a client, and those of a client not to others")
    func scopesOfClients() async throws {
        try await World.with { world in
            try await world.test { client in
                let registry = ("resource", world.base.verifier.audiences[.mandateRegistry])
                let own = try await world.call(
                    "/token", [("grant_type", "client_credentials"), registry], as: world.portal, client)
                let token = try own.json(Tokens.self).accessToken
                #expect(
                    try await world.base.verifier.verify(token, audience: .mandateRegistry).scopes
                        == ["dossier-context"])
                for scope in ["openid", "interactions", "dossier"] {
                    let refused = try await world.call(
                        "/token", [("grant_type", "client_credentials"), registry, ("scope", scope)], as: world.portal,
                        client)
                    #expect(try refused.json(OAuthFailure.self).error == "invalid_scope")
                }
                let none = try await world.call(
                    "/token", [("grant_type", "client_credentials")], as: world.otherPortal, client)
                #expect(try none.json(OAuthFailure.self).error == "unauthorized_client")
                let grant = try await world.call("/token", [("grant_type", "password")], as: world.portal, client)
                #expect(try grant.json(OAuthFailure.self).error == "unsupported_grant_type")
            }
        }
    }

    @Test("a body that is too large, of another type, or with a field twice is an error of OAuth")
    func malformedBodies() async throws {
        try await World.with { world in
            try await world.test { client in
                let large = try await world.post("/token", [("x", String(repeating: "x", count: 16 * 1024))], client)
                #expect(try large.json(OAuthFailure.self).error == "invalid_request")
                let twice = try await world.post("/token", [("a", "1"), ("a", "2")], client)
                #expect(try twice.json(OAuthFailure.self).error == "invalid_request")
                let json = try await client.execute(
                    uri: "/token", method: .post, headers: [.contentType: "application/json"])
                #expect(try json.json(OAuthFailure.self).error == "invalid_request")
            }
        }
    }
}
