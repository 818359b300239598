import Async
import FoundationEssentials
import HTTPTypes
import Hummingbird
import MandateRegistryContracts
import OrganisationRightsContracts
import Portal
import PortalDomain
import Postgres
import Testing
import Vocabulary

@Suite("Mandates given") struct MandatesGivenTests {
    private func mandate(_ status: MandateStatus = .active) throws -> GivenMandate {
        GivenMandate(
            mandateId: MandateID(UUID()), version: 1, type: .administrativeDossier, status: status,
            holderKind: "organisation", holderName: "Verzekeringen Noord NV", reference: "a1b2",
            profession: Profession.catalogue[0], startsOn: try #require(LocalDate("2026-01-01")), endsOn: nil)
    }

    @Test("a grantor sees what she gave, is asked to confirm, and stops it")
    func stops() async throws {
        try await withPortal { world in
            let given = try mandate()
            let expired = try mandate(.expired)
            world.services.state.withLock { $0.given = [given, expired] }
            let browser = try await world.signedIn()
            let list = try await browser.get("/mandates")
            #expect(list.contains("Verzekeringen Noord NV"))
            #expect(list.contains("/mandates/\(given.mandateId)/stop"))
            #expect(!list.contains("/mandates/\(expired.mandateId)/stop"))
            let confirm = try await browser.get("/mandates/\(given.mandateId)/stop")
            #expect(confirm.contains("Dit mandaat stoppen?"))
            #expect(confirm.contains("verliest meteen de toegang"))
            #expect(world.services.state.withLock { $0.given[0].status } == .active)
            let done = try await browser.submit(confirm, to: "/mandates/\(given.mandateId)/stop")
            #expect(done.path == "/mandates?stopped=\(given.mandateId)")
            #expect(done.contains("is gestopt"))
            #expect(world.services.state.withLock { $0.given[0].status } == .stopped)
            #expect(try await browser.submit(confirm, to: "/mandates/\(given.mandateId)/stop").status == .conflict)
        }
    }

    @Test("a grantor sees by name whom she stops, and which of two of one name")
    func named() async throws {
        try await withPortal { world in
            let given = try ["A47A163B", "02C5A86F"].map { reference in
                GivenMandate(
                    mandateId: MandateID(UUID()), version: 1, type: .administrativeDossier, status: .active,
                    holderKind: "person", holderName: "Chloé Dubois", reference: reference,
                    profession: Profession.catalogue[0], startsOn: try #require(LocalDate("2026-01-01")), endsOn: nil)
            }
            world.services.state.withLock { $0.given = given }
            let browser = try await world.signedIn()
            let list = try await browser.get("/mandates")
            for mandate in given { #expect(list.contains("Chloé Dubois (kenmerk \(mandate.reference))")) }
            let confirm = try await browser.get("/mandates/\(given[1].mandateId)/stop")
            #expect(confirm.contains("Chloé Dubois (kenmerk 02C5A86F)"))
            let unasked = GivenMandate(
                mandateId: MandateID(UUID()), version: 1, type: .administrativeDossier, status: .active,
                holderKind: "person", holderName: nil, nameUnavailable: true, reference: "11AA22BB",
                profession: Profession.catalogue[0], startsOn: given[0].startsOn, endsOn: nil)
            world.services.state.withLock { $0.given = [unasked] }
            #expect(
                try await browser.get("/mandates").contains("Een persoon (kenmerk 11AA22BB), naam nu niet gekend"))
        }
    }

    @Test("who gave more than a page shows reaches the older ones and stops them")
    func older() async throws {
        try await withPortal { world in
            let given = try (0..<201).map { _ in try mandate() }
            world.services.state.withLock { $0.given = given }
            let browser = try await world.signedIn()
            let newest = try await browser.get("/mandates")
            let older = "/mandates?after=\(given[199].mandateId)"
            #expect(newest.contains(older) && newest.contains("Oudere mandaten"))
            #expect(!newest.contains("\(given[200].mandateId)"))
            let last = try await browser.get(older)
            #expect(last.contains("/mandates/\(given[200].mandateId)/stop"))
            #expect(last.contains("Nieuwste mandaten") && !last.contains("Oudere mandaten"))
            let path = "/mandates/\(given[200].mandateId)/stop"
            let done = try await browser.submit(try await browser.get(path), to: path)
            #expect(done.contains("is gestopt"))
            #expect(world.services.state.withLock { $0.given[200].status } == .stopped)
        }
    }

    @Test("a mandate of somebody else is not there")
    func others() async throws {
        try await withPortal { world in
            let browser = try await world.signedIn()
            let list = try await browser.get("/mandates")
            for id in [MandateID(UUID()).description, "x"] {
                #expect(try await browser.get("/mandates/\(id)/stop").status == .notFound)
                #expect(try await browser.submit(list, to: "/mandates/\(id)/stop").status == .notFound)
            }
        }
    }
}

@Suite("Access to an organisation") struct OrganisationTests {
    private func path(_ world: PortalWorld) -> String {
        "/organisations/\(world.services.state.withLock { $0.organisation })"
    }

    @Test("an access manager gives a right and takes it away; the national number is in no address")
    func givesAndEnds() async throws {
        try await withPortal { world in
            world.services.state.withLock { $0.manages = true }
            let browser = try await world.signedIn()
            let page = try await browser.get(path(world))
            #expect(page.contains("Niemand heeft nu een recht"))
            let given = try await browser.submit(
                page, to: path(world),
                [
                    "nationalNumber": "85.07.30-033.28", "lastName": "Peeters", "role": "member",
                    "startsOn": world.clock.now.utcDate.description,
                    "endsOn": "",
                ])
            #expect(given.path.hasPrefix("\(path(world))?given="))
            #expect(given.contains("Het recht is gegeven"))
            #expect(given.contains("85.07.30-***.**"))
            #expect(!given.body.contains("033.28"))
            let right = try #require(world.services.state.withLock { $0.rights.first?.rightId })
            let confirm = try await browser.get("\(path(world))/rights/\(right)/end")
            #expect(confirm.contains("Dit recht beëindigen?"))
            let ended = try await browser.submit(confirm, to: "\(path(world))/rights/\(right)/end")
            #expect(ended.contains("Het recht is beëindigd"))
            #expect(world.services.state.withLock { $0.rights.first?.status } == .ended)
            #expect(ended.contains("Niemand heeft nu een recht"))
            let past = try await browser.get("\(path(world))?show=ended")
            #expect(past.contains("85.07.30-***.**") && past.contains("Beëindigd"))
            #expect(!past.contains("rights/\(right)/end"))
            #expect(try await !browser.get("\(path(world))?given=\(right)").contains("Het recht is gegeven"))
        }
    }

    @Test("a right that waits is told as such, stands in a list of its own, and is withdrawn")
    func waits() async throws {
        try await withPortal { world in
            world.services.state.withLock { $0.manages = true }
            let browser = try await world.signedIn()
            let waiting = try await browser.submit(
                try await browser.get(path(world)), to: path(world),
                [
                    "nationalNumber": "85.07.30-033.28", "lastName": GiveRight.nobody, "role": "member",
                    "startsOn": world.clock.now.utcDate.description, "endsOn": "",
                ])
            #expect(waiting.path.hasPrefix("\(path(world))?show=waiting&given="))
            #expect(waiting.contains("Het recht wacht tot iemand met dit nummer zich aanmeldt"))
            #expect(waiting.contains("\(GiveRight.nobody) (85.07.30-***.**)"))
            #expect(waiting.contains("Wacht tot iemand met dit nummer zich aanmeldt"))
            #expect(!waiting.contains("Het recht is gegeven"))
            let active = try await browser.get(path(world))
            #expect(active.contains("Niemand heeft nu een recht") && active.contains("?show=waiting"))
            let right = try #require(world.services.state.withLock { $0.rights.first?.rightId })
            let confirm = try await browser.get("\(path(world))/rights/\(right)/end")
            #expect(confirm.contains("Dit recht intrekken?"))
            let withdrawn = try await browser.submit(confirm, to: "\(path(world))/rights/\(right)/end")
            #expect(withdrawn.contains("Het recht is ingetrokken") && withdrawn.contains("Nooit begonnen"))
            #expect(!withdrawn.contains("rights/\(right)/end"))
        }
    }

    @Test("who gave too many rights that wait reads until when, and loses nothing")
    func tooMany() async throws {
        try await withPortal { world in
            world.services.state.withLock {
                $0.manages = true
                $0.refusesRight = [
                    Reason(
                        ReasonCode(rawValue: "right.too-many-waiting"), facts: ["until": world.clock.now.description],
                        remedy: .wait("waiting-rights"))
                ]
            }
            let browser = try await world.signedIn()
            let answer = try await browser.submit(
                try await browser.get(path(world)), to: path(world),
                [
                    "nationalNumber": "85073003328", "lastName": "Peeters", "role": "member",
                    "startsOn": world.clock.now.utcDate.description, "endsOn": "",
                ])
            #expect(answer.reasons == ["right.too-many-waiting"])
            #expect(answer.contains("U gaf veel rechten die nog op iemand wachten. U kan vanaf "))
            #expect(answer.contains("value=\"Peeters\""))
        }
    }

    @Test(
        "a form with something wrong gives nothing",
        arguments: [
            ["nationalNumber": "85.07.30-033.27"], ["role": "director"], ["startsOn": "2020-01-01"],
            ["startsOn": "morgen"],
            ["endsOn": "2020-01-01"], ["nationalNumber": ""], ["role": ""], ["lastName": ""],
            ["lastName": String(repeating: "a", count: 101)],
        ])
    func flaws(_ change: [String: String]) async throws {
        try await withPortal { world in
            world.services.state.withLock { $0.manages = true }
            let browser = try await world.signedIn()
            let page = try await browser.get(path(world))
            let good = [
                "nationalNumber": "85073003328", "lastName": "Peeters", "role": "member",
                "startsOn": world.clock.now.utcDate.description, "endsOn": "",
            ]
            let answer = try await browser.submit(page, to: path(world), good.merging(change) { $1 })
            #expect(answer.status == .unprocessableContent)
            #expect(answer.contains("class=\"error-summary\""))
            #expect(world.services.state.withLock { $0.rights.isEmpty })
        }
    }

    @Test("an access manager sees by name who has a right, and by the number's birth date which of one name")
    func named() async throws {
        try await withPortal { world in
            let right = OrganisationRights.Right(
                rightId: RightID(UUID()), version: 1, personName: "Jan De Smet",
                maskedNationalNumber: "90.05.05-***.**", role: "member", status: .active,
                startsOn: world.clock.now.utcDate, endsOn: nil)
            world.services.state.withLock {
                $0.manages = true
                $0.rights = [right]
            }
            let browser = try await world.signedIn()
            for page in [path(world), "\(path(world))/rights/\(right.rightId)/end"] {
                #expect(try await browser.get(page).contains("Jan De Smet (90.05.05-***.**)"))
            }
            let unasked = OrganisationRights.Right(
                rightId: right.rightId, version: 1, nameUnavailable: true,
                maskedNationalNumber: "90.05.05-***.**", role: "member", status: .active,
                startsOn: right.startsOn, endsOn: nil)
            world.services.state.withLock { $0.rights = [unasked] }
            for page in [path(world), "\(path(world))/rights/\(right.rightId)/end"] {
                #expect(try await browser.get(page).contains("90.05.05-***.** (naam nu niet gekend)"))
            }
        }
    }

    @Test("a refusal shows its reason beside the form")
    func refusal() async throws {
        try await withPortal { world in
            world.services.state.withLock {
                $0.manages = true
                $0.refusesRight = [Reason(ReasonCode(rawValue: "right.already-given"))]
            }
            let browser = try await world.signedIn()
            let page = try await browser.get(path(world))
            let answer = try await browser.submit(
                page, to: path(world),
                [
                    "nationalNumber": "85073003328", "lastName": "Peeters", "role": "member",
                    "startsOn": world.clock.now.utcDate.description, "endsOn": "",
                ])
            #expect(answer.reasons == ["right.already-given"])
            #expect(answer.contains("Het recht is niet gegeven"))
            #expect(answer.contains("id=\"nationalNumber-error\"") && answer.contains("aria-invalid=\"true\""))
        }
    }

    @Test("to somebody who manages nothing, no organisation is there")
    func stranger() async throws {
        try await withPortal { world in
            let browser = try await world.signedIn()
            #expect(try await browser.get("/organisations").reasons == ["manager.not-access-manager"])
            #expect(try await browser.get(path(world)).status == .notFound)
            #expect(try await browser.get("/organisations/x").status == .notFound)
        }
    }
}
