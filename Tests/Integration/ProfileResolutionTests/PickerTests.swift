import Async
import AuthenticationContracts
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import NIOCore
import OrganisationRightsContracts
import Pages
import Postgres
import Process
import ProfileResolution
import ProfileResolutionDomain
import Testing
import Vocabulary

@Suite("The picker")
struct PickerTests {
    @Test("an interaction is redeemed once and bound to a cookie of its own")
    func begin() async throws {
        try await Fixture.run { fixture in
            let id = fixture.neighbours.interaction(
                of: PersonID(UUID()), expiresAt: fixture.base.now().adding(.seconds(600)))
            let first = try await fixture.send(.get, "/choose-profile?interaction=\(id)")
            #expect(first.status == .seeOther)
            #expect(first.headers[.location] == "/choose-profile?interaction=\(id)")
            let cookie = try #require(first.headers[.setCookie])
            #expect(cookie.contains("HttpOnly"))
            #expect(cookie.contains("SameSite=Lax"))
            // The same browser may ask again; another gets nothing, nor does one with an id that is none.
            let browser = Browser(fixture: fixture, id: id, cookie: String(cookie.prefix { $0 != ";" }))
            let again = try await browser.get()
            #expect(again.status == .ok)
            #expect(again.headers[.setCookie] == nil)
            #expect(try await fixture.send(.get, "/choose-profile?interaction=\(id)").status == .notFound)
            #expect(try await fixture.send(.get, "/choose-profile?interaction=1").status == .notFound)
            #expect(try await fixture.send(.get, "/choose-profile").status == .notFound)
        }
    }

