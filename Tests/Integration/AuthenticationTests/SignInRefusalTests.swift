import Authentication
import AuthenticationDomain
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Postgres
import TestStore
import Testing
import Vocabulary

@Suite("Sign-ins that are refused")
struct SignInRefusalTests {
    /// A page without what differs between any two of its copies.
    private func comparable(_ text: String, userName: String) -> String {
        text.replacing(userName, with: "USER")
            .replacing(#/name="(csrf|transaction)" value="[^"]*"/#, with: "")
            .replacing(#/transaction=[0-9a-f-]+/#, with: "")
    }

    @Test("an unknown user, a wrong password and a wrong code get one and the same page")
    func equalAnswers() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                var pages: [String] = []
                let code = account.code(at: world.clock.now)
                let wrongCode = code == "000000" ? "000001" : "000000"
                for (user, password, code) in [
                    ("nobody", World.password, code), (account.userName, "another password", code),
                    (account.userName, World.password, wrongCode), ("not a/name", World.password, code),
                    (account.userName, "", code), (account.userName, World.password, ""),
                ] {
                    let page = try await world.appCodePage(&browser)
                    let refused = try await world.attempt(user, password, code, page, &browser)
                    #expect(refused.status == .unprocessableContent)
                    pages.append(comparable(refused.text, userName: user))
                }
                #expect(pages.allSatisfy { $0 == pages[0] })
                #expect(pages[0].contains("horen niet bij elkaar"))
            }
            #expect(
                try await world.count(
                    "SELECT count(*) FROM audit_record WHERE reasons = '{credentials.do-not-fit}'") == 6)
            #expect(try await world.count("SELECT count(*) FROM person_session") == 0)
        }
    }

    @Test("an unknown user name costs as much work as a known one")
    func equalWork() async throws {
        let cost = try #require(PasswordCost(rounds: 1 << 10, blockSize: 8, parallelism: 1))
        let hasher = PasswordHasher(cost: cost)
        let password = try #require(Password(new: World.password))
        let stored = try await hasher.hash(password)
        let clock = ContinuousClock()
        var known = Duration.zero
        var unknown = Duration.zero
        for _ in 0..<10 {
            known += try await clock.measure { _ = try await hasher.fits(password, stored) }
            unknown += try await clock.measure { _ = try await hasher.fits(password, nil) }
        }
        // A bound on a ratio of equal work, wide enough for a busy machine; skipping the work gives a hundredth.
        #expect(unknown > known / 4)
    }

    @Test("the code of a step works once, also for two that type it at once")
    func usedCode() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                let code = account.code(at: world.clock.now)
                let statuses = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                    for _ in 0..<3 {
                        group.addTask {
                            var browser = Browser(client)
                            let page = try await world.appCodePage(&browser)
                            return try await world.attempt(account.userName, World.password, code, page, &browser)
                                .status
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses.count { $0 == .seeOther } == 1)
                var browser = Browser(client)
                let page = try await world.appCodePage(&browser)
                let again = try await world.attempt(account.userName, World.password, code, page, &browser)
                #expect(again.status == .unprocessableContent)
                world.clock.advance(.seconds(30))
                let next = account.code(at: world.clock.now)
                let fresh = try await world.appCodePage(&browser)
                #expect(
                    try await world.attempt(account.userName, World.password, next, fresh, &browser).status == .seeOther
                )
            }
        }
    }

    @Test("after five failures the right credentials wait as well, and then work")
    func accountDelay() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let page = try await world.appCodePage(&browser)
                for _ in 0..<5 {
                    let code = account.code(at: world.clock.now)
                    _ = try await world.attempt(account.userName, "wrong password", code, page, &browser)
                }
                let waiting = try await world.attempt(
                    account.userName, World.password, account.code(at: world.clock.now), page, &browser)
                #expect(waiting.status == .unprocessableContent)
                world.clock.advance(.seconds(30))
                let allowed = try await world.attempt(
                    account.userName, World.password, account.code(at: world.clock.now), page, &browser)
                #expect(allowed.status == .seeOther)
            }
            #expect(try await world.count("SELECT count(*) FROM sign_in_failure WHERE kind = 'account'") == 0)
        }
    }

    @Test("many guesses at once are five guesses")
    func guessesAtOnce() async throws {
        try await World.with(poolSize: 10) { world in
            let subject = world.essentials.keyedHashes.subject(of: try #require(UserName("somebody")))
            let verdicts = try await withThrowingTaskGroup(of: ThrottleVerdict.self) { group in
                for _ in 0..<24 {
                    group.addTask {
                        try await world.database.database.transaction { session in
                            try world.essentials.stores.failures.reserve(
                                subject, under: .account, at: world.clock.now, in: session)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(verdicts.count { $0 == .allowed } == 5)
        }
    }

    @Test("an address that fails for many user names has to wait, another one does not")
    func sourceDelay() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let page = try await world.appCodePage(&browser)
                let id = try #require(page.field("transaction").flatMap { TransactionID($0) })
                let cookie = try #require(browser.cookies["toegang_authn_tx"])
                let found = try #require(try await FindTransaction(world.essentials)(id, browserCookie: cookie))
                func attempt(_ userName: String, source: String) async throws -> SignInWithAppCode.Outcome {
                    try await SignInWithAppCode(world.essentials)(
                        .init(
                            userName: userName, password: World.password, code: account.code(at: world.clock.now)),
                        transaction: found.transaction, browserCookie: cookie, sessionCookie: nil,
                        facts: world.facts(source: source))
                }
                for number in 0..<5 { _ = try await attempt("user-\(number)", source: "192.0.2.1") }
                guard case .refused = try await attempt(account.userName, source: "192.0.2.1") else {
                    Issue.record("the address should have to wait")
                    return
                }
                guard case .signedIn = try await attempt(account.userName, source: "192.0.2.2") else {
                    Issue.record("another address should not have to wait")
                    return
                }
            }
        }
    }

    @Test("a form without the token of its browser is refused, and nobody is signed in")
    func forgedForms() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let page = try await world.appCodePage(&browser)
                let forged = try await browser.post(
                    "/sign-in/app-code",
                    [
                        ("csrf", "AAAA"), ("transaction", page.field("transaction") ?? ""),
                        ("username", account.userName), ("password", World.password),
                        ("code", account.code(at: world.clock.now)),
                    ])
                #expect(forged.status == .forbidden)
                let large = try await browser.post(
                    "/sign-in/app-code",
                    [("csrf", page.field("csrf") ?? ""), ("x", String(repeating: "x", count: 5000))])
                #expect(large.status == .contentTooLarge)
            }
            #expect(try await world.count("SELECT count(*) FROM person_session") == 0)
        }
    }

    @Test("signing in gives the browser new cookies, and the old ones open nothing")
    func newCookies() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let page = try await world.appCodePage(&browser)
                var planted = browser
                let code = account.code(at: world.clock.now)
                let done = try await world.attempt(account.userName, World.password, code, page, &browser)
                #expect(browser.cookies["toegang_authn_tx"] != planted.cookies["toegang_authn_tx"])
                let interaction = try #require(done.parameter("interaction").flatMap { InteractionID($0) })
                let resume = try await world.choose(interaction, client)
                #expect(try await planted.get(resume).status == .forbidden)
                #expect(try await browser.get(resume).status == .seeOther)
            }
        }
    }
}
