import Authentication
import AuthenticationContracts
import AuthenticationDomain
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Postgres
import Testing
import Vocabulary

@Suite("A double click is one click")
struct SecondClickTests {
    private func form(_ account: TestAccount, _ page: TestResponse, _ world: World) -> [(String, String)] {
        [
            ("csrf", page.field("csrf") ?? ""), ("transaction", page.field("transaction") ?? ""),
            ("username", account.userName), ("password", World.password), ("code", account.code(at: world.clock.now)),
        ]
    }

    @Test("the same form sent twice, one after the other, signs in once and answers twice", arguments: [true, false])
    func sequential(browserTookFirst: Bool) async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let page = try await world.appCodePage(&browser)
                let form = form(account, page, world)
                var before = browser
                let first = try await browser.post("/sign-in/app-code", form)
                #expect(first.status == .seeOther)
                // The second goes out with the old cookies, or with those of the first answer.
                if browserTookFirst { before = browser }
                let second = try await before.post("/sign-in/app-code", form)
                #expect(second.status == .seeOther)
                #expect(second.location.hasPrefix(World.picker))
                // Whichever answer the browser took in last, it holds the same cookies, and each way ends well.
                #expect(before.cookies["toegang_authn_session"] == browser.cookies["toegang_authn_session"])
                #expect(before.runSecret == browser.runSecret)
                let interaction = try #require(second.parameter("interaction").flatMap { InteractionID($0) })
                let back = try await before.get(try await world.choose(interaction, client))
                #expect(try await world.exchange(try #require(back.parameter("code")), client).status == .ok)
            }
            #expect(try await world.count("SELECT count(*) FROM person_session") == 1)
            #expect(
                try await world.count("SELECT count(*) FROM audit_record WHERE action = 'sign-in.attempt'") == 1)
        }
    }

    @Test("the same form sent twice at once signs in once and answers twice", arguments: 0..<3)
    func parallel(round: Int) async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let page = try await world.appCodePage(&browser)
                let form = form(account, page, world)
                let tabs = [browser, browser]
                let answers = try await withThrowingTaskGroup(of: (Browser, TestResponse).self) { group in
                    for tab in tabs {
                        group.addTask {
                            var tab = tab
                            let answer = try await tab.post("/sign-in/app-code", form)
                            return (tab, answer)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.map(\.1.status) == [.seeOther, .seeOther])
                #expect(answers[0].0.cookies == answers[1].0.cookies)
                #expect(answers[0].0.runSecret != browser.runSecret)
            }
            #expect(try await world.count("SELECT count(*) FROM person_session") == 1)
        }
    }

    @Test("after ten seconds, from another browser, or with another field it is no second click")
    func others() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let page = try await world.appCodePage(&browser)
                let form = form(account, page, world)
                let before = browser
                _ = try await browser.post("/sign-in/app-code", form)
                var stranger = Browser(client)
                #expect(try await stranger.post("/sign-in/app-code", form).status == .gone)
                var changed = browser
                let other = form.map { $0.0 == "password" ? ($0.0, "another password") : $0 }
                #expect(try await changed.post("/sign-in/app-code", other).status != .seeOther)
                world.clock.advance(.seconds(11))
                var late = before
                #expect(try await late.post("/sign-in/app-code", form).status == .gone)
                #expect(late.cookies["toegang_authn_session"] == nil)
            }
        }
    }

    @Test("the way back answers twice with one code, and the same choice is taken twice")
    func resumedTwice() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let interaction = try await world.signIn(account, &browser)
                let resume = try await world.choose(interaction, client)
                let first = try await browser.get(resume)
                let token = try await world.serviceToken(world.pickerService, client)
                let path = "/interactions/\(interaction)/choice"
                let citizen = InteractionChoice(profile: .citizen, bases: [])
                #expect(try await world.send(.put, path, citizen, token: token, client).status == .ok)
                let second = try await browser.get(resume)
                #expect(second.location == first.location)
                #expect(try await world.exchange(try #require(second.parameter("code")), client).status == .ok)
            }
            #expect(try await world.count("SELECT count(*) FROM authorization_code") == 1)
        }
    }

    @Test("the button that signs out everywhere can be pressed twice")
    func signedOutTwice() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                _ = try await world.tokens(account, &browser)
                let page = try await browser.get("/end-session?client_id=portal")
                let form = [("csrf", page.field("csrf") ?? ""), ("client_id", "portal")]
                var twice = browser
                for _ in 0..<2 {
                    let done = try await browser.post("/end-session", form)
                    #expect(done.status == .ok && done.text.contains("http://portal.test/start?iss="))
                }
                #expect(try await twice.post("/end-session", form).status == .ok)
            }
        }
    }
}

@Suite("Several tabs of one browser")
struct SeveralTabsTests {
    @Test("two sign-ins that go on side by side both end with a code")
    func sideBySide() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                // Both tabs show the form before either is sent.
                let first = try await world.appCodePage(&browser)
                let second = try await world.appCodePage(&browser)
                var interactions: [InteractionID] = []
                for page in [first, second] {
                    world.clock.advance(.seconds(30))
                    let done = try await world.attempt(
                        account.userName, World.password, account.code(at: world.clock.now), page, &browser)
                    #expect(done.status == .seeOther)
                    interactions.append(try #require(done.parameter("interaction").flatMap { InteractionID($0) }))
                }
                for interaction in interactions {
                    let back = try await browser.get(try await world.choose(interaction, client))
                    #expect(try await world.exchange(try #require(back.parameter("code")), client).status == .ok)
                }
            }
        }
    }

    @Test("a browser that begins again and again keeps the newest, within bounds")
    func bounded() async throws {
        try await World.with { world in
            try await world.test { client in
                var browser = Browser(client)
                for _ in 0..<12 {
                    world.clock.advance(.seconds(1))
                    _ = try await browser.get(world.authorizeAddress())
                }
                #expect(browser.cookies.keys.count { $0.hasPrefix("toegang_authn_tx_") } == 8)
                let page = try await world.appCodePage(&browser)
                #expect(page.status == .ok)
            }
        }
    }
}

