import Async
import FoundationEssentials
import HTTPTypes
import Hummingbird
import MandateRegistryContracts
import Portal
import PortalDomain
import Postgres
import Testing
import Vocabulary

@Suite("Tabs and their dossiers") struct TabTests {
    @Test("500 interleaved changes from tabs with different grantors: none in the wrong dossier")
    func interleaved() async throws {
        try await withPortal { world in
            let grantors = (1...4).map { world.services.add(ForeignDossier(lastName: "Gever \($0)")) }
            let browser = try await world.signedIn()
            var tabs: [(tab: String, dossier: ForeignDossier)] = []
            for grantor in grantors {
                tabs.append((try #require(try await open(grantor, in: browser).tab), grantor))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (tab, dossier) in tabs {
                    group.addTask {
                        for number in 1...125 {
                            let form = try await browser.get("/t/\(tab)/contact")
                            #expect(form.contains("U werkt in het dossier van An \(dossier.lastName)"))
                            let fields = contactFields.merging([
                                "dossier": try #require(form.field("dossier")),
                                "version": try #require(form.field("version")),
                                "street": "\(dossier.lastName) nummer \(number)",
                            ]) { $1 }
                            let saved = try await browser.submit(form, to: "/t/\(tab)/contact", fields)
                            #expect(saved.status == .ok)
                        }
                    }
                }
                try await group.waitForAll()
            }
            for (_, dossier) in tabs {
                let written = world.services.dossier(dossier.id)?.written ?? []
                #expect(written == (1...125).map { "\(dossier.lastName) nummer \($0)" })
            }
        }
    }

    @Test("opening another grantor from a tab with a dossier gives another tab; the first keeps its dossier")
    func anotherTab() async throws {
        try await withPortal { world in
            let first = world.services.add(ForeignDossier(lastName: "Eerste"))
            let second = world.services.add(ForeignDossier(lastName: "Tweede"))
            let browser = try await world.signedIn()
            let opened = try await open(first, in: browser)
            let tab = try #require(opened.tab)
            let search = try await browser.get("/t/\(tab)/grantors")
            let other = try await browser.submit(search, to: "/t/\(tab)/open", ["dossier": second.id.description])
            #expect(other.tab != tab)
            #expect(other.contains("An Tweede"))
            #expect(try await browser.get("/t/\(tab)/dossier").contains("An Eerste"))
            let again = try await browser.submit(search, to: "/t/\(tab)/open", ["dossier": first.id.description])
            #expect(again.tab == tab)
        }
    }

    @Test("the database itself keeps a tab's dossier")
    func keptByDatabase() async throws {
        try await withPortal { world in
            let grantor = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            _ = try await open(grantor, in: browser)
            await #expect(throws: (any Error).self) {
                try await world.database.transaction { session in
                    try session.execute("UPDATE tab SET dossier = \(DossierID(UUID())) WHERE dossier IS NOT NULL")
                }
            }
        }
    }

    @Test("a tab is worth nothing in another session, nor without one")
    func foreignTab() async throws {
        try await withPortal { world in
            let grantor = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            let tab = try #require(try await open(grantor, in: browser).tab)
            let stranger = try await world.signedIn()
            #expect(try await stranger.get("/t/\(tab)/dossier").status == .notFound)
            #expect(try await stranger.get("/t/\(tab)/contact").status == .notFound)
            let nobody = try await world.browser().get("/t/\(tab)/dossier")
            #expect(nobody.path == "/sign-in?return=/t/\(tab)/dossier")
            #expect(try await browser.get("/t/\(UUID().uuidString)/dossier").status == .notFound)
        }
    }

    @Test("a stopped mandate takes the dossier away from the open tab, and the page says why and what to do")
    func stopped() async throws {
        try await withPortal { world in
            let grantor = world.services.add(ForeignDossier())
            let other = world.services.add(ForeignDossier(lastName: "Anders"))
            let browser = try await world.signedIn()
            let tab = try #require(try await open(grantor, in: browser).tab)
            let otherTab = try #require(try await open(other, in: browser).tab)
            let form = try await browser.get("/t/\(tab)/contact")
            world.services.stop(grantor.id)
            let sent = try await browser.submit(
                form, to: "/t/\(tab)/contact",
                contactFields.merging(["dossier": grantor.id.description, "version": "1"]) { $1 })
            #expect(sent.status == .forbidden)
            #expect(sent.reasons == ["mandate.stopped"])
            #expect(sent.contains("is niet bewaard"))
            let exchanges = world.services.state.withLock { $0.exchanges }
            let page = try await browser.get("/t/\(tab)/dossier")
            #expect(page.status == .forbidden)
            #expect(page.contains("Wat u kunt doen"))
            #expect(!page.contains("Kerkstraat"))
            // It is not asked for again and again.
            #expect(world.services.state.withLock { $0.exchanges } == exchanges)
            #expect(world.services.dossier(grantor.id)?.written == [])
            #expect(try await browser.get("/t/\(otherTab)/dossier").contains("An Anders"))
        }
    }

    @Test("a context that ended while the mandate goes on is asked for once more, unseen")
    func renewed() async throws {
        try await withPortal { world in
            let grantor = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            let tab = try #require(try await open(grantor, in: browser).tab)
            world.services.state.withLock { $0.contexts = [:] }
            #expect(try await browser.get("/t/\(tab)/dossier").status == .ok)
            #expect(world.services.state.withLock { $0.exchanges } == 2)
            world.clock.advance(by: .seconds(290))
            #expect(try await browser.get("/t/\(tab)/dossier").status == .ok)
            #expect(world.services.state.withLock { $0.exchanges } == 3)
        }
    }

    @Test("a grantor of somebody else cannot be opened")
    func notHolder() async throws {
        try await withPortal { world in
            _ = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            let stranger = ForeignDossier()
            let page = try await open(stranger, in: browser)
            #expect(page.status == .forbidden)
            #expect(page.reasons == ["mandate.none"])
        }
    }

    @Test("searching: numbers are checked, results are counted, and the next page keeps what was typed")
    func search() async throws {
        try await withPortal { world in
            for number in 1...30 { _ = world.services.add(ForeignDossier(firstName: "N\(number)", lastName: "Veel")) }
            let browser = try await world.signedIn()
            let page = try await browser.get("/welcome")
            let tab = try #require(page.tab)
            #expect(page.contains("Aantal gevonden resultaten : 30 — Tonen 25"))
            #expect(page.contains("Pagina 1 van 2"))
            let second = try await browser.submit(page, to: "/t/\(tab)/grantors", ["lastName": "Veel", "page": "2"])
            #expect(second.contains("Pagina 2 van 2"))
            let first = try await browser.get(try #require(second.link("prev")))
            #expect(first.contains("Pagina 1 van 2") && first.field("lastName") == "Veel")
            #expect(world.services.state.withLock { $0.searches.last?.lastName } == "Veel")
            let searches = world.services.state.withLock { $0.searches.count }
            for (field, value) in [("rizivNumber", "123"), ("nationalNumber", "85073003327")] {
                let wrong = try await browser.submit(page, to: "/t/\(tab)/grantors", [field: value])
                #expect(wrong.status == .unprocessableContent)
                #expect(wrong.contains("href=\"#\(field)\""))
            }
            #expect(world.services.state.withLock { $0.searches.count } == searches)
            let none = try await browser.submit(page, to: "/t/\(tab)/grantors", ["lastName": "Niemand"])
            #expect(none.contains("Aantal gevonden resultaten : 0"))
            #expect(none.contains("geen zorgverlener gevonden"))
        }
    }
}
