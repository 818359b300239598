import AuthenticationContracts
import ContractCore
import EventOutbox
import Following
import FoundationEssentials
import Imports
import Keys
import MandateRegistry
import MandateRegistryContracts
import MandateRegistryDomain
import Postgres
import Process
import TestBasics
import TestService
import TestStore
import Testing
import Vocabulary

@Suite("Mandates that wait until number and name turn out to be of one person")
struct WaitingMandateTests {
    private static let grantor = TestNumbers.national(day: 1)
    private static let holder = TestNumbers.national(day: 2)

    /// A grantor who is known with her dossier.
    private static func grantor(_ fixture: RegistryFixture) async throws -> GrantorDossier {
        let grantor = PersonID(UUID())
        fixture.persons.add(Self.grantor, grantor)
        return try await fixture.dossier(of: grantor)
    }

    private static func signsIn(_ person: PersonID, _ fixture: RegistryFixture) async throws {
        let session = SessionState(
            sessionId: SessionID(UUID()), version: 1, personId: person, acr: 400, startedAt: fixture.clock.now(),
            endedAt: nil, endReason: nil)
        let handled = try await fixture.project(
            .authentication, SessionState.started, key: session.sessionId.uuid, version: 1, session)
        #expect(handled == .applied)
    }

    private static func waiting(_ fixture: RegistryFixture) async throws -> Int {
        try await fixture.count("SELECT count(*) FROM waiting_mandate")
    }

    private static func compared(_ fixture: RegistryFixture) async throws -> Bool {
        try await eventually {
            try await fixture.count("SELECT count(*) FROM waiting_mandate WHERE due_at IS NOT NULL") == 0
        }
    }

    private static func audits(_ action: String, _ fixture: RegistryFixture) async throws -> Int {
        try await fixture.count("SELECT count(*) FROM audit_record WHERE action = \(action)")
    }

    private static func events(_ type: String, _ fixture: RegistryFixture) async throws -> Int {
        try await fixture.count("SELECT count(*) FROM outbox WHERE type = \(type)")
    }

