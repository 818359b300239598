import Async
import FoundationEssentials
import HTTPTypes
import Keys
import Portal
import PortalDomain
import Postgres
import Process
import TestTokens
import Testing
import Vocabulary

@Suite("A sign-in that was only begun is stored nowhere")
struct BegunSignInTests {
    /// The rows of all tables of the portal together.
    private func rows(_ world: PortalWorld) async throws -> Int64 {
        let tables = try await world.database.read { session in
            try session.query("SELECT tablename::text FROM pg_tables WHERE schemaname = 'portal'")
                .map { try $0.decode(String.self) }
        }
        var sum: Int64 = 0
        for table in tables { sum += try await world.count("SELECT count(*) FROM \(identifier: table)") }
        return sum
    }

    @Test("a flood of strangers who begin sign-ins, and answer them with what they invent, adds no row to any table")
    func flood() async throws {
        try await withPortal { world in
            let before = try await rows(world)
            for index in 0..<300 {
                let browser = world.browser()
                let started = try await browser.get("/sign-in?return=/mandates")
                #expect(started.status == .seeOther)
                guard index % 10 == 0 else { continue }
                let query = try parameters(String(try #require(started.location).split(separator: "?")[1]))
                let answers = [
                    ["code": "invented"], ["error": "access_denied"], [:],
                    ["code": "invented", "iss": "https://x.test"],
                ]
                for answer in answers {
                    let sent = ["state": query["state"] ?? "", "iss": world.provider.issuer.issuer]
                        .merging(answer) { _, given in given }
                    let page = try await browser.get("/sign-in/callback?\(encode(sent))")
                    #expect(page.status == (answer["error"] == nil ? .badRequest : .ok))
                }
            }
            #expect(try await rows(world) == before)
        }
    }

    @Test("an answer opens nothing with the cookie of another sign-in, changed, or under another name")
    func otherCookie() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = world.browser()
            let started = try await browser.get("/sign-in")
            let answer = try world.callback(try world.provider.authorize(try #require(started.location)))
            let (name, value) = try cookie(of: started)
            let other = world.browser()
            let (_, stranger) = try cookie(of: try await other.get("/sign-in"))
            let last = try #require(value.last)
            for planted in [stranger, String(value.dropLast()) + (last == "A" ? "Q" : "A"), "1.", ""] {
                other.setCookie(name, planted)
                #expect(try await other.get(answer).status == .badRequest)
            }
            #expect(world.provider.state.withLock { $0.exchanges } == 0)
            #expect(try await browser.get(answer).status == .ok)
        }
    }

    @Test("an answer that another request holds is waited for; one that a process left behind is cleared away")
    func leftBehind() async throws {
        try await withPortal { world in
            let hash = TokenHash.of("a cookie")
            let now = world.clock.now
            func claim() async throws -> AnswerStore.Claim {
                try await world.database.transaction { try AnswerStore.claim(cookieHash: hash, at: now, in: $0) }
            }
            guard case .granted = try await claim(), case .underWay = try await claim() else {
                Issue.record("an answer has one holder")
                return
            }
            let house = Housekeeping(
                database: world.database, now: world.base.now, lifetime: .standard, sealed: try sealedData(["1"]),
                logger: world.base.logger)
            #expect(try await house.once() == 0)
            world.clock.advance(by: .seconds(61))
            #expect(try await house.once() == 1)
            guard case .granted = try await claim() else {
                Issue.record("nobody holds it any more")
                return
            }
        }
    }

    @Test("when the provider was away, the very same answer opens a session once it is back")
    func providerWasAway() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = world.browser()
            let started = try await browser.get("/sign-in")
            let answer = try world.callback(try world.provider.authorize(try #require(started.location)))
            world.provider.state.withLock { $0.isAway = true }
            #expect(try await browser.get(answer).status == .serviceUnavailable)
            world.provider.state.withLock { $0.isAway = false }
            #expect(try await browser.get(answer).status == .ok)
        }
    }

    private func cookie(of page: Browser.Page) throws -> (name: String, value: String) {
        let given = try #require(page.headers[values: .setCookie].first { $0.hasPrefix("toegang_portal_sign_in_") })
        let pair = given.split(separator: ";")[0].split(separator: "=", maxSplits: 1)
        return (String(pair[0]), pair.count == 2 ? String(pair[1]) : "")
    }
}
