import FoundationEssentials
import MandateRegistryDomain
import Testing
import Vocabulary

@Suite("The life of a mandate")
struct MandateRegistryLifeTests {
    let fixture: RegistryFixture

    init() throws { fixture = try RegistryFixture() }

    private func offer(by party: RegisteredMandate.Party) throws -> RegisteredMandate {
        .offer(
            try fixture.terms(to: .person(fixture.holder)), as: MandateID(UUID()), by: party, at: fixture.noon)
    }

    @Test(
        "an offer becomes active by the signature of the other party only", arguments: RegisteredMandate.Party.allCases)
    func signing(by party: RegisteredMandate.Party) throws {
        let offered = try offer(by: party)
        let other: RegisteredMandate.Party = party == .grantor ? .holder : .grantor
        #expect(offered.signed(by: party, at: fixture.noon) == nil)
        let active = try #require(offered.signed(by: other, at: fixture.noon))
        #expect(active.version == 2)
        #expect(active.standing(on: fixture.today) == .inForce)
        #expect(active.signed(by: other, at: fixture.noon) == nil)
    }

    @Test("an offer is taken back by the party who made it and refused by the other")
    func endingAnOffer() throws {
        let expected: [(RegisteredMandate.Party, RegisteredMandate.Party, RegisteredMandate.End.Manner)] = [
            (.grantor, .grantor, .stopped), (.grantor, .holder, .refused), (.holder, .holder, .renounced),
            (.holder, .grantor, .refused),
        ]
        for (offeredBy, endedBy, manner) in expected {
            let ended = try mayEnd(try offer(by: offeredBy), by: endedBy, at: fixture.noon, on: fixture.today).get()
            #expect(ended.standing(on: fixture.today) == .over(manner))
        }
    }

    @Test("the grantor stops and the holder renounces, even before the first day")
    func ending() throws {
        for start in [fixture.yesterday, fixture.tomorrow] {
            let mandate = try fixture.mandate(to: .person(fixture.holder), from: start)
            #expect(
                try mayEnd(mandate, by: .grantor, at: fixture.noon, on: fixture.today).get().standing(on: start)
                    == .over(.stopped))
            let renounced = try mayEnd(mandate, by: .holder, at: fixture.noon, on: fixture.today).get()
            #expect(renounced.standing(on: start) == .over(.renounced))
            #expect(renounced.version == mandate.version + 1)
        }
    }

    @Test(
        "what is over stays over: ending it again is refused, by either party",
        arguments: RegisteredMandate.Party.allCases)
    func endingTwice(by party: RegisteredMandate.Party) throws {
        let stopped = try mayEnd(
            try fixture.mandate(to: .person(fixture.holder)), by: .grantor, at: fixture.noon, on: fixture.today
        ).get()
        let again = mayEnd(stopped, by: party, at: fixture.noon, on: fixture.today)
        #expect(again.refusal?.codes == [.mandateAlreadyEnded])
        #expect(again.refusal?.reasons.first?.facts["manner"] == "stopped")
        let past = try fixture.mandate(to: .person(fixture.holder), until: fixture.yesterday)
        #expect(
            mayEnd(past, by: party, at: fixture.noon, on: fixture.today).refusal?.reasons.first?.facts["manner"]
                == "expired")
    }

    @Test("a mandate expires after its last day, and only then")
    func expiry() throws {
        let mandate = try fixture.mandate(to: .person(fixture.holder), until: fixture.today)
        #expect(mandate.expired(on: fixture.today, at: fixture.noon) == nil)
        let expired = try #require(mandate.expired(on: fixture.tomorrow, at: fixture.noon))
        #expect(expired.version == 2)
        #expect(expired.expired(on: fixture.tomorrow, at: fixture.noon) == nil)
        #expect(try fixture.mandate(to: .person(fixture.holder)).expired(on: fixture.tomorrow, at: fixture.noon) == nil)
    }

    @Test("nobody holds a mandate of herself")
    func oneself() throws {
        let grantor = RegisteredMandate.Grantor(
            person: fixture.grantor, dossier: fixture.dossier, profession: fixture.physician)
        let period = try #require(Period(start: fixture.today, end: nil))
        #expect(
            RegisteredMandate.Terms(
                grantor: grantor, holder: .person(fixture.grantor), type: .socialStatute, period: period) == nil)
    }

    @Test("the parties are the grantor under any profile and the holder under the profile that holds it")
    func parties() throws {
        let personal = try fixture.mandate(to: .person(fixture.holder))
        let enterprise = try fixture.mandate(to: .organisation(fixture.organisation))
        let executor = Knowledge.known(try fixture.standing())
        func find(
            _ person: PersonID, _ profile: ProfileChoice, _ mandate: RegisteredMandate,
            _ organisation: Knowledge<OrganisationStanding> = .absent
        ) -> RegisteredMandate.Party? {
            party(Actor(person: person, profile: profile), to: mandate, organisation: organisation, on: fixture.today)
        }
        #expect(find(fixture.grantor, .citizen, personal) == .grantor)
        #expect(find(fixture.grantor, .profession(fixture.physician), enterprise) == .grantor)
        #expect(find(fixture.holder, .citizen, personal) == .holder)
        #expect(find(fixture.holder, .profession(fixture.pharmacist), personal) == nil)
        #expect(find(fixture.holder, .citizen, enterprise) == nil)
        #expect(find(fixture.holder, .organisation(fixture.organisation), enterprise, executor) == .holder)
        #expect(find(fixture.holder, .organisation(fixture.organisation), personal, executor) == nil)
        #expect(find(fixture.holder, .organisation(fixture.organisation), enterprise, .uncertain) == nil)
        #expect(find(fixture.stranger, .citizen, personal) == nil)
    }
}