    @Test("a number that passes its check digits and is somebody else's opens nothing to her, now or when she signs in")
    func mistyped() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await Self.grantor(fixture)
            let stranger = PersonID(UUID())
            fixture.persons.add(Self.holder, stranger, "Vogel")
            #expect(try await fixture.importer().take([.mandate(2, holder: 2)]) == [.waits])
            try await fixture.services.atWork { () async throws in
                try await Self.signsIn(stranger, fixture)
                #expect(try await Self.compared(fixture))
            }
            let token = try fixture.personToken(stranger)
            #expect(try await fixture.exchange(dossier.id, subject: token).reasons == ["mandate.none"])
            #expect(try await Self.waiting(fixture) == 1)
            #expect(try await Self.events(MandateState.activated, fixture) == 0)
        }
    }

    @Test("who delivers reads the same of a number that nobody has and of a known one under another name")
    func sameWords() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await Self.grantor(fixture)
            let known = PersonID(UUID())
            fixture.persons.add(Self.holder, known, "Vogel")
            // She holds the very mandate already, which whoever does not know her name must not learn.
            _ = try await fixture.mandate(
                from: dossier, to: .person(known), start: try LocalDate("2026-01-01").orThrow())
            let rows: [ImportRow] = [.mandate(2, holder: 2), .mandate(3, holder: 3)]
            #expect(try await fixture.importer().take(rows) == [.waits, .waits])
            #expect(try await fixture.importer().take(rows) == [.waits, .waits])
            #expect(try await Self.waiting(fixture) == 2)
            #expect(try await Self.audits("mandate.import", fixture) == 2)
            let ends = try await fixture.importer().take([
                .mandate(2, holder: 2, holderName: "Claes", status: "stopped"),
                .mandate(3, holder: 3, holderName: "Claes", status: "stopped"),
                .mandate(4, holder: 4, holderName: "Claes", status: "renounced"),
                .mandate(5, grantor: 9, holder: 2, status: "stopped"),
            ])
            #expect(Set(ends.map { "\($0)" }).count == 1 && "\(ends)".contains("no mandate of this type and period"))
            #expect(fixture.persons.person(TestNumbers.national(day: 4)) == nil, "an end makes nobody a person")
        }
    }

    @Test("it begins when somebody with the number signs in whose name agrees; the file again changes nothing")
    func begins() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await Self.grantor(fixture)
            #expect(try await fixture.importer().take([.mandate(2, holder: 2)]) == [.waits])
            let holder = try fixture.persons.person(Self.holder).orThrow()
            let token = try fixture.personToken(holder)
            #expect(try await fixture.exchange(dossier.id, subject: token).status != 200)
            fixture.persons.add(Self.holder, holder, "DU BOIS")
            try await fixture.services.atWork { () async throws in
                try await Self.signsIn(holder, fixture)
                #expect(try await eventually { try await fixture.exchange(dossier.id, subject: token).status == 200 })
            }
            #expect(try await Self.waiting(fixture) == 0)
            #expect(try await Self.events(MandateState.activated, fixture) == 1)
            #expect(try await Self.audits("mandate.start", fixture) == 1)
            #expect(try await fixture.importer().take([.mandate(2, holder: 2)]) == [.unchanged])
            #expect(try await Self.waiting(fixture) == 0)
        }
    }

    @Test("a delivery that agrees takes the place of what waits, before anybody compares")
    func delivered() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await Self.grantor(fixture)
            #expect(try await fixture.importer().take([.mandate(2, holder: 2)]) == [.waits])
            fixture.persons.add(Self.holder, try fixture.persons.person(Self.holder).orThrow(), "Dubois")
            #expect(try await fixture.importer().take([.mandate(2, holder: 2)]) == [.added])
            #expect(try await Self.waiting(fixture) == 0)
            #expect(try await fixture.count("SELECT count(*) FROM mandate") == 1)
        }
    }

    @Test("the file ends what waits, and a mandate in either way, with its event and its dossier contexts")
    func ended() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await Self.grantor(fixture)
            let handler = try fixture.importer()
            #expect(try await handler.take([.mandate(2, holder: 2)]) == [.waits])
            #expect(try await handler.take([.mandate(2, holder: 2, status: "stopped")]) == [.changed])
            #expect(try await Self.waiting(fixture) == 0)
            let holder = try fixture.persons.person(Self.holder).orThrow()
            fixture.persons.add(Self.holder, holder, "Dubois")
            try await fixture.services.atWork { () async throws in
                try await Self.signsIn(holder, fixture)
                #expect(try await Self.compared(fixture))
            }
            #expect(try await Self.events(MandateState.activated, fixture) == 0)
            for (line, status) in [(2, "stopped"), (3, "renounced")] {
                let start = "2026-0\(line)-01"
                #expect(try await handler.take([.mandate(line, holder: 2, start: start)]) == [.added])
                let context = try await fixture.open(dossier.id, subject: try fixture.personToken(holder))
                let end = ImportRow.mandate(line, holder: 2, start: start, status: status)
                let mistaken = ImportRow.mandate(
                    line, holder: 2, start: start, grantorName: "Peters", status: status)
                guard case .refused = try await handler.take([mistaken])[0] else {
                    Issue.record("a row with another grantor's name ended a mandate")
                    return
                }
                #expect(try await handler.take([end, end]) == [.changed, .unchanged])
                #expect(try await !fixture.introspect(context).active)
                #expect(try await Self.events("mandate.\(status)", fixture) == 1)
                #expect(try await handler.take([.mandate(line, holder: 2, start: start)]) == [.unchanged])
            }
            #expect(try await Self.audits("mandate.import-end", fixture) == 3)
        }
    }

    @Test("what waits ends by time, beyond its last day, and when holder or grantor is erased; its name lies sealed")
    func lapses() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await Self.grantor(fixture)
            let rows: [ImportRow] = [
                .mandate(2, holder: 2), .mandate(3, holder: 3, end: "2026-07-01"), .mandate(4, holder: 4),
                .mandate(5, holder: 5, start: "2027-01-01"),
            ]
            #expect(try await fixture.importer().take(rows) == [.waits, .waits, .waits, .waits])
            let plain = try await fixture.count(
                "SELECT count(*) FROM waiting_mandate WHERE position('Dubois'::bytea IN last_name) > 0")
            #expect(plain == 0)
            func erase(_ person: PersonID) async throws {
                let handled = try await fixture.project(
                    .authentication, PersonNotice.erased, key: person.uuid, version: 2,
                    PersonNotice(personId: person, version: 2))
                #expect(handled == .applied)
            }
            try await erase(try fixture.persons.person(TestNumbers.national(day: 4)).orThrow())
            #expect(try await Self.waiting(fixture) == 3)
            // Its last day is past.
            fixture.clock.advance(.seconds(40 * 86_400))
            try await fixture.housekeeping().once()
            #expect(try await Self.waiting(fixture) == 2)
            // What is delivered again waits on; the other one has waited for 90 days.
            #expect(try await fixture.importer().take([rows[3]]) == [.waits])
            fixture.clock.advance(.seconds(51 * 86_400))
            try await fixture.housekeeping().once()
            #expect(try await Self.waiting(fixture) == 1)
            #expect(try await Self.audits("mandate.lapse", fixture) == 2)
            try await erase(dossier.person)
            #expect(try await Self.waiting(fixture) == 0)
            #expect(try await Self.events(MandateState.activated, fixture) == 0)
        }
    }

    @Test("delivered names come under a new key by themselves, and a key that is gone is named at the start")
    func sealed() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await Self.grantor(fixture)
            #expect(try await fixture.importer().take([.mandate(2, holder: 2)]) == [.waits])
            let next = RegistryConfiguration(nameKey: try RegistryFixture.nameKey("2"))
            let assembly = MandateRegistryService.assemble(next, fixture.base, persons: fixture.persons)
            let housekeeping = try assembly.services.compactMap { $0 as? Housekeeping }.first.orThrow()
            await housekeeping.once()
            #expect(try await fixture.count("SELECT count(*) FROM waiting_mandate WHERE key_id = '2'") == 1)
            // It opens still.
            let holder = try fixture.persons.person(Self.holder).orThrow()
            fixture.persons.add(Self.holder, holder, "Dubois")
            let lone = RegistryConfiguration(
                nameKey: try SealingKey(currentID: "1", keys: ["1": Array(repeating: 9, count: 32)]).orThrow())
            let check = try MandateRegistryService.storedKeyCheck(lone, fixture.base)
            let unknown = try await fixture.database.read { session in try check(session) }
            #expect(unknown.count == 1 && unknown.first?.contains("waiting_mandate.last_name") == true)
            try await fixture.services.atWork { () async throws in
                try await Self.signsIn(holder, fixture)
                #expect(try await eventually { try await Self.events(MandateState.activated, fixture) == 1 })
            }
        }
    }

    @Test("nothing begins while the facts are in doubt; what had begun in the time that was lost does not begin again")
    func restored() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await Self.grantor(fixture)
            #expect(try await fixture.importer().take([.mandate(2, holder: 2)]) == [.waits])
            let holder = try fixture.persons.person(Self.holder).orThrow()
            fixture.persons.add(Self.holder, holder, "Dubois")
            func doubt(_ isDoubted: Bool) async throws {
                try await fixture.database.transaction { session in
                    try AdoptionStore.doubt(3, of: .mandateRegistry, isDoubted, in: session)
                }
            }
            try await doubt(true)
            guard case .refused(let why) = try await fixture.importer().take([.mandate(3, holder: 3)])[0] else {
                Issue.record("a mandate was taken into a register in doubt")
                return
            }
            #expect(why.contains("may be out of date"))
            let id = try await fixture.database.read { session in
                try session.first("SELECT id FROM waiting_mandate")?.decode(UUID.self)
            }.orThrow()
            let told = ToldAggregate(kind: "mandate", key: id, version: 3, envelope: "")
            let draft = try await fixture.database.transaction { session in
                try RestateMandates.restate(told, in: session)
            }
            #expect(draft == nil)
            #expect(try await Self.waiting(fixture) == 0)
            try await doubt(false)
            try await fixture.services.atWork { () async throws in
                try await Self.signsIn(holder, fixture)
                #expect(try await Self.compared(fixture))
            }
            #expect(try await Self.events(MandateState.activated, fixture) == 0)
        }
    }

    @Test("of imports that deliver the same at once each row waits once, and is taken once")
    func race() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await Self.grantor(fixture)
            fixture.persons.add(Self.holder, PersonID(UUID()), "Dubois")
            let rows: [ImportRow] = [.mandate(2, holder: 2), .mandate(3, holder: 3)]
            let handler = try fixture.importer()
            let verdicts = try await withThrowingTaskGroup(of: [ImportVerdict].self) { group in
                for _ in 0..<4 { group.addTask { try await handler.take(rows) } }
                return try await group.reduce(into: [[ImportVerdict]]()) { $0.append($1) }
            }
            #expect(verdicts.filter { $0[0] == .added }.count == 1)
            #expect(verdicts.allSatisfy { $0[1] == .waits })
            #expect(try await Self.waiting(fixture) == 1)
            #expect(try await fixture.count("SELECT count(*) FROM mandate") == 1)
        }
    }
}
