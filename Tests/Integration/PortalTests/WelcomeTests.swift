import Contracts
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Portal
import PortalDomain
import Postgres
import ServiceKit
import Synchronization
import TestKit
import Testing
import Vocabulary

@Suite("The way on after the sign-in") struct WelcomeTests {
    @Test("a citizen with a dossier and mandates chooses; each choice leads where it says")
    func selection() async throws {
        try await withPortal { world in
            let own = world.services.add(ForeignDossier(firstName: "Hugo", lastName: "Janssens"))
            let grantor = world.services.add(ForeignDossier())
            world.services.state.withLock { $0.own = own.id }
            let browser = try await world.signedIn()
            let page = try await browser.get("/welcome")
            #expect(page.path == "/profile-selection")
            #expect(page.contains("Profiel selectie"))
            #expect(
                page.contains(
                    "Onder welk profiel wenst u verder te gaan? U beschikt over meerdere profielen binnen MyRiziv."))
            #expect(page.contains("Doorgaan als mandaathouder"))
            #expect(page.contains("Doorgaan als burger"))
            let search = try await browser.submit(page, to: "/tabs")
            #expect(search.contains("Mandaatgever zoeken"))
            #expect(search.contains(grantor.lastName))
            let dossier = try await browser.get("/dossier")
            #expect(dossier.contains("Dossier van Hugo Janssens"))
        }
    }

    @Test("a citizen with only a dossier goes to it, without a choice")
    func onlyDossier() async throws {
        try await withPortal { world in
            let own = world.services.add(ForeignDossier())
            world.services.state.withLock {
                $0.own = own.id
                $0.holdsMandates = false
            }
            let browser = try await world.signedIn()
            #expect(try await browser.get("/welcome").path == "/dossier")
            #expect(try await browser.get("/profile-selection").path == "/dossier")
        }
    }

    @Test("somebody with nothing reads what would give access and who can do that")
    func nothing() async throws {
        try await withPortal { world in
            world.services.state.withLock { $0.holdsMandates = false }
            let page = try await world.signedIn().get("/welcome")
            #expect(page.status == .ok)
            #expect(page.reasons == ["dossier.none", "mandate.none"])
            #expect(page.contains("Wat geeft wel toegang?"))
            #expect(page.contains("toegangsbeheerder"))
            #expect(!page.contains("/organisations"))
        }
    }

    @Test("a new care provider reads that the dossier takes some days")
    func beingSetUp() async throws {
        try await withPortal { world in
            world.services.state.withLock { state in
                state.holdsMandates = false
                state.profiles = [
                    ProfileList.Entry(
                        profile: .profession(Profession.catalogue[0]), name: ["nl": "Kinesitherapeut"],
                        available: false,
                        reasons: [Reason(.dossierBeingSetUp, remedy: .wait("dossier-set-up"))], holdsMandates: false,
                        dossierId: nil)
                ]
            }
            let page = try await world.signedIn().get("/welcome")
            #expect(page.reasons == ["dossier.being-set-up"])
            #expect(page.contains("enkele dagen"))
            #expect(page.contains("Service Center"))
        }
    }

    @Test("an access manager with nothing else is shown the way to her organisation")
    func accessManager() async throws {
        try await withPortal { world in
            world.services.state.withLock {
                $0.holdsMandates = false
                $0.manages = true
            }
            let browser = try await world.signedIn()
            #expect(try await browser.get("/welcome").contains("Toegang tot mijn organisatie"))
            #expect(try await browser.get("/organisations").contains("Ziekenhuis Oost"))
        }
    }

    @Test("while a service that must decide is away, the page says what was kept and what to do")
    func away() async throws {
        try await withPortal { world in
            let browser = try await world.signedIn()
            world.services.state.withLock { $0.isAway = true }
            let page = try await browser.get("/welcome")
            #expect(page.status == .serviceUnavailable)
            #expect(page.contains("Wat bewaard is"))
            #expect(page.headers[.retryAfter] != nil)
        }
    }
}
