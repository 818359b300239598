import Async
import FoundationEssentials
import HTTPTypes
import Keys
import Portal
import PortalDomain
import Postgres
import Testing
import Vocabulary
import Web

@Suite("From where somebody signed in")
struct SourceTests {
    private func sources(_ world: PortalWorld) async throws -> [[UInt8]?] {
        try await world.database.read { session in
            try session.query("SELECT source FROM audit_record ORDER BY at, id").map { try $0.decode([UInt8]?.self) }
        }
    }

    private func network(_ address: String) throws -> [UInt8] {
        try #require(HMACKey([UInt8](repeating: 7, count: 32))).network(address)
    }

    @Test("sign-in, refusal and sign-out are recorded with the network, as a keyed hash, that a trusted proxy names")
    func behindProxy() async throws {
        try await withPortal(trustedProxies: ["127.0.0.1"]) { world in
            _ = world.services.add(ForeignDossier())
            let browser = world.browser(behind: "198.51.100.9, 203.0.113.7")
            let page = try await world.signIn(browser)
            #expect(page.status == .ok)
            _ = try await browser.submit(page, to: "/sign-out")
            world.provider.state.withLock { $0.faults = [.wrongNonce] }
            #expect(try await world.signIn(world.browser(behind: "2001:db8::1")).status == .badRequest)
            let here = try network("203.0.113.7")
            #expect(try await sources(world) == [here, here, try network("2001:db8::ffff")])
        }
    }

    @Test("what a browser writes itself is not believed")
    func notTrusted() async throws {
        try await withPortal(trustedProxies: []) { world in
            _ = world.services.add(ForeignDossier())
            _ = try await world.signIn(world.browser(behind: "203.0.113.7"))
            #expect(try await sources(world) == [try network("127.0.0.1")])
        }
    }
}
