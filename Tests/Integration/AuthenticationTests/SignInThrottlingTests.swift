import Authentication
import AuthenticationDomain
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Logging
import Postgres
import Process
import TestBasics
import TestStore
import Testing
import Vocabulary
import Web

/// A run of a browser, for use cases that are called beside the routes.
private struct Run {
    let world: World
    let transaction: SignInTransaction
    let cookie: String

    /// Begins a run in a browser of its own.
    init(_ world: World) async throws {
        self.world = world
        let parameters = [
            ("response_type", "code"), ("client_id", "portal"), ("redirect_uri", World.callback),
            ("scope", "openid"), ("state", "a state"), ("nonce", "a nonce"), ("code_challenge", World.challenge),
            ("code_challenge_method", "S256"),
        ]
        let outcome = try await world.parts.beginSignIn(
            parameters.map { (name: $0.0, value: $0.1) }, sessionCookie: nil, language: .nl,
            act: world.act())
        guard case .chooser(let id, let cookie) = outcome else { throw TestKitError("no run was begun: \(outcome)") }
        self.cookie = cookie
        guard case .open(let found, _) = try await world.parts.findTransaction(id, browserCookie: cookie) else {
            throw TestKitError("the run is not open")
        }
        transaction = found
    }

    func attempt(
        _ userName: String, _ code: String, source: String? = "192.0.2.1", device: String? = nil
    ) async throws -> SignInWithAppCode.Outcome {
        try await attempt(userName, World.password, code, source: source, device: device)
    }

    func attempt(
        _ userName: String, _ password: String, _ code: String, source: String? = "192.0.2.1",
        device: String? = nil
    ) async throws -> SignInWithAppCode.Outcome {
        try await world.parts.signInWithAppCode(
            .init(
                // Each is a form of its own and no second click.
                userName: userName, password: password, code: code, digest: Array(UUID().uuidString.utf8)),
            transaction: transaction,
            from: .init(run: cookie, session: nil, device: device, address: source), act: world.act(source: source))
    }
}

extension SignInWithAppCode.Outcome {
    fileprivate var code: String {
        switch self {
        case .signedIn: "signed-in"
        case .refused(let refusal), .wait(let refusal, _): refusal.codes[0].rawValue
        case .otherPerson: "other-person"
        case .over: "over"
        }
    }

    fileprivate var device: String? {
        guard case .signedIn(let signedIn) = self else { return nil }
        return signedIn.deviceCookie
    }
}

@Suite("Throttled sign-ins")
struct SignInThrottlingTests {
    /// A code that the app does not show now, nor a step before or after.
    private func wrongCode(_ account: TestAccount, _ world: World, _ number: Int = 0) -> String {
        let near = (-1...1).map { account.code(at: world.clock.now.adding(.seconds(30 * $0))) }
        return (0...9).map { "00000\((number + $0) % 10)" }.first { !near.contains($0) } ?? "000000"
    }

