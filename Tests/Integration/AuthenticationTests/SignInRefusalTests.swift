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
            .replacing(#/transaction=[0-9A-Za-z_.-]+/#, with: "")
    }

    @Test("an unknown user, a wrong password and a wrong code get one and the same page")
    func equalAnswers() async throws {
        let generous = BucketPolicy(capacity: 100, leak: .seconds(1))
        let policy = SignInPolicy(appCodeThrottle: ThrottlePolicy(unknownBrowser: generous))
        try await World.with(policy: policy) { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                var pages: [String] = []
                let code = account.code(at: world.clock.now)
                let wrongCode = code == "000000" ? "000001" : "000000"
                for (user, password, code) in [
                    ("nobody", World.password, code), (account.userName, "another password", code),
                    (account.userName, World.password, wrongCode), ("not a/name", World.password, code),
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
                    """
                    SELECT count(*) FROM audit_record WHERE action = 'sign-in.attempt' AND outcome = 'refused'
                      AND octet_length(user_name) = 32
                    """) == 4)
            // Which part was wrong is for the record alone.
            #expect(
                try await world.count("SELECT count(*) FROM audit_record WHERE reasons = '{credentials.code}'") == 1)
            #expect(try await world.count("SELECT count(*) FROM person_session") == 0)
        }
    }

    @Test("a form that cannot be judged says so at each field, in our words, and counts for nobody")
    func unjudged() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let cases: [(user: String, password: String, code: String, wrong: [String: String])] = [
                    (
                        "", "", "",
                        [
                            "username": "Vul uw gebruikersnaam in.", "password": "Vul uw wachtwoord in.",
                            "code": "Vul de code in die uw mobiele app nu toont.",
                        ]
                    ),
                    (account.userName, World.password, "12345", ["code": "Dit is geen code."]),
                    ("nobody", "whatever it is", "12a456", ["code": "Dit is geen code."]),
                    (account.userName, "", account.code(at: world.clock.now), ["password": "Vul uw wachtwoord in."]),
                ]
                for (user, password, code, wrong) in cases {
                    let page = try await world.appCodePage(&browser)
                    let answer = try await world.attempt(user, password, code, page, &browser)
                    #expect(answer.status == .unprocessableContent)
                    for field in ["username", "password", "code"] {
                        let isWrong = wrong[field] != nil
                        #expect(answer.text.contains("id=\"\(field)-error\"") == isWrong, "\(field)")
                        #expect(answer.text.contains("href=\"#\(field)\"") == isWrong, "\(field)")
                        if let text = wrong[field] { #expect(answer.text.contains(text)) }
                    }
                    #expect(answer.text.contains("aria-invalid=\"true\""))
                    #expect(password.isEmpty || !answer.text.contains(password))
                    #expect(user.isEmpty || answer.text.contains("value=\"\(user)\""))
                }
            }
            #expect(try await world.count("SELECT count(*) FROM throttle_bucket") == 0)
            #expect(try await world.count("SELECT count(*) FROM audit_record WHERE action = 'sign-in.attempt'") == 0)
        }
    }

    @Test("an unknown user name costs as much work as a known one")
    func equalWork() async throws {
        let cost = try #require(PasswordCost(rounds: 1 << 10, blockSize: 8, parallelism: 1))
        let hasher = PasswordHasher(cost: cost)
        let password = try #require(Password(new: World.password))
        let permit = try hasher.permit(for: .operation)
        let stored = try await permit.hash(password)
        let clock = ContinuousClock()
        var known = Duration.zero
        var unknown = Duration.zero
        for _ in 0..<10 {
            known += try await clock.measure { _ = try await permit.fits(password, stored) }
            unknown += try await clock.measure { _ = try await permit.fits(password, nil) }
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
                    [("csrf", page.field("csrf") ?? ""), ("x", String(repeating: "x", count: 15_000))])
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
                #expect(browser.runSecret != planted.runSecret)
                let interaction = try #require(done.parameter("interaction").flatMap { InteractionID($0) })
                let resume = try await world.choose(interaction, client)
                #expect(try await planted.get(resume).status == .forbidden)
                #expect(try await browser.get(resume).status == .seeOther)
            }
        }
    }
}
