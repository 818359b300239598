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

@Suite("Ends that every API is told")
struct ToldEndsTests {
    /// What was told, as `kind:id`, in the order of telling.
    private func told(_ world: World) async throws -> [String] {
        try await world.base.database.read { session in
            try session.query(
                """
                SELECT (envelope::json -> 'data' ->> 'kind') || ':' || key::text FROM outbox
                WHERE source = 'access' AND type = 'access.ended' ORDER BY appended_at
                """
            ).map { try $0.decode(String.self) }
        }
    }

    private func claims(_ token: String, _ world: World) async throws -> AccessTokenClaims {
        try await world.base.verifier.claims(of: token)
    }

    @Test("a refresh token that is revoked tells its family, an access token itself, each once")
    func revoked() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser)
                let claims = try await claims(tokens.accessToken, world)
                let subject = AccessEnded.Subject.token(claims.jti)
                for _ in 0..<2 {
                    _ = try await world.call("/revoke", [("token", tokens.accessToken)], as: world.portal, client)
                }
                #expect(try await told(world) == ["jti:\(subject.id)"])
                // Another client's is left alone.
                let refresh = try #require(tokens.refreshToken)
                _ = try await world.call("/revoke", [("token", refresh)], as: world.otherPortal, client)
                for _ in 0..<2 {
                    _ = try await world.call("/revoke", [("token", refresh)], as: world.portal, client)
                }
                #expect(try await told(world).dropFirst() == ["family:\(try #require(claims.family))"])
            }
        }
    }

    @Test("a code that comes twice tells the family that it led to, once")
    func reused() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let code = try await world.code(account, &browser)
                let tokens = try await world.exchange(code, client).json(AuthenticationTests.Tokens.self)
                for _ in 0..<2 { #expect(try await world.exchange(code, client).status == .badRequest) }
                let family = try #require(try await claims(tokens.accessToken, world).family)
                #expect(try await told(world) == ["family:\(family)"])
            }
        }
    }

    @Test("a session that somebody ends is told, one whose time is over is not: no token outlives it")
    func sessions() async throws {
        let policy = SignInPolicy(sessions: SessionPolicy(idle: .seconds(600), absolute: .seconds(1500)))
        try await World.with(policy: policy) { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser)
                let session = try #require(try await claims(tokens.accessToken, world).sid)
                let hint = FormEncoding.encode([("id_token_hint", try #require(tokens.idToken))])
                _ = try await browser.get("/end-session?" + hint)
                #expect(try await told(world) == ["sid:\(session)"])
                world.clock.advance(.seconds(60))
                _ = try await world.tokens(account, &browser)
                world.clock.advance(.seconds(1400))
                var other = Browser(client)
                _ = try await world.tokens(account, &other)
                world.clock.advance(.seconds(700))
                try await world.parts.keepHouse(logger: world.base.logger)()
                #expect(
                    try await world.count("SELECT count(*) FROM person_session WHERE end_reason = 'expired'") == 2)
                #expect(try await told(world).count == 1)
            }
        }
    }

    @Test("an account that is disabled tells each of its sessions")
    func disabled() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var expected: Set<String> = []
                for _ in 0..<3 {
                    world.clock.advance(.seconds(60))
                    var browser = Browser(client)
                    let tokens = try await world.tokens(account, &browser)
                    expected.insert("sid:\(try #require(try await claims(tokens.accessToken, world).sid))")
                }
                let administer = world.parts.administerAccount
                _ = try await administer.disable(
                    OperatorWish(subject: account.userName, commandedBy: "the test"))
                #expect(try await Set(told(world)) == expected)
                #expect(try await told(world).count == 3)
            }
        }
    }
}
