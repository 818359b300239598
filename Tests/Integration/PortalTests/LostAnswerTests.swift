import Async
import FoundationEssentials
import HTTPTypes
import Logging
import MandateRegistryContracts
import OrganisationRightsContracts
import PortalDomain
import Postgres
import Testing
import Vocabulary

/// A service did what it was asked, and the portal does not hear of it.
@Suite("Writes whose answer is lost") struct LostAnswerTests {
    /// Whether a page says that nobody knows, and not that nothing was changed.
    private func saysNotKnown(_ page: Browser.Page) -> Bool {
        page.status == .serviceUnavailable && page.contains("We weten niet of het gelukt is")
            && !page.contains("Er is niets gewijzigd") && page.contains("href=\"/")
    }

    private func mandate() throws -> GivenMandate {
        GivenMandate(
            mandateId: MandateID(UUID()), version: 1, type: .administrativeDossier, status: .active,
            holderKind: "organisation", holderName: "Verzekeringen Noord NV", reference: "a1b2",
            profession: Profession.catalogue[0], startsOn: try #require(LocalDate("2026-01-01")), endsOn: nil)
    }

    @Test("a grantor who stops a mandate reads that it is not known, and sees the stop when she looks")
    func mandateStopped() async throws {
        try await withPortal { world in
            let given = try mandate()
            world.services.state.withLock { $0.given = [given] }
            let browser = try await world.signedIn()
            let confirm = try await browser.get("/mandates/\(given.mandateId)/stop")
            world.services.state.withLock { $0.losesAnswers = true }
            let page = try await browser.submit(confirm, to: "/mandates/\(given.mandateId)/stop")
            #expect(saysNotKnown(page))
            #expect(page.contains("href=\"/mandates\""))
            #expect(try await browser.get("/mandates").contains("Gestopt"))
        }
    }

    @Test("an access manager who gives a right, and who takes it away, reads that it is not known")
    func rights() async throws {
        try await withPortal { world in
            world.services.state.withLock { $0.manages = true }
            let path = "/organisations/\(world.services.state.withLock { $0.organisation })"
            let browser = try await world.signedIn()
            let list = try await browser.get(path)
            world.services.state.withLock { $0.losesAnswers = true }
            let given = try await browser.submit(
                list, to: path,
                [
                    "nationalNumber": "85.07.30-033.28", "lastName": "Peeters", "role": "member",
                    "startsOn": world.clock.now.utcDate.description, "endsOn": "",
                ])
            #expect(given.status == .serviceUnavailable)
            #expect(given.contains("We weten niet zeker of uw wijziging bewaard is"))
            #expect(!given.contains("Er is niets gewijzigd") && !given.contains("Uw wijziging is niet bewaard"))
            let right = try #require(world.services.state.withLock { $0.rights.first?.rightId })
            let confirm = try await browser.get("\(path)/rights/\(right)/end")
            let ended = try await browser.submit(confirm, to: "\(path)/rights/\(right)/end")
            #expect(saysNotKnown(ended))
            #expect(world.services.state.withLock { $0.rights.first?.status } == .ended)
        }
    }

    @Test("who changes contact data reads that it is not known, and what she typed is kept")
    func contact() async throws {
        try await withPortal { world in
            let own = world.services.add(ForeignDossier())
            world.services.state.withLock { $0.own = own.id }
            let browser = try await world.signedIn()
            let form = try await browser.get("/dossier/contact")
            world.services.state.withLock { $0.losesAnswers = true }
            let page = try await browser.submit(
                form, to: "/dossier/contact",
                contactFields.merging(["dossier": own.id.description, "version": "1"]) { $1 })
            #expect(page.status == .serviceUnavailable)
            #expect(page.contains("We weten niet zeker of uw wijziging bewaard is"))
            #expect(!page.contains("Uw wijziging is niet bewaard"))
            #expect(world.services.dossier(own.id)?.written.count == 1)
        }
    }

    @Test("a dossier whose context did not come is not shown now, and nobody says that something may have been done")
    func exchange() async throws {
        try await withPortal { world in
            let grantor = world.services.add(ForeignDossier())
            let browser = try await world.signedIn()
            let opened = try await open(grantor, in: browser)
            let tab = try #require(opened.tab)
            world.services.state.withLock {
                $0.contexts = [:]
                $0.losesAnswers = true
            }
            let page = try await browser.get("/t/\(tab)/dossier")
            #expect(page.status == .serviceUnavailable)
            #expect(!page.contains("We weten niet of het gelukt is"))
            #expect(page.contains("Wat u eerder bewaard hebt, blijft bewaard."))
        }
    }

    @Test("a write that was done is told as done when the portal's own database does not note where it stands")
    func notNoted() async throws {
        try await withPortal { world in
            let given = try mandate()
            world.services.state.withLock { $0.given = [given] }
            let browser = try await world.signedIn()
            let confirm = try await browser.get("/mandates/\(given.mandateId)/stop")
            let superuser = Database(
                world.superuser, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            try await superuser.read { session in
                try session.execute(
                    """
                    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = '40001'; END $$
                    """)
                try session.execute(
                    """
                    CREATE TRIGGER refuse BEFORE UPDATE OF positions ON session
                        FOR EACH ROW EXECUTE FUNCTION refuse()
                    """)
            }
            await superuser.shutdown()
            let done = try await browser.submit(confirm, to: "/mandates/\(given.mandateId)/stop")
            #expect(done.path == "/mandates?stopped=\(given.mandateId)")
            #expect(done.contains("is gestopt"))
        }
    }

    @Test("who asks for a page right after a change does not read that nothing has changed")
    func reading() async throws {
        try await withPortal { world in
            let browser = try await world.signedIn()
            world.services.state.withLock { $0.isAway = true }
            let page = try await browser.get("/mandates")
            #expect(page.status == .serviceUnavailable)
            #expect(page.contains("Wat u eerder bewaard hebt, blijft bewaard."))
            #expect(!page.contains("Er is niets gewijzigd"))
        }
    }
}
