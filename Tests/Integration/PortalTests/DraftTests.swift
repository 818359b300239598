import Async
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Portal
import PortalDomain
import Postgres
import Process
import ProfileResolutionContracts
import Testing
import Vocabulary

@Suite("Nothing that was typed is lost") struct DraftTests {
    private func typed(_ dossier: ForeignDossier, version: String = "1") -> [String: String] {
        contactFields.merging(["dossier": dossier.id.description, "version": version]) { $1 }
    }

    private func withOwner(_ body: @Sendable @escaping (PortalWorld, ForeignDossier, Browser) async throws -> Void)
        async throws
    {
        try await withPortal { world in
            let own = world.services.add(ForeignDossier())
            world.services.state.withLock { $0.own = own.id }
            try await body(world, own, try await world.signedIn())
        }
    }

    @Test("what was sent after the session was over is found again in the form after the sign-in")
    func expiry() async throws {
        try await withOwner { world, own, browser in
            let form = try await browser.get("/dossier/contact")
            world.clock.advance(by: .seconds(21 * 60))
            let over = try await browser.submit(form, to: "/dossier/contact", typed(own))
            #expect(over.status == .unauthorized)
            #expect(over.contains("We houden het een uur bij"))
            #expect(over.contains("href=\"/sign-in?return=/dossier/contact\""))
            #expect(world.services.dossier(own.id)?.written == [])
            let again = try await world.signIn(browser, returning: "/dossier/contact")
            #expect(again.field("street") == "Dorpsstraat 2")
            #expect(again.contains("Dit is nog niet bewaard"))
            #expect(try await browser.get("/dossier").contains("Dit is nog niet bewaard"))
            let saved = try await browser.submit(
                again, to: "/dossier/contact", typed(own, version: again.field("version") ?? ""))
            #expect(saved.contains("Bewaard in het dossier van An Peeters"))
            #expect(try await world.count("SELECT count(*) FROM draft") == 0)
            #expect(try await !browser.get("/dossier").contains("Dit is nog niet bewaard"))
        }
    }

    @Test("a form that was not made in the session that is over is not kept")
    func foreignForm() async throws {
        try await withOwner { world, own, browser in
            world.clock.advance(by: .seconds(21 * 60))
            let over = try await browser.post("/dossier/contact", typed(own).merging(["csrf": "x"]) { $1 })
            #expect(over.contains("Wat u net verstuurde, is niet bewaard."))
            #expect(try await world.count("SELECT count(*) FROM draft") == 0)
        }
    }

    @Test("nobody else gets to read what somebody typed, in the page or in the database")
    func others() async throws {
        try await withOwner { world, own, browser in
            let form = try await browser.get("/dossier/contact")
            _ = try await browser.submit(form, to: "/dossier/contact", typed(own).merging(["email": "x"]) { $1 })
            #expect(try await browser.get("/dossier/contact").field("street") == "Dorpsstraat 2")
            let other = try await world.signedIn(ForeignPerson())
            #expect(try await other.get("/dossier/contact").field("street") == "Kerkstraat 1")
            let rows = try await world.database.read { session in
                try session.query("SELECT encode(content, 'escape') || form FROM draft").map {
                    try $0.column(0, as: String.self)
                }
            }
            #expect(rows.count == 1)
            #expect(rows.allSatisfy { !$0.contains("Dorpsstraat") })
        }
    }

