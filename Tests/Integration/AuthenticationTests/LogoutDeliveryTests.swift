import Async
import Authentication
import AuthenticationDomain
import FoundationEssentials
import Hummingbird
import HummingbirdTesting
import NIOCore
import Pages
import Postgres
import Process
import TestStore
import Testing
import Vocabulary
import Web

@Suite("Logout tokens")
struct LogoutDeliveryTests {
    /// A portal that listens for logout tokens, over real HTTP.
    private final class Receiver: Sendable {
        private let state = Guarded<(tokens: [String], refusals: Int)>(([], 0))

        init(refusing refusals: Int) {
            state.withLock { $0.refusals = refusals }
        }

        var tokens: [String] { state.withLock { $0.tokens } }

        var router: Router<AppContext> {
            let router = Router(context: AppContext.self)
            router.post("/logout") { request, _ in
                let form = try await FormData.read(request)
                let refuses = self.state.withLock { state in
                    guard state.refusals > 0 else {
                        state.tokens.append(form["logout_token"] ?? "")
                        return false
                    }
                    state.refusals -= 1
                    return true
                }
                return Response(status: refuses ? .serviceUnavailable : .ok)
            }
            return router
        }
    }

    private func withReceiver(
        refusing refusals: Int, _ body: @Sendable @escaping (Receiver, World) async throws -> Void
    ) async throws {
        let receiver = Receiver(refusing: refusals)
        try await Application(router: receiver.router, configuration: .init(address: .hostname("127.0.0.1", port: 0)))
            .test(.live) { client in
                try await World.with(backChannel: "http://127.0.0.1:\(client.port ?? 0)/logout") { world in
                    try await body(receiver, world)
                }
            }
    }

    @Test("a portal is given a logout token of its own, signed and typed as such")
    func delivered() async throws {
        try await withReceiver(refusing: 0) { receiver, world in
            let account = try await world.account()
            let delivery = world.parts.deliverLogouts(
                post: BackChannelPost(world.base.httpClient), logger: world.base.logger)
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser)
                let cookie = browser.cookies["toegang_authn_session"]
                try await world.parts.signOut(sessionCookie: cookie, act: world.act())
                #expect(try await delivery() == 1)
                let token = try #require(receiver.tokens.first)
                let claims = try #require(
                    world.parts.signer.verified(token, type: "logout+jwt", as: LogoutTokenClaims.self))
                let idToken = try #require(tokens.idToken)
                let identity = try #require(
                    world.parts.signer.verified(idToken, type: "JWT", as: IDTokenClaims.self))
                #expect(claims.sid == identity.sid)
                #expect(claims.sub == identity.sub)
                #expect(claims.aud == "portal")
            }
            #expect(try await world.count("SELECT count(*) FROM logout_delivery") == 0)
        }
    }

    @Test("a portal that refuses is told again, with growing pauses")
    func triedAgain() async throws {
        try await withReceiver(refusing: 2) { receiver, world in
            let account = try await world.account()
            let delivery = world.parts.deliverLogouts(
                post: BackChannelPost(world.base.httpClient), logger: world.base.logger)
            try await world.test { client in
                var browser = Browser(client)
                _ = try await world.tokens(account, &browser)
                let cookie = browser.cookies["toegang_authn_session"]
                try await world.parts.signOut(sessionCookie: cookie, act: world.act())
                #expect(try await delivery() == 1)
                #expect(try await delivery() == 0)
                world.clock.advance(.seconds(1))
                #expect(try await delivery() == 1)
                world.clock.advance(.seconds(1))
                #expect(try await delivery() == 0)
                world.clock.advance(.seconds(1))
                #expect(try await delivery() == 1)
                #expect(receiver.tokens.count == 1)
            }
        }
    }

    @Test("a delivery that its taker never finished is taken again; one that never succeeds is given up after a day")
    func abandoned() async throws {
        try await World.with(backChannel: "http://127.0.0.1:1/logout") { world in
            let account = try await world.account()
            let logouts = LogoutDeliveryStore()
            try await world.test { client in
                var browser = Browser(client)
                _ = try await world.tokens(account, &browser)
                let cookie = browser.cookies["toegang_authn_session"]
                try await world.parts.signOut(sessionCookie: cookie, act: world.act())
            }
            let now = world.clock.now
            let taken = try await world.database.database.transaction { session in
                try logouts.take(at: now, again: now.adding(.seconds(30)), limit: 16, in: session)
            }
            #expect(taken.count == 1)
            let delivery = world.parts.deliverLogouts(
                post: BackChannelPost(world.base.httpClient), logger: world.base.logger)
            #expect(try await delivery() == 0)
            world.clock.advance(.seconds(30))
            #expect(try await delivery() == 1)
            #expect(try await world.count("SELECT count(*) FROM logout_delivery") == 1)
            world.clock.advance(.seconds(86400))
            #expect(try await delivery() == 1)
            #expect(try await world.count("SELECT count(*) FROM logout_delivery") == 0)
        }
    }
}
