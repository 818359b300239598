import FoundationEssentials
import MandateRegistryDomain
import Testing
import Vocabulary

/// Mandates that are delivered for a number and a name: when they are taken, wait, begin and end.
@Suite("Mandates that wait")
struct WaitingMandateTests {
    private let fixture: RegistryFixture
    private let newID = MandateID(UUID())
    private let patience: Duration = .seconds(1000)

    init() throws { fixture = try RegistryFixture() }

    private func waiting(_ name: String = "Dubois", until end: LocalDate? = nil) throws -> WaitingMandate {
        try #require(
            WaitingMandate(
                id: MandateID(UUID()), terms: try fixture.terms(to: .person(fixture.holder), until: end),
                lastName: try LastName(name), until: fixture.noon.adding(.seconds(10))))
    }

    private func facts(
        _ known: String?, _ mandates: [RegisteredMandate] = [], waiting: [WaitingMandate] = []
    ) throws -> HolderFacts {
        HolderFacts(delivered: try LastName("Dubois"), known: known, mandates: mandates, waiting: waiting)
    }

    private func deliver(
        _ holder: HolderFacts, by grantorName: String = "Peeters", dossier: Knowledge<GrantorDossier>? = nil
    ) throws -> Decision<DeliveryOutcome> {
        mayDeliver(
            try fixture.delivered(by: grantorName), dossier: dossier ?? .known(fixture.openDossier()), holder: holder,
            patience: patience, at: fixture.noon, on: fixture.today, newID: newID)
    }

    @Test("what is known of a person whose name was not delivered changes nothing in the outcome")
    func blind() throws {
        let active = try fixture.mandate(to: .person(fixture.holder))
        let overlapping = try fixture.mandate(to: .person(fixture.holder), from: fixture.tomorrow)
        let stopped = try mayEnd(active, by: .grantor, at: fixture.noon, on: fixture.today).get()
        let delivered = try fixture.delivered()
        for waiting in [[], [try waiting()], [try waiting("Vogel")]] {
            let strangers = try [nil, "Vogel"].flatMap { name in
                try [[], [active], [overlapping], [stopped]].map { try facts(name, $0, waiting: waiting) }
            }
            let unknown = try deliver(strangers[0])
            #expect(try strangers.allSatisfy { try deliver($0) == unknown })
            let ends = strangers.map { holder in
                mayReportEnd(
                    of: delivered, by: .grantor, dossier: fixture.openDossier(), holder: holder, at: fixture.noon,
                    on: fixture.today)
            }
            #expect(Set(ends).count == 1)
        }
    }

    @Test("a number and name of one person take the mandate at once, and what waited for her ends")
    func agrees() throws {
        let terms = try fixture.terms(to: .person(fixture.holder))
        let (mine, other) = (try waiting("DUBOIS"), try waiting("Vogel"))
        #expect(try deliver(facts("dubois")).grant == .taken(.grant(terms), ending: nil))
        #expect(try deliver(facts("Dubois", waiting: [other, mine])).grant == .taken(.grant(terms), ending: mine.id))
        let known = try fixture.mandate(to: .person(fixture.holder))
        #expect(try deliver(facts("Dubois", [known])).grant == .taken(.alreadyKnown(known), ending: nil))
    }

    @Test("any other waits, in one row for the same terms and name, which a repetition prolongs")
    func waits() throws {
        let terms = try fixture.terms(to: .person(fixture.holder))
        func expected(_ id: MandateID) throws -> WaitingMandate {
            try #require(
                WaitingMandate(
                    id: id, terms: terms, lastName: try LastName("Dubois"), until: fixture.noon.adding(patience)))
        }
        #expect(try deliver(facts(nil)).grant == .waits(try expected(newID)))
        #expect(try deliver(facts("Vogel", waiting: [try waiting("Vogel")])).grant == .waits(try expected(newID)))
        #expect(
            try deliver(facts(nil, waiting: [try waiting(until: fixture.tomorrow)])).grant
                == .waits(try expected(newID)))
        let same = try waiting("DU BOIS")
        #expect(try deliver(facts(nil, waiting: [same])).grant == .waitsOn(try expected(same.id)))
    }

    @Test("a grantor who is called otherwise has no dossier, whoever the holder is")
    func grantorDiffers() throws {
        for name in [nil, "Dubois", "Vogel"] {
            let absent = try deliver(facts(name), dossier: .absent)
            #expect(try deliver(facts(name), by: "Peters") == absent)
            #expect(absent.refusal?.codes == [.dossierUnknown])
        }
        let nameless = GrantorDossier(
            id: fixture.dossier, version: 1, person: fixture.grantor, lastName: "", profession: fixture.physician,
            state: .open, hasRizivNumber: true)
        #expect(try deliver(facts("Dubois"), dossier: .known(nameless)).refusal?.codes == [.dossierUnknown])
    }

    @Test("an organisation has a number alone, and waits for nobody")
    func organisation() throws {
        let delivered = try fixture.delivered(to: .organisation(fixture.organisation))
        func decide(_ isActive: Bool) -> Decision<DeliveryOutcome> {
            mayDeliver(
                delivered, dossier: .known(fixture.openDossier()),
                holder: HolderFacts(organisationIsActive: isActive, mandates: []), patience: patience,
                at: fixture.noon, on: fixture.today, newID: newID)
        }
        let terms = try fixture.terms(to: .organisation(fixture.organisation))
        #expect(decide(true).grant == .taken(.grant(terms), ending: nil))
        #expect(decide(false).refusal?.codes == [.organisationStopped])
        #expect(
            WaitingMandate(id: newID, terms: terms, lastName: try LastName("Dubois"), until: fixture.noon) == nil)
    }

    @Test("an end takes the mandate of the person who is called so, and what waits under that name, by either party")
    func ends() throws {
        let active = try fixture.mandate(to: .person(fixture.holder))
        let otherPeriod = try fixture.mandate(to: .person(fixture.holder), from: fixture.tomorrow)
        let waiting = try waiting()
        func end(
            _ known: String?, _ mandates: [RegisteredMandate], _ waiting: [WaitingMandate] = [],
            by party: RegisteredMandate.Party = .grantor, dossier: GrantorDossier? = nil
        ) throws -> EndReport? {
            mayReportEnd(
                of: try fixture.delivered(), by: party, dossier: dossier ?? fixture.openDossier(.closed),
                holder: try facts(known, mandates, waiting: waiting), at: fixture.noon, on: fixture.today)
        }
        for (party, manner) in [
            (RegisteredMandate.Party.grantor, RegisteredMandate.End.Manner.stopped), (.holder, .renounced),
        ] {
            let report = try #require(try end("Dubois", [otherPeriod, active], by: party))
            guard case .ended(let end)? = report.ended?.state else {
                Issue.record("it did not end")
                return
            }
            #expect(end.manner == manner && report.ended?.id == active.id && report.ended?.version == 2)
        }
        let stopped = try mayEnd(active, by: .holder, at: fixture.noon, on: fixture.today).get()
        #expect(try end("Dubois", [stopped])?.changesNothing == true)
        #expect(try end("Dubois", [otherPeriod]) == nil)
        #expect(try end("Vogel", [active]) == nil)
        let withdrawn = try #require(try end("Vogel", [active], [waiting]))
        #expect(withdrawn.ended == nil && withdrawn.withdrawn == waiting)
        #expect(try end("Dubois", [active], dossier: fixture.openDossier(of: "Peters")) == nil)
    }

    @Test("it begins for her who is called so, once, while the dossier can give it and it still waits")
    func begins() throws {
        let waiting = try waiting(until: fixture.tomorrow)
        func begin(
            _ name: String?, _ dossier: Knowledge<GrantorDossier>? = nil, known: [RegisteredMandate] = [],
            after: Duration = .zero, on day: LocalDate? = nil
        ) -> StartOutcome {
            start(
                waiting, name: name, dossier: dossier ?? .known(fixture.openDossier()), known: known,
                at: fixture.noon.adding(after), on: day ?? fixture.today)
        }
        let started = RegisteredMandate.grant(waiting.terms, as: waiting.id, at: fixture.noon)
        #expect(begin("DUBOIS") == .started(started))
        #expect(begin("Vogel") == .waits)
        #expect(begin(nil) == .waits)
        #expect(begin("Dubois", after: .seconds(10)) == .over)
        #expect(begin("Dubois", on: fixture.today.adding(days: 2)) == .over)
        #expect(begin("Dubois", .uncertain) == .later)
        #expect(begin("Vogel", .uncertain) == .waits)
        #expect(begin("Dubois", .absent) == .over)
        #expect(begin("Dubois", .known(fixture.openDossier(rizivNumber: false))) == .over)
        #expect(begin("Dubois", known: [started]) == .over)
        #expect(begin("Dubois", known: [try fixture.mandate(to: .person(fixture.holder))]) == .over)
    }
}