    @Test("two tabs of one browser have a passage each, and both end")
    func twoTabs() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            let (first, second) = (try await fixture.browser(of: person), try await fixture.browser(of: person))
            let both = "\(first.cookie); \(second.cookie)"
            for tab in [first, second] {
                let browser = Browser(fixture: fixture, id: tab.id, cookie: both)
                let token = try await browser.formToken()
                let response = try await browser.post("profile=citizen&csrf=\(token)")
                #expect(response.status == .seeOther)
                #expect(response.headers[.location]?.hasSuffix("interaction=\(tab.id)") == true)
            }
        }
    }

    @Test("the form may end at authentication and at the portal of its passage, and nowhere else")
    func formTargets() async throws {
        try await Fixture.run { fixture in
            let page = try await fixture.browser(of: PersonID(UUID())).get()
            let policy = try #require(page.headers[.contentSecurityPolicy])
            #expect(policy.contains("form-action 'self' \(fixture.base.issuer) https://portal.test;"))
        }
    }

    @Test("every page leads back to the portal and lets her say that she is somebody else")
    func waysOut() async throws {
        try await Fixture.run { fixture in
            let browser = try await fixture.browser(of: PersonID(UUID()))
            let cancel = RedeemedInteraction.cancelUrl(issuer: fixture.base.issuer, interaction: browser.id.description)
            let page = String(buffer: try await browser.get().body)
            #expect(page.contains("href=\"\(cancel)\""))
            #expect(page.contains("href=\"https://issuer.test/end-session?client_id=portal\""))
            #expect(page.contains("Dit ben ik niet"))
            let stranger = try await fixture.send(
                .get, "/choose-profile?interaction=\(browser.id)", headers: [.accept: "text/html"])
            #expect(stranger.status == .notFound)
            #expect(String(buffer: stranger.body).contains("href=\"\(cancel)\""))
        }
    }

    @Test("HEAD redeems nothing")
    func head() async throws {
        try await Fixture.run { fixture in
            let id = fixture.neighbours.interaction(
                of: PersonID(UUID()), expiresAt: fixture.base.now().adding(.seconds(600)))
            let looked = try await fixture.send(.head, "/choose-profile?interaction=\(id)")
            #expect(looked.status == .ok && looked.headers[.setCookie] == nil)
            #expect(try await fixture.send(.get, "/choose-profile?interaction=\(id)").status == .seeOther)
        }
    }

    @Test("the page has the seed's words, the citizen preset, professions in order, and why one cannot be chosen")
    func page() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            try await fixture.dossier(of: person, "persphysician")
            try await fixture.dossier(of: person, "perspharmacist")
            try await fixture.dossier(of: person, "persphysiotherapist", .beingSetUp)
            let browser = try await fixture.browser(of: person)
            let response = try await browser.get()
            #expect(response.status == .ok)
            let html = String(buffer: response.body)
            for words in [
                "Aanmelden voor RIZIV portaal", "Kies uw profiel:", "Ik wil me aanmelden als:", "Burger",
                "Professioneel zorgverlener", "Profiel bevestigen", "An Peeters", "ProGezondheid",
                "Staat uw organisatie er niet bij?",
            ] { #expect(html.contains(words), "\(words)") }
            let places = ["Burger", "Apotheker", "Arts", "Kinesitherapeut"].compactMap {
                html.firstRange(of: ">\($0)<")?.lowerBound
            }
            #expect(places.count == 4)
            #expect(places == places.sorted())
            #expect(html.contains(#"value="citizen" checked"#))
            #expect(html.contains(#"value="persphysiotherapist" disabled"#))
            #expect(!html.contains("<script"))
            #expect(!html.contains(#"name="organisation""#))
            #expect(response.headers[.contentSecurityPolicy]?.contains("script-src") == false)
            #expect(response.headers[.cacheControl] == "no-store")
        }
    }

    @Test("a chosen profession goes back with what it rests on, is kept and recorded, and can be sent twice")
    func profession() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.dossier(of: PersonID(UUID()))
            let browser = try await fixture.browser(of: dossier.personID)
            let response = try await browser.choose("persphysician")
            #expect(response.status == .seeOther)
            #expect(response.headers[.location]?.contains("/resume?interaction=") == true)
            let choice = try #require(fixture.neighbours.state.withLock { $0.choices.values.first })
            #expect(choice.profile == dossier.subject.profile)
            #expect(choice.bases == [TokenBasis(kind: .dossier, id: dossier.id.description, version: 1)])
            #expect(try await browser.choose("persphysician").headers[.location] == response.headers[.location])
            let audit = try await fixture.audit(of: dossier.personID)
            #expect(
                audit == [
                    .init(
                        action: "profile.choose", outcome: "allowed", reasons: [], onBehalfOf: nil,
                        client: "ProGezondheid")
                ])
            #expect(try await fixture.choices(of: dossier.personID) == ["profession persphysician"])
        }
    }

    @Test("an organisation is chosen beside the citizen's profile, and not beside a profession")
    func organisation() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.dossier(of: PersonID(UUID()))
            let insurer = try await fixture.organisation("Verzekeringen Noord NV")
            let right = RightID(UUID())
            try await fixture.right(of: dossier.personID, in: insurer, role: "mandate-executor", id: right)
            let browser = try await fixture.browser(of: dossier.personID)
            let page = String(buffer: try await browser.get().body)
            #expect(page.contains("Binnen de organisatie:"))
            #expect(page.contains("Verzekeringen Noord NV"))
            let both = try await browser.choose("persphysician", organisation: insurer.description)
            #expect(both.status == .unprocessableContent)
            let refused = String(buffer: both.body)
            #expect(refused.contains("alleen kiezen als u zich aanmeldt als burger"))
            #expect(!refused.contains("Meld u af"))
            #expect(try await browser.choose("citizen", organisation: insurer.description).status == .seeOther)
            let choice = try #require(fixture.neighbours.state.withLock { $0.choices.values.first })
            #expect(choice.profile == .organisation(insurer))
            #expect(choice.bases == [TokenBasis(kind: .right, id: right.description, version: 1)])
        }
    }

    @Test("a profile that the page offered and that ended since is refused with its reason")
    func endedMeanwhile() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            let hospital = try await fixture.organisation("AZ Zilverberg")
            let right = RightID(UUID())
            try await fixture.right(of: person, in: hospital, id: right, version: 1)
            let browser = try await fixture.browser(of: person)
            #expect(String(buffer: try await browser.get().body).contains("AZ Zilverberg"))
            try await fixture.right(of: person, in: hospital, status: .ended, id: right, version: 2)
            let response = try await browser.choose("citizen", organisation: hospital.description)
            #expect(response.status == .unprocessableContent)
            #expect(String(buffer: response.body).contains("ingetrokken door een toegangsbeheerder"))
            #expect(fixture.neighbours.state.withLock { $0.choices.isEmpty })
            #expect(try await fixture.audit(of: person).map(\.reasons) == [["right.ended"]])
        }
    }

    @Test(
        "what the page does not offer is refused and chooses nothing",
        arguments: [
            ("persphysiotherapist", ""), ("persdentist", ""), ("persastronaut", ""), ("citizen", "x"),
            ("citizen", "6a0b2f0e-58a1-4f55-9c3f-0d6f4f0a7c11"),
        ])
    func notOffered(_ profile: String, _ organisation: String) async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            try await fixture.dossier(of: person, "persphysiotherapist", .beingSetUp)
            let browser = try await fixture.browser(of: person)
            let response = try await browser.choose(profile, organisation: organisation)
            #expect(response.status == .unprocessableContent)
            #expect(String(buffer: response.body).contains("error-summary"))
            #expect(fixture.neighbours.state.withLock { $0.choices.isEmpty })
        }
    }

    @Test("why a profession is refused stands once, at its button, and after a choice above the form and at the field")
    func saidWhereItHelps() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            try await fixture.dossier(of: person, "persphysiotherapist", .beingSetUp)
            let browser = try await fixture.browser(of: person)
            let reason = "is nog niet volledig opgezet in het systeem."
            #expect(String(buffer: try await browser.get().body).ranges(of: reason).count == 1)
            let refused = try await browser.choose("persphysiotherapist")
            #expect(refused.status == .unprocessableContent)
            #expect(String(buffer: refused.body).ranges(of: reason).count == 2)
        }
    }

    @Test("a form without its token, with another browser's, or without the cookie chooses nothing")
    func forgery() async throws {
        try await Fixture.run { fixture in
            let browser = try await fixture.browser(of: PersonID(UUID()))
            let other = try await fixture.browser(of: PersonID(UUID()))
            let token = try await other.formToken()
            #expect(try await browser.post("profile=citizen").status == .forbidden)
            #expect(try await browser.post("profile=citizen&csrf=\(token)").status == .forbidden)
            let own = try await browser.formToken()
            let stranger = Browser(
                fixture: fixture, id: browser.id, cookie: browser.cookie.prefix { $0 != "=" } + "=1.unknown")
            #expect(try await stranger.post("profile=citizen&csrf=\(own)").status == .forbidden)
            #expect(try await browser.post("profile=citizen&csrf=\(own)&profile=persphysician").status == .badRequest)
            #expect(fixture.neighbours.state.withLock { $0.choices.isEmpty })
        }
    }

    @Test("a passage ends with its interaction")
    func expired() async throws {
        try await Fixture.run { fixture in
            let browser = try await fixture.browser(of: PersonID(UUID()))
            let token = try await browser.formToken()
            let late = fixture.neighbours.interaction(
                of: PersonID(UUID()), expiresAt: fixture.base.now().adding(.seconds(600)))
            fixture.clock.advance(by: .seconds(601))
            #expect(try await fixture.send(.get, "/choose-profile?interaction=\(late)").status == .notFound)
            #expect(try await browser.get().status == .notFound)
            #expect(try await browser.post("profile=citizen&csrf=\(token)").status == .notFound)
        }
    }

    @Test("when authentication does not take the choice, the person can confirm it again")
    func choiceFails() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            let browser = try await fixture.browser(of: person)
            fixture.neighbours.state.withLock { $0.failingChoices = 1 }
            let failed = try await browser.choose("citizen")
            #expect(failed.status == .serviceUnavailable)
            #expect(try await browser.choose("citizen").status == .seeOther)
            #expect(try await fixture.choices(of: person) == ["citizen"])
        }
    }
}