@Suite("Taking delivered mandates into the register")
struct MandateRegistryGrantTests {
    let fixture: RegistryFixture

    init() throws { fixture = try RegistryFixture() }

    private func decide(
        _ delivered: DeliveredMandate, dossier: Knowledge<GrantorDossier>? = nil, organisationIsActive: Bool = true,
        earlier: [RegisteredMandate] = []
    ) -> Decision<GrantOutcome> {
        mayGrant(
            delivered, dossier: dossier ?? .known(fixture.openDossier()), organisationIsActive: organisationIsActive,
            earlier: earlier, on: fixture.today)
    }

    @Test("a new mandate is taken with the terms of the delivery")
    func granted() throws {
        #expect(decide(try fixture.delivered()).grant == .grant(try fixture.terms(to: .person(fixture.holder))))
    }

    @Test("a delivery that came before changes nothing, even if the mandate was ended since")
    func alreadyKnown() throws {
        let known = try fixture.mandate(to: .person(fixture.holder))
        let stopped = try mayEnd(known, by: .grantor, at: fixture.noon, on: fixture.today).get()
        #expect(decide(try fixture.delivered(), earlier: [known]).grant == .alreadyKnown(known))
        #expect(decide(try fixture.delivered(), earlier: [stopped]).grant == .alreadyKnown(stopped))
    }

    @Test("what cannot be taken is refused with its reason")
    func refused() throws {
        let overlapping = try fixture.mandate(to: .person(fixture.holder), from: fixture.tomorrow)
        let cases: [(Decision<GrantOutcome>, ReasonCode)] = [
            (decide(try fixture.delivered(), dossier: .absent), .dossierUnknown),
            (decide(try fixture.delivered(by: "Peters")), .dossierUnknown),
            (decide(try fixture.delivered(), dossier: .uncertain), .factsUnknown),
            (
                decide(try fixture.delivered(), dossier: .known(fixture.openDossier(rizivNumber: false))),
                .mandateNeedsRizivNumber
            ),
            (decide(try fixture.delivered(to: .person(fixture.grantor))), .mandateToOneself),
            (
                decide(try fixture.delivered(to: .organisation(fixture.organisation)), organisationIsActive: false),
                .organisationStopped
            ),
            (decide(try fixture.delivered(until: fixture.yesterday)), .mandateExpired),
            (decide(try fixture.delivered(), earlier: [overlapping]), .mandateOverlaps),
        ]
        for (decision, code) in cases { #expect(decision.refusal?.codes == [code]) }
    }

    @Test("an ended mandate does not stand in the way of a new one over the same days")
    func endedDoesNotOverlap() throws {
        let stopped = try mayEnd(
            try fixture.mandate(to: .person(fixture.holder), until: fixture.tomorrow), by: .holder, at: fixture.noon,
            on: fixture.today
        ).get()
        #expect(
            decide(try fixture.delivered(), earlier: [stopped]).grant
                == .grant(try fixture.terms(to: .person(fixture.holder))))
    }

    @Test("two mandates overlap exactly when they have a day in common", arguments: 0..<64)
    func overlapAgreesWithDays(seed: Int) throws {
        let (start, length) = (seed % 8 - 4, seed / 8 % 4)
        let earlier = try fixture.mandate(
            to: .person(fixture.holder), from: fixture.today, until: fixture.today.adding(days: 2))
        let later = try fixture.delivered(
            from: fixture.today.adding(days: start), until: fixture.today.adding(days: start + length))
        let common = Set(start...(start + length)).intersection(0...2)
        let isOver = start + length < 0
        let codes = decide(later, earlier: [earlier]).refusal?.codes
        if isOver {
            #expect(codes == [.mandateExpired])
        } else if start == 0, length == 2 {
            #expect(codes == nil)
        } else {
            #expect(codes == (common.isEmpty ? nil : [.mandateOverlaps]))
        }
    }
}
