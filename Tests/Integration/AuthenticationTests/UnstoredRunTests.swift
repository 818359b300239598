import Authentication
import AuthenticationDomain
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Keys
import Postgres
import TestStore
import Testing
import Vocabulary

@Suite("A run in which nobody signed in is stored nowhere")
struct UnstoredRunTests {
    /// The rows of all tables of the service together.
    private func rows(_ world: World) async throws -> Int64 {
        let tables = try await world.database.database.read { session in
            try session.query("SELECT tablename::text FROM pg_tables WHERE schemaname = 'authentication'")
                .map { try $0.decode(String.self) }
        }
        var sum: Int64 = 0
        for table in tables {
            sum += try await world.count("SELECT count(*) FROM \(identifier: table)")
        }
        return sum
    }

    @Test("a flood of strangers who begin runs, and look at their pages, adds no row to any table")
    func flood() async throws {
        try await World.with { world in
            try await world.test { client in
                let before = try await rows(world)
                for index in 0..<300 {
                    var browser = Browser(client)
                    let start = try await browser.get(world.authorizeAddress(["state": "state \(index)"]))
                    #expect(start.status == .seeOther)
                    guard index % 10 == 0 else { continue }
                    let chooser = try await browser.get(start.location)
                    #expect(chooser.status == .ok)
                    let form = try await browser.get(start.location.replacing("/sign-in?", with: "/sign-in/app-code?"))
                    // Nothing that could be judged was typed.
                    let empty = try await world.attempt("", "", "", form, &browser)
                    #expect(empty.status == .unprocessableContent)
                    let back = try await browser.get(
                        start.location.replacing("/sign-in?", with: "/sign-in/cancel?"))
                    #expect(back.parameter("error") == "access_denied")
                }
                #expect(try await rows(world) == before)
            }
        }
    }

    @Test("errands that there never were add no row either, whoever makes the picker ask for them")
    func inventedErrands() async throws {
        try await World.with { world in
            try await world.test { client in
                let token = try await world.serviceToken(world.pickerService, client)
                let before = try await rows(world)
                for _ in 0..<50 {
                    let path = "/interactions/\(UUID().uuidString.lowercased())/redeem"
                    #expect(try await world.send(.post, path, nil, token: token, client).status == .notFound)
                }
                #expect(try await rows(world) == before)
            }
        }
    }