@Suite("Whom the portal expects")
struct ExpectedPersonTests {
    @Test("a browser of somebody else signs in anew, without a page it is login_required")
    func otherSession() async throws {
        try await World.with { world in
            let (jan, chloe) = (try await world.account(), try await world.account())
            try await world.test { client in
                var his = Browser(client)
                let hint = try #require(try await world.tokens(jan, &his).idToken)
                var browser = Browser(client)
                _ = try await world.tokens(chloe, &browser)
                let silent = try await browser.get(world.authorizeAddress(["id_token_hint": hint, "prompt": "none"]))
                #expect(silent.parameter("error") == "login_required")
                let asked = try await browser.get(world.authorizeAddress(["id_token_hint": hint]))
                #expect(asked.location.hasPrefix(World.issuer + "/sign-in?"))
                let chooser = try await browser.get(asked.location)
                #expect(chooser.text.contains("Dit ben ik niet"))
                // Her own session with her own hint goes straight on.
                let own = try await his.get(world.authorizeAddress(["id_token_hint": hint]))
                #expect(own.location.hasPrefix(World.picker))
            }
        }
    }

    @Test("who signs in as somebody else than expected gets a page and no session, and can go back")
    func otherPerson() async throws {
        try await World.with { world in
            let (jan, chloe) = (try await world.account(), try await world.account())
            try await world.test { client in
                var his = Browser(client)
                let hint = try #require(try await world.tokens(jan, &his).idToken)
                var browser = Browser(client)
                let start = try await browser.get(world.authorizeAddress(["id_token_hint": hint]))
                let page = try await browser.get(start.location.replacing("/sign-in?", with: "/sign-in/app-code?"))
                let code = chloe.code(at: world.clock.now)
                let refused = try await world.attempt(chloe.userName, World.password, code, page, &browser)
                #expect(refused.status == .forbidden)
                #expect(refused.text.contains("U bent iemand anders dan verwacht"))
                #expect(browser.cookies["toegang_authn_session"] == nil)
                let transaction = try #require(page.field("transaction"))
                let back = try await browser.get("/sign-in/cancel?transaction=\(transaction)")
                #expect(back.parameter("error") == "access_denied")
                world.clock.advance(.seconds(30))
                let right = try await world.attempt(
                    jan.userName, World.password, jan.code(at: world.clock.now), page, &browser)
                #expect(right.location.hasPrefix(World.picker))
            }
            #expect(
                try await world.count(
                    "SELECT count(*) FROM audit_record WHERE reasons = '{person.other-expected}'") == 1)
        }
    }

    @Test("a hint that is garbage, or another client's, is refused")
    func wrongHints() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser)
                for hint in ["garbage", "a.b.c", tokens.accessToken] {
                    let refused = try await browser.get(world.authorizeAddress(["id_token_hint": hint]))
                    #expect(refused.parameter("error") == "invalid_request")
                    #expect(refused.parameter("state") == "a state")
                }
                let own = try #require(tokens.idToken)
                let foreign = try await browser.get(
                    world.authorizeAddress([
                        "client_id": "other-portal", "redirect_uri": "http://other.test/callback", "scope": "openid",
                        "resource": nil, "id_token_hint": own,
                    ]))
                #expect(foreign.parameter("error") == "invalid_request")
            }
        }
    }
}

@Suite("Every page leads back to the portal")
struct WayBackTests {
    @Test("chooser and form lead back with access_denied, state and iss, as often as one likes")
    func cancelled() async throws {
        try await World.with { world in
            try await world.test { client in
                var browser = Browser(client)
                let start = try await browser.get(world.authorizeAddress())
                let chooser = try await browser.get(start.location)
                let form = try await browser.get(start.location.replacing("/sign-in?", with: "/sign-in/app-code?"))
                let id = try #require(chooser.field("transaction"))
                for page in [chooser, form] { #expect(page.text.contains("/sign-in/cancel?transaction=\(id)")) }
                for _ in 0..<2 {
                    let back = try await browser.get("/sign-in/cancel?transaction=\(id)")
                    #expect(back.location.hasPrefix(World.callback))
                    #expect(back.parameter("error") == "access_denied")
                    #expect(back.parameter("state") == "a state" && back.parameter("iss") == World.issuer)
                }
                var stranger = Browser(client)
                #expect(try await stranger.get("/sign-in/cancel?transaction=\(id)").status == .gone)
            }
        }
    }

    @Test("from the picker the way back goes by the errand")
    func cancelledErrand() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let interaction = try await world.signIn(account, &browser)
                let back = try await browser.get("/sign-in/cancel?interaction=\(interaction)")
                #expect(back.parameter("error") == "access_denied")
            }
        }
    }

    @Test("what is over, or another browser's, has a link to where the portal starts")
    func messages() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let start = try await browser.get(world.authorizeAddress())
                var stranger = Browser(client)
                let link = "href=\"http://portal.test/start?iss="
                #expect(try await stranger.get(start.location).text.contains(link))
                let interaction = try await world.signIn(account, &browser)
                let resume = try await world.choose(interaction, client)
                let passedOn = try await stranger.get(resume)
                #expect(passedOn.status == .forbidden && passedOn.text.contains(link))
                world.clock.advance(.seconds(1801))
                let over = try await browser.get(start.location)
                #expect(over.status == .gone && over.text.contains(link))
            }
        }
    }
}
