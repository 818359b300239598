import FoundationEssentials
import HTTPTypes
import Hummingbird
import Portal
import PortalDomain
import Postgres
import ProfileResolutionContracts
import Synchronization
import Testing
import Vocabulary

let contactFields = [
    "email": "nieuw@example.test", "phone": "02 765 43 21", "street": "Dorpsstraat 2", "postalCode": "9000",
    "city": "Gent",
]

@Suite("Changing contact data") struct ContactTests {
    @Test("the owner changes her data and reads what was saved")
    func own() async throws {
        try await withPortal { world in
            let own = world.services.add(ForeignDossier())
            world.services.state.withLock { $0.own = own.id }
            let browser = try await world.signedIn()
            let form = try await browser.get("/dossier/contact")
            #expect(form.field("email") == own.contact.email)
            let saved = try await browser.submit(
                form, to: "/dossier/contact",
                contactFields.merging(["dossier": own.id.description, "version": "1"]) { $1 })
            #expect(saved.path == "/dossier/contact/saved?version=2")
            #expect(saved.contains("Bewaard in het dossier van An Peeters"))
            #expect(saved.contains("Dorpsstraat 2"))
            #expect(world.services.dossier(own.id)?.written == ["Dorpsstraat 2"])
        }
    }

    @Test("a mandate holder changes the grantor's data, with a banner whose dossier it is and by which right")
    func underMandate() async throws {
        try await withPortal { world in
            let grantor = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            let dossier = try await open(grantor, in: browser)
            #expect(dossier.contains("U werkt in het dossier van An Peeters"))
            #expect(dossier.contains("Administratief dossier RIZIV"))
            let tab = try #require(dossier.tab)
            let form = try await browser.get("/t/\(tab)/contact")
            #expect(form.contains("U werkt in het dossier van An Peeters"))
            let saved = try await browser.submit(
                form, to: "/t/\(tab)/contact",
                contactFields.merging([
                    "dossier": try #require(form.field("dossier")), "version": try #require(form.field("version")),
                ]) { $1 })
            #expect(saved.path == "/t/\(tab)/contact/saved?version=2")
            #expect(saved.contains("Bewaard in het dossier van An Peeters"))
            #expect(world.services.dossier(grantor.id)?.written == ["Dorpsstraat 2"])
        }
    }

    @Test("what is wrong in the form is said at its field, and nothing is sent")
    func flaws() async throws {
        try await withPortal { world in
            let own = world.services.add(ForeignDossier())
            world.services.state.withLock { $0.own = own.id }
            let browser = try await world.signedIn()
            let form = try await browser.get("/dossier/contact")
            for (field, value) in [
                ("email", "geen adres"), ("email", ""), ("phone", "bel mij"), ("street", ""),
                ("city", String(repeating: "x", count: 81)),
            ] {
                var fields = contactFields.merging(["dossier": own.id.description, "version": "1"]) { $1 }
                fields[field] = value
                let page = try await browser.submit(form, to: "/dossier/contact", fields)
                #expect(page.status == .unprocessableContent)
                #expect(page.contains("href=\"#\(field)\""))
                #expect(page.contains("aria-invalid=\"true\""))
                #expect(page.contains("<title>Fout:"))
                #expect(page.field("email") == fields["email"] || fields["email"] == "")
            }
            #expect(world.services.dossier(own.id)?.written == [])
        }
    }

    @Test("a form for another dossier is refused, as owner and under a mandate")
    func otherDossier() async throws {
        try await withPortal { world in
            let own = world.services.add(ForeignDossier())
            let grantor = world.services.add(ForeignDossier(lastName: "Anders"))
            world.services.state.withLock { $0.own = own.id }
            let browser = try await world.signedIn()
            let ownForm = try await browser.get("/dossier/contact")
            let opened = try await open(grantor, in: browser)
            let tab = try #require(opened.tab)
            let fields = contactFields.merging(["version": "1"]) { $1 }
            for (path, dossier) in [
                ("/dossier/contact", grantor.id.description), ("/t/\(tab)/contact", own.id.description),
                ("/dossier/contact", ""), ("/t/\(tab)/contact", ""),
                ("/t/\(tab)/contact", DossierID(UUID()).description),
            ] {
                let page = try await browser.submit(ownForm, to: path, fields.merging(["dossier": dossier]) { $1 })
                #expect(page.status == .conflict)
                #expect(page.contains("Niet bewaard: dit is een ander dossier"))
            }
            for dossier in [own, grantor] { #expect(world.services.dossier(dossier.id)?.written == []) }
        }
    }

    @Test("somebody who was slower reads that the other's change was kept and hers was not")
    func versionChanged() async throws {
        try await withPortal { world in
            let grantor = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            let tab = try #require(try await open(grantor, in: browser).tab)
            let form = try await browser.get("/t/\(tab)/contact")
            world.services.state.withLock { $0.dossiers[grantor.id]?.version = 5 }
            let page = try await browser.submit(
                form, to: "/t/\(tab)/contact",
                contactFields.merging(["dossier": grantor.id.description, "version": "1"]) { $1 })
            #expect(page.status == .preconditionFailed)
            #expect(page.contains("Iemand was u voor"))
            #expect(world.services.dossier(grantor.id)?.written == [])
        }
    }

    @Test("what a person wrote is waited for where she reads next, and only where that source is followed")
    func readAfterWrite() async throws {
        try await withPortal { world in
            let own = world.services.add(ForeignDossier())
            world.services.state.withLock { $0.own = own.id }
            let browser = try await world.signedIn()
            let form = try await browser.get("/dossier/contact")
            _ = try await browser.submit(
                form, to: "/dossier/contact",
                contactFields.merging(["dossier": own.id.description, "version": "1"]) { $1 })
            _ = try await browser.get("/mandates")
            let after = world.services.state.withLock { $0.after }
            #expect(after["/api/mandates/mandates/given"] == "profile-resolution:3:2")
            #expect(after["/api/profiles/me/dossier"] == "")
            world.clock.advance(by: .seconds(61))
            _ = try await browser.get("/mandates")
            #expect(world.services.state.withLock { $0.after["/api/mandates/mandates/given"] } == "")
        }
    }
}

/// Opens a grantor's dossier through the search page.
func open(_ dossier: ForeignDossier, in browser: Browser) async throws -> Browser.Page {
    let welcome = try await browser.get("/welcome")
    let search = welcome.tab == nil ? try await browser.submit(welcome, to: "/tabs") : welcome
    let tab = try #require(search.tab)
    return try await browser.submit(search, to: "/t/\(tab)/open", ["dossier": dossier.id.description])
}
