import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Portal
import PortalDomain
import Postgres
import Process
import Sealing
import Synchronization
import Testing
import Vocabulary
import Web

@Suite("Back-channel logout") struct BackChannelLogoutTests {
    private func send(_ token: String?, to world: PortalWorld) async throws -> HTTPResponse.Status {
        let body = encode(token.map { ["logout_token": $0] } ?? [:])
        return try await world.client.execute(
            uri: "/back-channel-logout", method: .post,
            headers: [.contentType: "application/x-www-form-urlencoded"], body: ByteBuffer(string: body)
        ).status
    }

    private func claims(_ world: PortalWorld) -> LogoutTokenOfProvider {
        let now = world.clock.now.secondsSinceEpoch
        return LogoutTokenOfProvider(iss: world.base.issuer, iat: now, exp: now + 120)
    }

    private func session(_ world: PortalWorld) async throws -> String {
        try await world.database.read { session in
            try session.first("SELECT provider_session FROM session")?.column(0, as: String.self) ?? ""
        }
    }

    @Test("a logout token ends its session, once, and is recorded")
    func ends() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            var claims = claims(world)
            claims.sid = try await session(world)
            let token = try world.provider.sign(claims, type: "logout+jwt")
            #expect(try await send(token, to: world) == .ok)
            let page = try await browser.get("/welcome")
            #expect(page.status == .unauthorized)
            #expect(page.contains("overal beëindigd"))
            #expect(try await send(token, to: world) == .badRequest)
            #expect(try await world.audit() == ["portal.sign-in allowed", "portal.sign-out-by-provider allowed"])
        }
    }

    @Test("a logout token for a person ends all her sessions and nobody else's")
    func person() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let person = ForeignPerson()
            let browsers = [try await world.signedIn(person), try await world.signedIn(person)]
            let other = try await world.signedIn()
            var claims = claims(world)
            claims.sub = person.subject
            #expect(try await send(try world.provider.sign(claims, type: "logout+jwt"), to: world) == .ok)
            for browser in browsers { #expect(try await browser.get("/welcome").status == .unauthorized) }
            #expect(try await other.get("/welcome").status == .ok)
        }
    }

    @Test("a logout token that does not hold ends nothing")
    func refused() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            _ = try await world.signedIn()
            let sid = try await session(world)
            var good = claims(world)
            good.sid = sid
            var wrong: [LogoutTokenOfProvider] = []
            for change in [
                { (claims: inout LogoutTokenOfProvider) in claims.iss = "https://another.test" },
                { $0.aud = "another-portal" }, { $0.iat -= 900 }, { $0.iat += 900 }, { $0.events = [:] },
                { $0.nonce = "n" }, { $0.jti = "" }, { $0.sid = nil },
            ] {
                var claims = good
                claims.jti = UUID().uuidString
                change(&claims)
                wrong.append(claims)
            }
            for claims in wrong {
                #expect(try await send(try world.provider.sign(claims, type: "logout+jwt"), to: world) == .badRequest)
            }
            #expect(try await send(try world.provider.sign(good, type: "JWT"), to: world) == .badRequest)
            #expect(try await send("no.token.atall", to: world) == .badRequest)
            #expect(try await send(nil, to: world) == .badRequest)
            #expect(try await world.count("SELECT count(*) FROM session WHERE ended_at IS NULL") == 1)
        }
    }
}