    @Test("who has to wait reads until when, in the same words whether the account exists or not, and then gets in")
    func waits() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var pages: [String] = []
                for name in [account.userName, "nobody.at.all"] {
                    var browser = Browser(client)
                    let page = try await world.appCodePage(&browser)
                    for _ in 0..<5 {
                        let code = account.code(at: world.clock.now)
                        let refused = try await world.attempt(name, "wrong password", code, page, &browser)
                        #expect(refused.status == .unprocessableContent)
                    }
                    let code = account.code(at: world.clock.now)
                    let waiting = try await world.attempt(name, World.password, code, page, &browser)
                    #expect(waiting.status == .tooManyRequests)
                    #expect(waiting.headers[.retryAfter].flatMap { Int($0) } == 900)
                    let until = CivilTime.universal.clock(notBefore: world.clock.now.adding(.seconds(900)))
                    #expect(waiting.text.contains("om \(until)"))
                    #expect(!waiting.text.contains("horen niet bij elkaar"))
                    #expect(waiting.text.contains("value=\"\(name)\""))
                    pages.append(
                        waiting.text.replacing(name, with: "USER")
                            .replacing(#/name="(csrf|transaction)" value="[^"]*"/#, with: "")
                            .replacing(#/transaction=[0-9A-Za-z_.-]+/#, with: ""))
                }
                #expect(pages[0] == pages[1])
                world.clock.advance(.seconds(900))
                var browser = Browser(client)
                let page = try await world.appCodePage(&browser)
                let code = account.code(at: world.clock.now)
                #expect(
                    try await world.attempt(account.userName, World.password, code, page, &browser).status == .seeOther)
            }
            // Waiting wrote nothing that grows: five refusals each, and one success.
            #expect(
                try await world.count("SELECT count(*) FROM audit_record WHERE action = 'sign-in.attempt'") == 11)
            #expect(
                try await world.count("SELECT count(*) FROM audit_record WHERE octet_length(user_name) = 32") == 11)
        }
    }

    @Test("strangers cannot make a browser wait in which she signed in before")
    func knownBrowser() async throws {
        try await World.with { world in
            let account = try await world.account()
            let first = try await Run(world).attempt(account.userName, account.code(at: world.clock.now))
            let device = try #require(first.device)
            world.clock.advance(.seconds(30))
            let stranger = try await Run(world)
            for _ in 0..<8 { _ = try await stranger.attempt(account.userName, "wrong password", "000000") }
            #expect(
                try await stranger.attempt(account.userName, account.code(at: world.clock.now)).code == "sign-in.wait")
            let again = try await Run(world).attempt(
                account.userName, account.code(at: world.clock.now), device: device)
            #expect(again.code == "signed-in")
            // The browser keeps its cookie for all who use it; a cookie that is not ours is not taken over.
            #expect(again.device == device)
            world.clock.advance(.seconds(1800))
            let planted = String(repeating: "p", count: 43)
            let fresh = try await Run(world).attempt(
                account.userName, account.code(at: world.clock.now), device: planted)
            #expect(fresh.code == "signed-in")
            #expect(fresh.device != planted)
            // What is known to one account is unknown to another.
            let other = try await world.account()
            let late = try await Run(world)
            for _ in 0..<5 { _ = try await late.attempt(other.userName, "wrong password", "000000") }
            #expect(
                try await Run(world).attempt(other.userName, other.code(at: world.clock.now), device: device).code
                    == "sign-in.wait")
        }
    }

    @Test("a browser is known for 180 days after its last success")
    func browserMemory() async throws {
        try await World.with { world in
            let account = try await world.account()
            let device = try #require(
                try await Run(world).attempt(account.userName, account.code(at: world.clock.now)).device)
            world.clock.advance(.seconds(180 * 86_400 + 1))
            let stranger = try await Run(world)
            for _ in 0..<5 { _ = try await stranger.attempt(account.userName, "wrong password", "000000") }
            #expect(
                try await Run(world).attempt(account.userName, account.code(at: world.clock.now), device: device).code
                    == "sign-in.wait")
            try await world.parts.keepHouse(logger: world.base.logger)()
            #expect(try await world.count("SELECT count(*) FROM device") == 0)
        }
    }

    @Test("colleagues behind one address do not pay for each other's mistakes")
    func sharedAddress() async throws {
        try await World.with { world in
            let run = try await Run(world)
            for number in 0..<40 { _ = try await run.attempt("colleague-\(number)", "mistyped", "000000") }
            let account = try await world.account()
            #expect(
                try await Run(world).attempt(account.userName, account.code(at: world.clock.now)).code == "signed-in")
        }
    }

    @Test("who sprays names from one network makes that network wait, and no other")
    func spraying() async throws {
        try await World.with { world in
            let account = try await world.account()
            let run = try await Run(world)
            for number in 0..<61 {
                _ = try await run.attempt("name-\(number)", "Winter2026", "000000", source: "2001:db8:0:1::1")
            }
            let code = account.code(at: world.clock.now)
            #expect(try await run.attempt(account.userName, code, source: "2001:db8:0:1::2").code == "sign-in.wait")
            #expect(try await run.attempt(account.userName, code, source: "2001:db8:0:2::1").code == "signed-in")
        }
    }

    @Test("a service that is too busy counts against nobody, keeps what was typed and says when to come back")
    func busy() async throws {
        try await World.with { world in
            let account = try await world.account()
            // The places of the routes' own threads cannot be reached from here; those of the use cases can.
            let permits = try (0..<32).map { _ in try world.parts.hasher.permit(for: .operation) }
            let run = try await Run(world)
            for _ in 0..<10 {
                await #expect(throws: PasswordHasherBusy.self) {
                    _ = try await run.attempt(account.userName, account.code(at: world.clock.now))
                }
            }
            #expect(permits.count == 32)
            #expect(try await world.count("SELECT count(*) FROM throttle_bucket") == 0)
            #expect(try await world.count("SELECT count(*) FROM audit_record") == 0)
        }
    }

    @Test("after the places are free again everybody gets in at once")
    func afterwards() async throws {
        try await World.with { world in
            let account = try await world.account()
            do {
                let permit = try world.parts.hasher.permit(for: .operation)
                #expect(try await permit.fits(try #require(Password(attempt: "x")), nil) == false)
            }
            #expect(
                try await Run(world).attempt(account.userName, account.code(at: world.clock.now)).code == "signed-in")
            // A success gave everything back.
            #expect(
                try await world.count("SELECT count(*) FROM throttle_bucket WHERE empty_at > \(world.clock.now)") == 0)
        }
    }

    @Test("many guesses at once are five guesses")
    func guessesAtOnce() async throws {
        try await World.with(poolSize: 10) { world in
            let account = try await world.account()
            let run = try await Run(world)
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await run.attempt(account.userName, "wrong password", "000000").code }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0 == "credentials.do-not-fit" } == 5)
            #expect(answers.count { $0 == "sign-in.wait" } == 3)
        }
    }

    @Test(
        "wrong codes after the right password: nothing opens from new places for hours, and what is right is not called wrong"
    )
    func codes() async throws {
        try await World.with { world in
            let account = try await world.account()
            let device = try #require(
                try await Run(world).attempt(account.userName, account.code(at: world.clock.now)).device)
            world.clock.advance(.seconds(60))
            let thief = try await Run(world)
            for number in 0..<8 {
                let answer = try await thief.attempt(
                    account.userName, wrongCode(account, world, number), source: "198.51.100.\(number)")
                #expect(answer.code == "credentials.do-not-fit")
            }
            let lucky = account.code(at: world.clock.now)
            #expect(
                try await thief.attempt(account.userName, lucky, source: "198.51.100.99").code
                    == "sign-in.right-but-wait")
            // A lucky guess opens nothing later either.
            #expect(
                try await thief.attempt(account.userName, lucky, source: "198.51.100.99").code
                    == "credentials.do-not-fit")
            // Her own browser opens, with the next code.
            world.clock.advance(.seconds(30))
            #expect(
                try await Run(world).attempt(account.userName, account.code(at: world.clock.now), device: device).code
                    == "signed-in")
            world.clock.advance(.seconds(7200))
            #expect(
                try await Run(world).attempt(
                    account.userName, account.code(at: world.clock.now), source: "198.51.100.200"
                ).code == "signed-in")
        }
    }

    @Test("a run that is over uses no code up")
    func overKeepsTheCode() async throws {
        try await World.with { world in
            let account = try await world.account()
            let other = try await world.account()
            let run = try await Run(world)
            // Somebody signed in by another form of the same run: the browser's cookie is no longer this one.
            #expect(try await run.attempt(other.userName, other.code(at: world.clock.now)).code == "signed-in")
            let code = account.code(at: world.clock.now)
            #expect(try await run.attempt(account.userName, code).code == "over")
            #expect(try await Run(world).attempt(account.userName, code).code == "signed-in")
        }
    }

    @Test("only who typed everything right reads that the account is closed")
    func closedAccount() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.database.database.transaction { session in
                try session.execute("UPDATE account SET enabled = false")
            }
            let run = try await Run(world)
            let code = account.code(at: world.clock.now)
            #expect(try await run.attempt(account.userName, "wrong password", code).code == "credentials.do-not-fit")
            #expect(try await run.attempt(account.userName, wrongCode(account, world)).code == "credentials.do-not-fit")
            #expect(try await run.attempt(account.userName, code).code == "account.disabled")
        }
    }
}