    @Test("the row comes with the sign-in, and is one, however often the form is sent")
    func row() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let page = try await world.appCodePage(&browser)
                let wrong = try await world.attempt(account.userName, "wrong password", "123456", page, &browser)
                #expect(wrong.status == .unprocessableContent)
                #expect(try await world.count("SELECT count(*) FROM sign_in_transaction") == 0)
                let code = account.code(at: world.clock.now)
                for _ in 0..<2 {
                    let done = try await world.attempt(account.userName, World.password, code, wrong, &browser)
                    #expect(done.location.hasPrefix(World.picker))
                }
                #expect(try await world.count("SELECT count(*) FROM sign_in_transaction") == 1)
            }
        }
    }

    @Test("its address opens in the browser that began it alone, unchanged, and until its time is over")
    func browserAlone() async throws {
        try await World.with { world in
            try await world.test { client in
                var browser = Browser(client)
                let start = try await browser.get(world.authorizeAddress())
                let address = start.location
                var stranger = Browser(client)
                #expect(try await stranger.get(address).status == .gone)
                // Another run's cookie does not open it either.
                _ = try await stranger.get(world.authorizeAddress())
                #expect(try await stranger.get(address).status == .gone)
                let last = try #require(address.last)
                #expect(try await browser.get(String(address.dropLast()) + (last == "A" ? "Q" : "A")).status == .gone)
                var changed = Array(address)
                changed[changed.count / 2] = changed[changed.count / 2] == "A" ? "B" : "A"
                #expect(try await browser.get(String(changed)).status == .gone)
                let name = try #require(Address.parameter("transaction", of: address).flatMap { TransactionName($0) })
                #expect(try await browser.get("/sign-in?transaction=\(name.id)").status == .gone)
                let other = TransactionName(TransactionID(UUID()), sealed: name.sealed)
                #expect(try await browser.get("/sign-in?transaction=\(other)").status == .gone)
                for _ in 0..<2 { #expect(try await browser.get(address).status == .ok) }
                world.clock.advance(.seconds(1801))
                #expect(try await browser.get(address).status == .gone)
            }
        }
    }

    @Test("after the sign-in the address of before opens with the new cookie alone, and nothing once the code is out")
    func afterwards() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let page = try await world.appCodePage(&browser)
                let before = browser
                let code = account.code(at: world.clock.now)
                let done = try await world.attempt(account.userName, World.password, code, page, &browser)
                let address = "/sign-in?transaction=\(try #require(page.field("transaction")))"
                var planted = before
                #expect(try await planted.get(address).status == .gone)
                #expect(try await browser.get(address).status == .ok)
                let interaction = try #require(done.parameter("interaction").flatMap { InteractionID($0) })
                let resume = try await world.choose(interaction, client)
                #expect(try await browser.get(resume).parameter("code") != nil)
                #expect(try await browser.get(address).status == .gone)
                #expect(try await planted.get(address).status == .gone)
            }
        }
    }

    @Test("of two persons who sign in at once by two forms of one run, one is signed in and the other's code is kept")
    func twoForms() async throws {
        try await World.with { world in
            for _ in 0..<10 {
                let accounts = [try await world.account(), try await world.account()]
                try await world.test { client in
                    var browser = Browser(client)
                    let page = try await world.appCodePage(&browser)
                    let now = world.clock.now
                    let statuses = try await withThrowingTaskGroup(of: Bool.self) { group in
                        for account in accounts {
                            group.addTask { [browser] in
                                var browser = browser
                                let answer = try await world.attempt(
                                    account.userName, World.password, account.code(at: now), page, &browser)
                                return answer.status == .seeOther
                            }
                        }
                        return try await group.reduce(into: [Bool]()) { $0.append($1) }
                    }
                    #expect(statuses.filter { $0 }.count == 1)
                }
                for account in accounts {
                    let used = try await world.count(
                        "SELECT count(*) FROM account WHERE person_id = \(account.person) AND last_code_step IS NOT NULL"
                    )
                    let sessions = try await world.count(
                        "SELECT count(*) FROM person_session WHERE person_id = \(account.person)")
                    #expect(used == sessions)
                }
            }
        }
    }

    @Test("state and nonce as long as they may be, of the characters that grow most, come back as they were")
    func longest() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let state = String(repeating: "\"\\ %", count: 512)
                let interaction = try await world.signIn(account, &browser, ["state": state, "nonce": state])
                let resume = try await world.choose(interaction, client)
                #expect(try await browser.get(resume).parameter("state") == state)
            }
        }
    }

    @Test("a sealed run opens as it was, under its own key and id alone")
    func roundTrip() throws {
        let key = try #require(HMACKey([UInt8](repeating: 5, count: 32)))
        let other = try #require(HMACKey([UInt8](repeating: 6, count: 32)))
        let browser = [UInt8](repeating: 9, count: 32)
        for (state, language, age) in [(nil, nil, nil), ("a state", Language.fr, 0), ("x", .de, .max)]
            as [(String?, Language?, Int64?)]
        {
            let transaction = SignInTransaction(
                id: TransactionID(UUID()),
                request: AuthorizationRequest(
                    clientID: "portal", redirectURI: "https://portal.test/callback?a=b", scopes: ["openid", "dossier"],
                    resources: state == nil ? [] : ["urn:a", "urn:b"], state: state, nonce: state,
                    codeChallenge: World.challenge, minimumAcr: .level350, prompt: .login, maximumAge: age,
                    language: language, expectedSubject: state),
                language: .en, startedAt: Instant(microseconds: -1), expiresAt: Instant(microseconds: .max),
                sessionID: nil, completedAt: nil)
            let name = try TransactionSeal(key: key).name(of: transaction, browser: browser)
            let read = try #require(TransactionName(name.description))
            let opened = try #require(TransactionSeal(key: key).open(read))
            #expect(opened.transaction == transaction && opened.browser == browser)
            #expect(TransactionSeal(key: other).open(name) == nil)
            #expect(TransactionSeal(key: key).open(TransactionName(TransactionID(UUID()), sealed: name.sealed)) == nil)
        }
        for text in ["", ".", "x.y", "\(UUID()).", String(repeating: "a", count: TransactionName.maximumLength + 1)] {
            #expect(TransactionName(text).flatMap { TransactionSeal(key: key).open($0) } == nil)
        }
    }
}