/// A browser with the picker's cookie.
struct Browser: Sendable {
    let fixture: Fixture
    let id: InteractionID
    let cookie: String

    /// The token of the page's form, which depends on the cookie's secret alone.
    private var csrf: String {
        CSRF(key: fixture.config.formKey).token(for: String(cookie.drop { $0 != "." }.dropFirst()))
    }

    func get() async throws -> TestResponse {
        try await fixture.send(
            .get, "/choose-profile?interaction=\(id)", headers: [.cookie: cookie, .accept: "text/html"])
    }

    func post(_ form: String) async throws -> TestResponse {
        try await fixture.send(
            .post, "/choose-profile",
            headers: [.cookie: cookie, .accept: "text/html", .contentType: "application/x-www-form-urlencoded"],
            body: "interaction=\(id)&" + form)
    }

    /// The hidden field of the page's form.
    func formToken() async throws -> String {
        let html = String(buffer: try await get().body)
        let start = try #require(html.firstRange(of: #"name="csrf" value=""#)?.upperBound)
        return String(html[start...].prefix { $0 != "\"" })
    }

    func choose(_ profile: String, organisation: String = "") async throws -> TestResponse {
        try await post("profile=\(profile)&organisation=\(organisation)&csrf=\(csrf)")
    }
}

extension Fixture {
    func browser(of person: PersonID) async throws -> Browser {
        let id = neighbours.interaction(of: person, expiresAt: base.now().adding(.seconds(600)))
        let response = try await send(.get, "/choose-profile?interaction=\(id)")
        let cookie = try #require(response.headers[.setCookie])
        return Browser(fixture: self, id: id, cookie: String(cookie.prefix { $0 != ";" }))
    }

    func choices(of person: PersonID) async throws -> [String] {
        try await database.read { session in
            try session.query(
                """
                SELECT concat_ws(' ', kind, profession) FROM profile_choice WHERE person_id = \(person)
                ORDER BY chosen_at
                """
            ).map { try $0.decode(String.self) }
        }
    }
}
