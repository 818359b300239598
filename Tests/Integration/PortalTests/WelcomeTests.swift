import Async
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Portal
import PortalDomain
import Postgres
import ProfileResolutionContracts
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
            #expect(!page.contains("Geef iemand een recht of neem er een weg"))
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

    @Test("who manages more organisations than a page has goes on to the next ones, and back")
    func furtherOrganisations() async throws {
        try await withPortal { world in
            let first = world.services.state.withLock { state in
                state.manages = true
                state.further = OrganisationID(UUID())
                return state.organisation
            }
            let browser = try await world.signedIn()
            let page = try await browser.get("/organisations")
            #expect(page.contains("Ziekenhuis Oost") && !page.contains("Ziekenhuis West"))
            #expect(page.contains("href=\"/organisations?after=\(first)\"") && page.contains("Volgende organisaties"))
            #expect(!page.contains("Naar het begin van de lijst"))
            let second = try await browser.get("/organisations?after=\(first)")
            #expect(second.contains("Ziekenhuis West") && !second.contains("Volgende organisaties"))
            #expect(second.contains("Naar het begin van de lijst"))
            // Behind what is not in the list any more there is nothing; that does not mean that she manages nothing.
            let gone = try await browser.get("/organisations?after=\(OrganisationID(UUID()))")
            #expect(gone.path == "/organisations" && gone.contains("Ziekenhuis Oost"))
        }
    }

    @Test("the way on is decided over all profiles, also those on a later page of the list")
    func laterProfiles() async throws {
        try await withPortal { world in
            world.services.state.withLock { state in
                state.holdsMandates = false
                state.pagesOfOne = true
                state.profiles = ["Apotheek Een", "Kliniek Twee", "Verzekeringen Noord NV"].map { name in
                    entry(.organisation(OrganisationID(UUID())), name, holdsMandates: name.hasPrefix("Verzekeringen"))
                }
            }
            let page = try await world.signedIn().get("/welcome")
            #expect(page.contains("Opent de dossiers van wie Verzekeringen Noord NV een mandaat gaf."))
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

    private func entry(
        _ profile: ProfileChoice, _ name: String, holdsMandates: Bool = false, dossier: DossierID? = nil,
        reasons: [Reason] = []
    ) -> ProfileList.Entry {
        ProfileList.Entry(
            profile: profile, name: Dictionary(uniqueKeysWithValues: Language.allCases.map { ($0.rawValue, name) }),
            available: reasons.isEmpty, reasons: reasons, holdsMandates: holdsMandates, dossierId: dossier)
    }

    @Test("who kept the citizen's profile reads which organisation and profession open what, on each page without one")
    func elsewhere() async throws {
        try await withPortal { world in
            world.services.state.withLock { state in
                state.holdsMandates = false
                state.profiles = [
                    entry(.profession(Profession.catalogue[0]), "Arts", dossier: DossierID(UUID())),
                    entry(.organisation(OrganisationID(UUID())), "Verzekeringen Noord NV", holdsMandates: true),
                ]
            }
            let browser = try await world.signedIn()
            for (path, status) in [("/welcome", HTTPResponse.Status.ok), ("/dossier", .notFound)] {
                let page = try await browser.get(path)
                #expect(page.status == status)
                #expect(page.contains("Daarmee opent u hier niets, met een ander profiel wel."))
                #expect(page.contains("Opent de dossiers van wie Verzekeringen Noord NV een mandaat gaf."))
                #expect(page.contains("Opent uw eigen dossier."))
                #expect(page.contains("href=\"/sign-in?return=/welcome\""))
                #expect(!page.contains("niet gekend als zorgverlener"))
                #expect(page.reasons == [])
            }
        }
    }

    @Test("a new care provider reads the same on the page of the dossier that she has not, with since when")
    func sameReason() async throws {
        try await withPortal { world in
            world.services.state.withLock { state in
                state.holdsMandates = false
                state.profiles = [
                    entry(
                        .profession(Profession.catalogue[0]), "Kinesitherapeut",
                        reasons: [
                            Reason(
                                .dossierBeingSetUp,
                                facts: [
                                    "profession": Profession.catalogue[0].code, "since": "2026-11-16",
                                    "expectedBy": "2026-11-30",
                                ],
                                remedy: .wait("dossier-set-up"))
                        ])
                ]
            }
            let browser = try await world.signedIn()
            for path in ["/welcome", "/dossier"] {
                let page = try await browser.get(path)
                #expect(page.reasons == ["dossier.being-set-up"])
                #expect(page.contains("Uw visum van 16/11/2026 is gekend; wat nog ontbreekt, is het dossier zelf."))
                #expect(page.contains("Is uw dossier op 30/11/2026 nog niet opgezet"))
                #expect(page.contains(Profession.catalogue[0].name[.nl]))
            }
        }
    }

    @Test("who acts for an organisation reads its name on each page, and why it opens nothing")
    func organisation() async throws {
        try await withPortal { world in
            let hospital = OrganisationID(UUID())
            world.services.state.withLock { state in
                state.profiles = [entry(.organisation(hospital), "Ziekenhuis Oost")]
            }
            let browser = try await world.signedIn(ForeignPerson(profile: .organisation(hospital)))
            let page = try await browser.get("/welcome")
            #expect(page.reasons == ["organisation.no-mandate"])
            #expect(page.contains("Ziekenhuis Oost heeft geen mandaat dat u nu kunt gebruiken."))
            for path in ["/welcome", "/mandates", "/nowhere"] {
                #expect(try await browser.get(path).contains("U werkt als <strong>Ziekenhuis Oost</strong>"))
            }
            // It is asked for once; after that the session knows it.
            world.services.state.withLock { $0.profiles = [] }
            #expect(try await browser.get("/mandates").contains("<strong>Ziekenhuis Oost</strong>"))
        }
    }

    @Test("each page names the profile and leads to another one, to the mandates and to the organisations")
    func header() async throws {
        try await withPortal { world in
            let own = world.services.add(ForeignDossier())
            world.services.state.withLock {
                $0.own = own.id
                $0.holdsMandates = false
            }
            let browser = try await world.signedIn(ForeignPerson(profile: .profession(Profession.catalogue[0])))
            for path in ["/dossier", "/dossier/contact", "/mandates", "/organisations", "/nowhere"] {
                let page = try await browser.get(path)
                #expect(page.contains("U werkt als <strong>\(Profession.catalogue[0].name[.nl])</strong>"), "\(path)")
                for link in ["/sign-in?return=/welcome", "/mandates", "/organisations", "/welcome"] {
                    #expect(page.contains("href=\"\(link)\""), "\(link) on \(path)")
                }
            }
        }
    }

    @Test("the product has one name in a language, in the header and in each title")
    func product() async throws {
        try await withPortal { world in
            for (language, name) in [("nl", "ProGezondheid"), ("fr", "ProSanté")] {
                let page = try await world.browser().get("/", language: language)
                #expect(page.title.hasSuffix(name))
                #expect(page.contains("<a href=\"/\">\(name)</a>"))
            }
        }
    }
}
