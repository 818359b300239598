import FoundationEssentials
import PortalDomain
import Testing
import Vocabulary

@Suite("Portal: the way on and the forms") struct PortalFormTests {
    private let organisation = ProfileChoice.organisation(OrganisationID(UUID()))
    private let profession = ProfileChoice.profession(Profession.catalogue[0])

    private func facts(
        _ profile: ProfileChoice, available: Bool = true, reasons: [Reason] = [], mandates: Bool = false,
        dossier: Bool = false
    ) -> ProfileFacts {
        ProfileFacts(
            profile: profile, available: available, reasons: reasons, holdsMandates: mandates, hasDossier: dossier)
    }

    private func way(_ profile: ProfileChoice, _ profiles: [ProfileFacts]) -> Decision<WelcomeRoute> {
        WelcomeDecision.decide(profile: profile, profiles: profiles)
    }

    @Test("a citizen chooses only when she has both a dossier and mandates")
    func citizen() {
        #expect(way(.citizen, [facts(.citizen, mandates: true, dossier: true)]) == .allowed(.profileSelection))
        #expect(way(.citizen, [facts(.citizen, dossier: true)]) == .allowed(.ownDossier))
        #expect(way(.citizen, [facts(.citizen, mandates: true)]) == .allowed(.grantors))
        #expect(way(.citizen, [facts(.citizen)]).refusal?.codes == [.dossierNone, .mandateNone])
    }

    @Test("a profession leads to its dossier, an organisation to the grantors of its mandates")
    func others() {
        #expect(way(profession, [facts(profession, mandates: true)]) == .allowed(.ownDossier))
        #expect(way(organisation, [facts(organisation, mandates: true)]) == .allowed(.grantors))
        #expect(way(organisation, [facts(organisation)]).refusal?.codes == [.organisationNoMandate])
    }

    @Test("a citizen with nothing reads why she is no care provider yet")
    func pending() {
        let reason = Reason(.dossierBeingSetUp, remedy: .wait("dossier-set-up"))
        let refusal = way(.citizen, [facts(.citizen), facts(profession, available: false, reasons: [reason])]).refusal
        #expect(refusal?.reasons == [reason])
    }