    @Test("a change of language after an error keeps what was typed and says the error in the other language")
    func language() async throws {
        try await withOwner { world, own, browser in
            let form = try await browser.get("/dossier/contact")
            let wrong = try await browser.submit(
                form, to: "/dossier/contact", typed(own).merging(["email": "geen adres"]) { $1 })
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.contains("href=\"/dossier/contact?lang=fr\""))
            let french = try await browser.get("/dossier/contact?lang=fr")
            #expect(french.field("email") == "geen adres" && french.field("street") == "Dorpsstraat 2")
            #expect(french.contains("Indiquez une adresse e-mail"))
        }
    }

    @Test("after a conflict what is saved now stands beside what was typed, and either can be chosen")
    func conflict() async throws {
        try await withOwner { world, own, browser in
            let form = try await browser.get("/dossier/contact")
            world.services.state.withLock { state in
                state.dossiers[own.id]?.version = 5
                state.dossiers[own.id]?.contact = ContactData(
                    email: contactFields["email"] ?? "", phone: "02 000 00 00", street: "Andere straat 9",
                    postalCode: "9000", city: "Gent")
            }
            let page = try await browser.submit(form, to: "/dossier/contact", typed(own))
            #expect(page.status == .preconditionFailed)
            #expect(page.contains("Nu bewaard: Andere straat 9") && page.contains("Nu bewaard: 02 000 00 00"))
            #expect(!page.contains("Nu bewaard: Gent"))
            #expect(page.field("street") == "Dorpsstraat 2")
            let mine = try await browser.submit(
                page, to: "/dossier/contact", typed(own, version: page.field("version") ?? ""))
            #expect(mine.contains("Dorpsstraat 2") && mine.path.hasPrefix("/dossier/contact/saved"))

            let second = try await browser.submit(
                form, to: "/dossier/contact", typed(own).merging(["city": "Aalst"]) { $1 })
            #expect(second.status == .preconditionFailed)
            let theirs = try await browser.submit(
                second, to: "/dossier/contact", typed(own).merging(["discard": "yes"]) { $1 })
            #expect(theirs.path == "/dossier")
            #expect(try await browser.get("/dossier/contact").field("city") == "Gent")
        }
    }

    @Test("while the dossier's service is away, what was typed is kept, and the page says so")
    func outage() async throws {
        try await withOwner { world, own, browser in
            let form = try await browser.get("/dossier/contact")
            world.services.state.withLock { $0.isAway = true }
            let page = try await browser.submit(form, to: "/dossier/contact", typed(own))
            #expect(page.status == .serviceUnavailable)
            #expect(page.contains("Wat u typte, houden we een uur bij"))
            #expect(page.contains("Terug naar het formulier"))
            world.services.state.withLock { $0.isAway = false }
            #expect(try await browser.get("/dossier/contact").field("street") == "Dorpsstraat 2")
        }
    }

    @Test("when the mandate was stopped, what was typed is shown once more and not kept")
    func stopped() async throws {
        try await withPortal { world in
            let grantor = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            let tab = try #require(try await open(grantor, in: browser).tab)
            let form = try await browser.get("/t/\(tab)/contact")
            world.services.stop(grantor.id)
            for _ in 0..<2 {
                let page = try await browser.submit(form, to: "/t/\(tab)/contact", typed(grantor))
                #expect(page.status == .forbidden)
                #expect(page.contains("Dorpsstraat 2") && page.contains("nieuw@example.test"))
            }
            #expect(try await world.count("SELECT count(*) FROM draft") == 0)
        }
    }

    @Test("the form for a right keeps what was typed over an error and an outage")
    func right() async throws {
        try await withPortal { world in
            world.services.state.withLock { $0.manages = true }
            let path = "/organisations/\(world.services.state.withLock { $0.organisation })"
            let browser = try await world.signedIn()
            let page = try await browser.get(path)
            let fields = [
                "nationalNumber": "85.07.30-033.28", "role": "member", "startsOn": "", "endsOn": "31/12/2099",
            ]
            _ = try await browser.submit(page, to: path, fields)
            let again = try await browser.get(path)
            #expect(again.field("nationalNumber") == "85.07.30-033.28" && again.field("endsOn") == "31/12/2099")
            _ = try await browser.submit(again, to: path, ["discard": "yes"])
            #expect(try await browser.get(path).field("nationalNumber") == "")
        }
    }

    @Test("drafts are few for each person, and go after an hour")
    func bounds() async throws {
        try await withOwner { world, own, browser in
            let form = try await browser.get("/dossier/contact")
            for _ in 0..<(Draft.maximumPerPerson + 5) {
                _ = try await browser.submit(
                    form, to: "/dossier/contact", typed(own).merging(["dossier": DossierID(UUID()).description]) { $1 })
            }
            #expect(try await world.count("SELECT count(*) FROM draft") == Int64(Draft.maximumPerPerson))
            _ = try await browser.submit(form, to: "/dossier/contact", typed(own).merging(["email": "x"]) { $1 })
            for minutes in [15, 15, 15, 16] {
                world.clock.advance(by: .seconds(Int64(minutes) * 60))
                #expect(try await browser.get("/mandates").status == .ok)
            }
            #expect(try await browser.get("/dossier/contact").field("street") == "Kerkstraat 1")
            #expect(
                try await Housekeeping(
                    database: world.database, now: world.base.now, lifetime: .standard, sealed: try sealedData(["1"]),
                    logger: world.base.logger
                ).once() == Draft.maximumPerPerson)
        }
    }
}

@Suite("Going back to a search") struct SearchTests {
    @Test("a search is an address that can be asked for again, without a name or number in it, in its own tab only")
    func address() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier(lastName: "Veel"))
            _ = world.services.add(ForeignDossier(lastName: "Anders"))
            let browser = try await world.signedIn()
            let page = try await browser.get("/welcome")
            let tab = try #require(page.tab)
            let found = try await browser.submit(
                page, to: "/t/\(tab)/grantors", ["lastName": "Veel", "nationalNumber": "85073003328"])
            #expect(found.path.hasPrefix("/t/\(tab)/grantors?search="))
            #expect(!found.path.contains("Veel") && !found.path.contains("85073003328"))
            #expect(found.contains("Aantal gevonden resultaten : 1"))
            let again = try await browser.get(found.path)
            #expect(again.contains("Aantal gevonden resultaten : 1") && again.field("lastName") == "Veel")
            #expect(again.contains("autofocus"))
            #expect(again.contains("Toon alle zorgverleners"))
            let second = try await browser.submit(again, to: "/tabs")
            let sealed = String(found.path.split(separator: "=")[1])
            for query in [sealed, "x", String(repeating: "A", count: 5_000)] {
                let other = try await browser.get("/t/\(try #require(second.tab))/grantors?search=\(query)")
                #expect(other.contains("Aantal gevonden resultaten : 2"))
                #expect(!other.path.contains("search="))
            }
        }
    }
}
