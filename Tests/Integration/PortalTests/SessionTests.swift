import Async
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
import Testing
import Vocabulary
import Web

@Suite("Sessions") struct SessionTests {
    @Test("after twenty idle minutes the session is over, and the page says so")
    func idle() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            world.clock.advance(by: .seconds(21 * 60))
            let page = try await browser.get("/welcome")
            #expect(page.status == .unauthorized)
            #expect(page.contains("niet actief"))
            #expect(
                try await world.count("SELECT count(*) FROM session WHERE end_reason = 'idle' AND tokens IS NULL") == 1)
        }
    }

    @Test("after an idle end the digital key has to be shown again, and an older sign-in of the provider is refused")
    func asksAgain() async throws {
        try await withPortal { world in
            let own = world.services.add(ForeignDossier())
            world.services.state.withLock { $0.own = own.id }
            let browser = try await world.signedIn()
            let before = world.clock.now
            #expect(try await browser.get("/sign-in").location?.contains("prompt=") == false)
            world.clock.advance(by: .seconds(21 * 60))
            let page = try await browser.get("/dossier/contact")
            #expect(page.status == .unauthorized)
            #expect(page.contains("href=\"/sign-in?return=/dossier/contact\""))
            // Also by the address itself, and however often it is asked for.
            for _ in 0..<2 {
                #expect(try await browser.get("/sign-in").location?.contains("prompt=login") == true)
            }
            world.provider.state.withLock { $0.authenticatedAt = before }
            #expect(try await world.signIn(browser).status == .badRequest)
            #expect(try await browser.get("/dossier").status == .unauthorized)
            world.provider.state.withLock { $0.authenticatedAt = nil }
            #expect(try await world.signIn(browser, returning: "/dossier/contact").path == "/dossier/contact")
            #expect(try await browser.get("/sign-in").location?.contains("prompt=") == false)
        }
    }

    @Test("the tabs of a session go on in the next one of the same person, and in nobody else's")
    func tabsGoOn() async throws {
        try await withPortal { world in
            let grantor = world.services.add(ForeignDossier())
            let person = ForeignPerson()
            let browser = try await world.signedIn(person)
            let tab = try #require(try await open(grantor, in: browser).tab)
            world.clock.advance(by: .seconds(21 * 60))
            #expect(try await browser.get("/t/\(tab)/contact").status == .unauthorized)
            let back = try await world.signIn(browser, returning: "/t/\(tab)/contact")
            #expect(back.status == .ok && back.path == "/t/\(tab)/contact")
            #expect(back.contains("U werkt in het dossier van An Peeters"))
            world.clock.advance(by: .seconds(21 * 60))
            world.provider.state.withLock { $0.person = ForeignPerson() }
            let other = try await world.signIn(browser, returning: "/t/\(tab)/contact")
            #expect(other.path.hasSuffix("/grantors"))
            #expect(try await browser.get("/t/\(tab)/contact").status == .notFound)
        }
    }

    @Test("a problem page stays inside the session: name, way out, language, way back, and a reference of eight")
    func problems() async throws {
        try await withPortal { world in
            let own = world.services.add(ForeignDossier())
            world.services.state.withLock { $0.own = own.id }
            let browser = try await world.signedIn()
            let form = try await browser.get("/dossier/contact")
            let missing = try await browser.get("/nowhere")
            let mismatch = try await browser.submit(form, to: "/dossier/contact", ["dossier": "x", "version": "1"])
            let gone = try await browser.get("/mandates/\(UUID().uuidString)/stop")
            #expect([missing.status, mismatch.status, gone.status] == [.notFound, .conflict, .notFound])
            for page in [missing, mismatch, gone] {
                #expect(page.contains("Chloé Dubois") && page.contains("action=\"/sign-out\""))
                #expect(page.contains("lang=fr"))
                let reference = page.body.firstMatch(of: /<code>([^<]*)<\/code>/).map { String($0.output.1) }
                #expect(reference?.count == 8)
                #expect(page.headers[.requestID]?.hasSuffix(reference ?? "-") == true)
            }
            #expect(!missing.contains("Er is niets gewijzigd"))
            #expect(mismatch.contains("Terug naar het formulier") && mismatch.contains("href=\"/dossier/contact\""))
            #expect(mismatch.contains("href=\"/dossier/contact?lang=fr\""))
            #expect(gone.contains("Naar mijn mandaten"))
        }
    }

    @Test("a busy session ends after twelve hours")
    func absolute() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            for _ in 0..<47 {
                world.clock.advance(by: .seconds(15 * 60))
                #expect(try await browser.get("/welcome").status == .ok)
            }
            world.clock.advance(by: .seconds(16 * 60))
            #expect(try await browser.get("/welcome").status == .unauthorized)
            #expect(try await world.count("SELECT count(*) FROM session WHERE end_reason = 'too-old'") == 1)
        }
    }

    @Test("signing out ends the session here and sends the browser to end it everywhere")
    func signOut() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            let cookie = try #require(browser.cookie("toegang_portal"))
            let page = try await browser.get("/welcome")
            let away = try await browser.submit(page, to: "/sign-out")
            let address = try #require(away.location)
            #expect(address.hasPrefix("\(world.base.issuer)/end-session?"))
            #expect(address.contains("id_token_hint="))
            #expect(browser.cookie("toegang_portal") == nil)
            browser.setCookie("toegang_portal", cookie)
            #expect(try await browser.get("/welcome").status == .unauthorized)
            #expect(try await world.audit() == ["portal.sign-in allowed", "portal.sign-out allowed"])
            #expect(try await browser.get("/signed-out").contains("U bent afgemeld"))
        }
    }

    @Test("a form without the session's token changes nothing", arguments: ["/sign-out", "/tabs", "/dossier/contact"])
    func foreignForm(_ path: String) async throws {
        try await withPortal { world in
            let dossier = world.services.add(ForeignDossier())
            world.services.state.withLock { $0.own = dossier.id }
            let browser = try await world.signedIn()
            for token in ["", "x", String(repeating: "A", count: 43)] {
                let page = try await browser.post(path, ["csrf": token, "dossier": dossier.id.description])
                #expect(page.status == .forbidden)
                #expect(page.contains("niet bij uw huidige aanmelding"))
            }
            #expect(try await world.count("SELECT count(*) FROM session WHERE ended_at IS NULL") == 1)
            #expect(try await world.count("SELECT count(*) FROM tab") == 0)
        }
    }

    @Test("an access token that ends is renewed once by each instance, however many requests ask")
    func singleFlight() async throws {
        try await withPortal { world in
            let dossier = world.services.add(ForeignDossier())
            world.services.state.withLock { $0.own = dossier.id }
            let browser = try await world.signedIn()
            try await withSecondInstance(of: world) { other in
                for round in 1...3 {
                    world.clock.advance(by: .seconds(300))
                    try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                        for index in 0..<16 {
                            let asking = index % 2 == 0 ? browser : browser.moved(to: other)
                            group.addTask { try await asking.get("/dossier").status }
                        }
                        for try await status in group { #expect(status == .ok) }
                    }
                    let refreshes = world.provider.state.withLock { $0.refreshes }
                    #expect(refreshes >= round && refreshes <= 2 * round)
                }
            }
        }
    }

    @Test("when the provider gives no more access the session ends, and the page says so")
    func refreshRefused() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            world.provider.state.withLock { $0.refusesRefresh = true }
            world.clock.advance(by: .seconds(300))
            let page = try await browser.get("/welcome")
            #expect(page.status == .unauthorized)
            #expect(page.contains("Waarop uw aanmelding steunde"))
            #expect(try await world.count("SELECT count(*) FROM session WHERE end_reason = 'refresh-refused'") == 1)
        }
    }

    @Test(
        "what is a matter between two machines ends no session: the page asks for patience, and goes on afterwards",
        arguments: [(401, "invalid_client"), (400, "invalid_target"), (429, "slow_down"), (500, "server_error")])
    func providerRefusesPortal(_ status: Int, _ error: String) async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            world.provider.state.withLock { $0.refreshError = (status, error) }
            world.clock.advance(by: .seconds(300))
            #expect(try await browser.get("/welcome").status == .serviceUnavailable)
            #expect(try await world.count("SELECT count(*) FROM session WHERE ended_at IS NULL") == 1)
            world.provider.state.withLock { $0.refreshError = nil }
            #expect(try await browser.get("/welcome").status == .ok)
        }
    }

    @Test("a token that is near its end is used while it lasts when no new one can be got")
    func lastSeconds() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            _ = try await browser.get("/welcome")
            world.provider.state.withLock { $0.isAway = true }
            world.clock.advance(by: .seconds(290))
            #expect(try await browser.get("/welcome").status == .ok)
        }
    }

    @Test("a clock that is 45 s off, either way, signs nobody out and keeps nobody out", arguments: [-45, 45])
    func wrongClock(_ seconds: Int) async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let before = try await world.signedIn()
            world.clock.advance(by: .seconds(seconds))
            world.provider.state.withLock { $0.clockIsAhead = -seconds }
            #expect(try await before.get("/welcome").status == .ok)
            world.clock.advance(by: .seconds(300))
            #expect(try await before.get("/welcome").status == .ok)
            #expect(try await world.signedIn().get("/welcome").status == .ok)
        }
    }

    @Test("a refresh that answers for somebody else opens nothing, and the session stays as it was")
    func otherPerson() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            world.provider.state.withLock { $0.faults = [.otherProfile] }
            world.clock.advance(by: .seconds(300))
            #expect(try await browser.get("/welcome").status == .serviceUnavailable)
            world.provider.state.withLock { $0.faults = [] }
            #expect(try await browser.get("/welcome").status == .ok)
        }
    }

    @Test("while the provider is away the session stays, and goes on afterwards")
    func providerAway() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            world.provider.state.withLock { $0.isAway = true }
            world.clock.advance(by: .seconds(300))
            #expect(try await browser.get("/welcome").status == .serviceUnavailable)
            world.provider.state.withLock { $0.isAway = false }
            #expect(try await browser.get("/welcome").status == .ok)
        }
    }

    @Test("what is over is cleared away, what goes on stays")
    func housekeeping() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            _ = try await world.signedIn()
            let housekeeping = Housekeeping(
                database: world.database, now: world.base.now, lifetime: .standard, sealed: try sealedData(["1"]),
                logger: world.base.logger)
            world.clock.advance(by: .seconds(16 * 60))
            #expect(try await housekeeping.once() == 0)
            world.clock.advance(by: .seconds(25 * 3600))
            #expect(try await housekeeping.once() == 1)
            #expect(try await world.count("SELECT count(*) FROM session") == 0)
            #expect(try await world.count("SELECT count(*) FROM tab") == 0)
        }
    }
}