    @Test("who has nothing under this profile only is not told that she has nothing, but what another one opens")
    func elsewhere() {
        let all = [
            facts(.citizen), facts(profession, dossier: true), facts(organisation, mandates: true),
            facts(.organisation(OrganisationID(UUID()))),
        ]
        #expect(way(.citizen, all).refusal?.codes == [.profileOpensNothing])
        #expect(
            WelcomeDecision.otherWays(than: .citizen, profiles: all) == [
                OtherWay(profile: profession, opensDossier: true, opensMandates: false),
                OtherWay(profile: organisation, opensDossier: false, opensMandates: true),
            ])
        #expect(WelcomeDecision.otherWays(than: profession, profiles: all).map(\.profile) == [organisation])
        let barred = facts(organisation, available: false, reasons: [Reason(.rightNotStarted)], mandates: true)
        #expect(WelcomeDecision.otherWays(than: .citizen, profiles: [facts(.citizen), barred]).isEmpty)
        #expect(way(.citizen, [facts(.citizen), barred]).refusal?.codes == [.rightNotStarted])
    }

    @Test("access managers are named of the organisations at which the refusal sends her to them, and of no other one")
    func whomToAsk() throws {
        let ask = Remedy.ask("access-managers")
        let (ended, expired) = (Reason(.rightEnded, remedy: ask), Reason(.rightExpired, remedy: ask))
        let waiting = Reason(.rightNotStarted, remedy: .wait("right-start"))
        let barred = [[ended], [expired], [waiting]].map { reasons in
            facts(.organisation(OrganisationID(UUID())), available: false, reasons: reasons)
        }
        let all = [facts(.citizen), facts(organisation)] + barred
        func places(_ chosen: ProfileChoice, _ profiles: [ProfileFacts]) throws -> [ProfileChoice] {
            let refusal = try #require(way(chosen, profiles).refusal)
            return WelcomeDecision.placesToAsk(chosen: chosen, profiles: profiles, refusal: refusal)
                .map { .organisation($0.organisation) }
        }
        #expect(try places(.citizen, all) == barred.prefix(2).map(\.profile))
        #expect(try places(organisation, all) == [organisation])
        #expect(try places(barred[1].profile, all) == [barred[1].profile])
        #expect(try places(barred[2].profile, all).isEmpty)
        #expect(try places(.citizen, [facts(.citizen), facts(organisation)]).isEmpty)
        let many = (0..<9).map { _ in
            facts(.organisation(OrganisationID(UUID())), available: false, reasons: [ended])
        }
        #expect(try places(.citizen, [facts(.citizen)] + many).count == WelcomeDecision.placesShown)
    }

    @Test("a sign-in leads to any page of ours and to nothing else")
    func pages() {
        let id = UUID().uuidString.lowercased()
        for path in [
            "/welcome", "/dossier/contact", "/mandates/\(id)/stop", "/organisations/\(id)", "/t/aB_-9/contact",
            "/organisations/\(id)/rights/\(id)/end",
        ] {
            #expect(SignInAttempt.returnPath(asked: path) == path)
        }
        for path in [
            "", "/", "//evil.test", "/\\evil.test", "https://evil.test", "/sign-out", "/sign-in", "/nowhere",
            "/t//contact",
            "/organisations/", "/organisations/a?b", "/organisations/a%2f", "/t/a/open", "/dossier/contact/",
            "/t/" + String(repeating: "a", count: 300) + "/contact", "/organisations/é",
        ] {
            #expect(SignInAttempt.returnPath(asked: path) == "/welcome", "\(path)")
        }
        #expect(SignInAttempt.returnPath(asked: nil) == "/welcome")
    }

    @Test("a request that cannot be answered leads back to the page it came from, which is one of ours")
    func wayBack() {
        let id = UUID().uuidString.lowercased()
        for (path, back) in [
            ("/dossier/contact", "/dossier/contact"), ("/mandates/\(id)/stop", "/mandates"),
            ("/organisations/\(id)", "/organisations"),
            ("/organisations/\(id)/rights/\(id)/end", "/organisations/\(id)"), ("/t/abc/contact", "/t/abc/contact"),
            ("/t/abc/open", "/t/abc/grantors"),
        ] {
            #expect(PortalPaths.wayBack(from: path) == back)
        }
        for path in ["/", "/welcome", "/nowhere", "/t/a b/contact", "/tabs", "/sign-out"] {
            #expect(PortalPaths.wayBack(from: path) == nil, "\(path)")
        }
    }

    @Test("a draft is kept for the form that it was typed in, if it is no larger than a form")
    func drafts() {
        let dossier = DossierID(UUID())
        let organisation = OrganisationID(UUID())
        for path in ["/dossier/contact", "/t/abc/contact"] {
            #expect(DraftForm(path: path, dossier: dossier.description) == .contact(dossier))
            #expect(DraftForm(path: path, dossier: nil) == nil)
        }
        #expect(DraftForm(path: "/organisations/\(organisation)", dossier: nil) == .right(organisation))
        for path in ["/sign-out", "/tabs", "/organisations/x", "/organisations/\(organisation)/rights/x/end"] {
            #expect(DraftForm(path: path, dossier: dossier.description) == nil)
        }
        let form = contact(street: String(repeating: "é", count: 120))
        #expect(form.draft(version: 3).map(ContactForm.init) == form)
        #expect(contact(street: String(repeating: "x", count: 5_000)).draft(version: 3) == nil)
        #expect(form.differences(from: contact(city: "Gent")) == [.street, .city])
    }

    @Test("a profile that may not be taken any more gives its own reasons, or says that it is not held")
    func gone() {
        let reason = Reason(.organisationStopped)
        #expect(
            way(organisation, [facts(organisation, available: false, reasons: [reason])]).refusal?.reasons == [reason])
        #expect(way(organisation, [facts(.citizen)]).refusal?.codes == [.organisationNoRight])
        #expect(way(profession, []).refusal?.codes == [.professionNotHeld])
    }

    private func contact(
        email: String = "an@example.test", phone: String = "+32 2 123 45 67", street: String = "Kerkstraat 1",
        postalCode: String = "1000", city: String = "Brussel"
    ) -> ContactForm {
        ContactForm(email: email, phone: phone, street: street, postalCode: postalCode, city: city)
    }

    @Test("contact data: what is wrong, at its field")
    func contactFlaws() {
        #expect(contact().flaws.isEmpty)
        for email in ["an", "an@", "@test", "an@test", "a b@example.test", "an@@example.test", "an@example..test"] {
            #expect(contact(email: email).flaws.map(\.flaw) == [.malformed], "\(email)")
        }
        for phone in ["12345", "bel mij", "02/123", "１２３４５６", String(repeating: "1", count: 21)] {
            #expect(contact(phone: phone).flaws.map(\.flaw) == [.malformed], "\(phone)")
        }
        #expect(contact(street: "").flaws.map(\.flaw) == [.missing])
        #expect(contact(street: String(repeating: "x", count: 120)).flaws.isEmpty)
        #expect(contact(street: String(repeating: "x", count: 121)).flaws.map(\.flaw) == [.tooLong])
        #expect(contact(city: "Gent\u{0}").flaws.map(\.flaw) == [.malformed])
        #expect(contact(street: "", city: "").flaws.map(\.field) == [.street, .city])
    }

    @Test("criteria: numbers must be numbers, names may be anything short")
    func criteria() throws {
        let today = try #require(LocalDate("2026-11-24"))
        func flaws(riziv: String = "", national: String = "", name: String = "", first: String = "") -> [GrantorCriteria
            .Field]
        {
            GrantorCriteria(rizivNumber: riziv, nationalNumber: national, lastName: name, firstName: first, page: 1)
                .flaws(today: today)
        }
        #expect(flaws().isEmpty)
        #expect(flaws(riziv: "1-99999-15-000", national: "85.07.30-033.28", name: "Ö", first: "'").isEmpty)
        #expect(flaws(riziv: "1-99999-16-000") == [.rizivNumber])
        #expect(
            flaws(national: "85073003327", name: String(repeating: "x", count: GrantorCriteria.maximumLength + 1)) == [
                .nationalNumber, .lastName,
            ])
        #expect(GrantorCriteria.pages(total: 0, size: 25) == 1)
        #expect(GrantorCriteria.pages(total: 25, size: 25) == 1)
        #expect(GrantorCriteria.pages(total: 26, size: 25) == 2)
        #expect(GrantorCriteria.pages(total: .max, size: 25) == .max / 25 + 1)
        #expect(GrantorCriteria.pages(total: .min, size: 25) == 1)
    }

    @Test("dates are read as browsers send them and as people here write them")
    func dates() throws {
        let day = try #require(LocalDate("2027-01-31"))
        for text in ["2027-01-31", "31/01/2027", "31/1/2027", "31-01-2027", "31.1.2027"] {
            #expect(RightForm.date(text) == day, "\(text)")
        }
        for text in ["", "31/01/27", "01/31/2027", "30/02/2027", "31012027", "morgen", "1/2/3/4"] {
            #expect(RightForm.date(text) == nil, "\(text)")
        }
    }

    @Test("a right: all that is wrong at once")
    func right() throws {
        let today = try #require(LocalDate("2026-11-24"))
        func read(_ number: String, _ name: String, _ role: String, _ start: String, _ end: String) -> Result<
            RightForm.Request, RightFormFlaws
        > {
            RightForm(nationalNumber: number, lastName: name, role: role, startsOn: start, endsOn: end).read(
                roles: ["member"], today: today)
        }
        let good = try read("85073003328", " De Smet ", "member", "24/11/2026", "").get()
        #expect(good.period == Period(start: today, end: nil))
        #expect(good.lastName == "De Smet")
        #expect(throws: RightFormFlaws(fields: [.nationalNumber, .lastName, .role, .startsOn, .endsOn])) {
            try read("85073003327", "", "chief", "23/11/2026", "x").get()
        }
        #expect(throws: RightFormFlaws(fields: [.endsOn])) {
            try read("85073003328", "De Smet", "member", "25/11/2026", "24/11/2026").get()
        }
    }
}