@Suite("Whom a request comes from")
struct SourceAddressTests {
    private func source(_ ranges: [String]) -> SourceAddress {
        SourceAddress(
            trustedProxies: ranges.compactMap { NetworkRange($0) },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    @Test("only a proxy of the configuration is believed, range by range, from the right")
    func chain() {
        let source = source(["10.0.0.0/8", "2001:db8::/32"])
        let cases: [(String?, [String], String?)] = [
            (nil, ["192.0.2.1"], nil), ("192.0.2.9", [], "192.0.2.9"), ("192.0.2.9", ["203.0.113.1"], "192.0.2.9"),
            ("10.1.2.3", ["203.0.113.1"], "203.0.113.1"), ("::ffff:10.1.2.3", ["203.0.113.1"], "203.0.113.1"),
            ("10.1.2.3", ["198.51.100.1, 203.0.113.1, 10.9.9.9"], "203.0.113.1"),
            ("10.1.2.3", ["198.51.100.1", "203.0.113.1"], "203.0.113.1"),
            ("10.1.2.3", ["203.0.113.1, nonsense"], "10.1.2.3"), ("10.1.2.3", ["10.4.4.4"], "10.1.2.3"),
            ("2001:db8::1", ["2001:db9::7"], "2001:db9::7"),
        ]
        for (peer, forwarded, expected) in cases {
            #expect(source.address(peer: peer, forwarded: forwarded) == expected, "\(forwarded)")
        }
    }
}
