import Async
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Portal
import PortalDomain
import Postgres
import Process
import Testing
import Vocabulary

@Suite("Signing in") struct SignInTests {
    @Test("a person signs in, sees her name, and it is recorded once")
    func signsIn() async throws {
        try await withPortal { world in
            let dossier = world.services.add(ForeignDossier())
            let browser = world.browser()
            let page = try await world.signIn(browser)
            #expect(page.status == .ok)
            #expect(page.path.hasSuffix("/grantors"))
            #expect(page.contains("Chloé Dubois"))
            #expect(page.contains(dossier.lastName))
            #expect(try await world.audit() == ["portal.sign-in allowed"])
            #expect(try await world.count("SELECT count(*) FROM answer_under_way") == 0)
        }
    }

    @Test("the browser goes to the provider with PKCE, state, nonce and the reader's language")
    func authorizationRequest() async throws {
        try await withPortal { world in
            let page = try await world.browser().get("/sign-in", language: "en")
            let query = try parameters(String(try #require(page.location).split(separator: "?")[1]))
            #expect(query["response_type"] == "code")
            #expect(query["client_id"] == "portal")
            #expect(query["redirect_uri"] == "\(world.base.baseURL)/sign-in/callback")
            #expect(query["code_challenge_method"] == "S256")
            #expect(query["code_challenge"]?.utf8.count == 43)
            #expect(query["acr_values"] == "urn:be:fedict:iam:fas:Level350")
            #expect(query["ui_locales"] == "en")
            #expect(
                Set((query["scope"] ?? "").split(separator: " ").map(String.init)).isSuperset(of: [
                    "openid", "dossier", "mandates",
                ]))
            #expect((query["state"] ?? "").utf8.count == 43)
            #expect(query["nonce"] != query["state"])
        }
    }

    @Test(
        "an answer with something wrong opens no session and says what to do",
        arguments: ForeignProvider.Fault.allCases.filter { $0 != .otherProfile }
    )
    func refusals(_ fault: ForeignProvider.Fault) async throws {
        try await withPortal { world in
            world.provider.state.withLock { $0.faults = [fault] }
            let browser = world.browser()
            let page = try await world.signIn(browser)
            let away = fault == .tokenEndpointAway
            #expect(page.status == (away ? .serviceUnavailable : fault == .brokenOff ? .ok : .badRequest))
            #expect(browser.cookie("toegang_portal") == nil)
            #expect(page.contains("/sign-in"))
            #expect(try await world.count("SELECT count(*) FROM session") == 0)
            // Recorded is what came from somebody who signed in; what anybody can send is only counted.
            let anonymous: [ForeignProvider.Fault] = [
                .otherIssuerInCallback, .noIssuerInCallback, .tokenEndpointRefuses, .tokenEndpointAway, .brokenOff,
            ]
            #expect(try await world.audit() == (anonymous.contains(fault) ? [] : ["portal.sign-in refused"]))
            #expect(!page.contains("[sign-in"))
        }
    }

    @Test("a link that somebody else started signs nobody in")
    func otherBrowser() async throws {
        try await withPortal { world in
            let started = try await world.browser().get("/sign-in")
            let answer = try world.callback(try world.provider.authorize(try #require(started.location)))
            let other = world.browser()
            _ = try await other.get("/sign-in")
            let page = try await other.get(answer)
            #expect(page.status == .badRequest)
            #expect(other.cookie("toegang_portal") == nil)
        }
    }

    @Test("an answer counts once: again moments later it reads the same, by another browser or later nothing")
    func usedAnswer() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = world.browser()
            let started = try await browser.get("/sign-in")
            let answer = try world.callback(try world.provider.authorize(try #require(started.location)))
            #expect(try await browser.get(answer).status == .ok)
            let cookie = browser.cookie("toegang_portal")
            #expect(try await browser.get(answer).status == .ok)
            #expect(browser.cookie("toegang_portal") == cookie)
            #expect(try await world.browser().get(answer).status == .badRequest)
            world.clock.advance(by: .seconds(11))
            #expect(try await browser.get(answer).status == .badRequest)
            #expect(try await world.count("SELECT count(*) FROM session WHERE ended_at IS NULL") == 1)
        }
    }

    @Test("a double click on the way back opens one session, whichever answer the browser shows")
    func doubleClick() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = world.browser()
            let started = try await browser.get("/sign-in")
            let answer = try world.callback(try world.provider.authorize(try #require(started.location)))
            async let first = browser.get(answer)
            async let second = browser.get(answer)
            #expect(try await [first.status, second.status] == [.ok, .ok])
            #expect(try await world.count("SELECT count(*) FROM session") == 1)
            // A provider takes a code that comes twice for theft.
            #expect(world.provider.state.withLock { $0.exchanges } == 1)
        }
    }

    @Test("a planted cookie is not taken over")
    func plantedCookie() async throws {
        try await withPortal { world in
            let browser = world.browser()
            browser.setCookie("toegang_portal_sign_in", "planted")
            let page = try await browser.get("/sign-in")
            let given = page.headers[values: .setCookie].filter { $0.hasPrefix("toegang_portal_sign_in_") }
            #expect(given.count == 1 && !given[0].contains("planted"))
        }
    }

    @Test("two sign-ins that the same browser started both come back")
    func twoTabs() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = world.browser()
            let first = try await browser.get("/sign-in")
            let second = try await browser.get("/sign-in")
            for started in [first, second] {
                let answer = try world.callback(try world.provider.authorize(try #require(started.location)))
                #expect(try await browser.get(answer).status == .ok)
            }
            #expect(try await world.count("SELECT count(*) FROM session WHERE ended_at IS NULL") == 1)
        }
    }

    @Test("eight tabs of one browser come back in any order, each to the page that it wanted")
    func severalTabs() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = world.browser()
            var answers: [(wanted: String, callback: String)] = []
            for index in 0..<8 {
                let wanted = index % 2 == 0 ? "/mandates" : "/organisations"
                let started = try await browser.get("/sign-in?return=\(wanted)")
                answers.append(
                    (wanted, try world.callback(try world.provider.authorize(try #require(started.location)))))
            }
            for answer in answers.reversed() {
                let page = try await browser.get(answer.callback)
                #expect(page.status == .ok && page.path == answer.wanted)
            }
            #expect(try await world.count("SELECT count(*) FROM session WHERE ended_at IS NULL") == 1)
        }
    }

    @Test("a sign-in that takes longer than a quarter of an hour is over")
    func expiredAttempt() async throws {
        try await withPortal { world in
            let browser = world.browser()
            let started = try await browser.get("/sign-in")
            let answer = try world.callback(try world.provider.authorize(try #require(started.location)))
            world.clock.advance(by: .seconds(16 * 60))
            #expect(try await browser.get(answer).status == .badRequest)
        }
    }

    @Test("a page that was asked for is shown after the sign-in, and only one of ours")
    func returnPath() async throws {
        try await withPortal { world in
            let away = try await world.browser().get("/mandates")
            #expect(away.path == "/sign-in?return=/mandates")
            #expect(try await world.signIn(world.browser(), returning: "/mandates").path == "/mandates")
            let elsewhere = try await world.signIn(world.browser(), returning: "//evil.test")
            #expect(elsewhere.path.hasSuffix("/grantors"))
        }
    }

    @Test("nothing secret of a begun sign-in is readable in the cookie, which is of bounded size")
    func carried() async throws {
        try await withPortal { world in
            let browser = world.browser()
            // The longest page that is remembered.
            let handle = String(repeating: "h", count: 200 - "/t//contact/saved".utf8.count)
            let page = try await browser.get("/sign-in?return=/t/\(handle)/contact/saved")
            let query = try parameters(String(try #require(page.location).split(separator: "?")[1]))
            let given = try #require(
                page.headers[values: .setCookie].first { $0.hasPrefix("toegang_portal_sign_in_") })
            #expect(given.contains("HttpOnly") && given.contains("Max-Age=900"))
            let value = try #require(given.split(separator: ";")[0].split(separator: "=", maxSplits: 1).last)
            #expect(value.utf8.count <= 512)
            for secret in [query["nonce"] ?? "", handle] { #expect(!value.contains(secret)) }
            let answer = try world.callback(try world.provider.authorize(page.location ?? ""))
            #expect(try await browser.get(answer).status == .ok)
        }
    }

    @Test("nothing secret is readable in the database")
    func atRest() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            let cookie = try #require(browser.cookie("toegang_portal"))
            let rows = try await world.database.read { session in
                try session.query("SELECT encode(cookie_hash, 'escape') || encode(tokens, 'escape') FROM session")
                    .map { try $0.column(0, as: String.self) }
            }
            let row = try #require(rows.first)
            #expect(!row.contains(cookie))
            #expect(!row.contains("eyJ"))
        }
    }

    @Test("the start page needs nobody, and a page without a session leads to the sign-in")
    func startPage() async throws {
        try await withPortal { world in
            let dutch = try await world.browser().get("/")
            #expect(dutch.status == .ok)
            #expect(dutch.contains("Aanmelden"))
            #expect(dutch.contains("<html lang=\"nl\">"))
            let english = try await world.browser().get("/", language: "en-GB,en;q=0.9")
            #expect(english.contains("Sign in"))
            #expect(try await world.browser().post("/dossier/contact", ["csrf": "x"]).status == .unauthorized)
        }
    }
}
