import FoundationEssentials
import OrganisationRightsDomain
import Testing
import Vocabulary

@Suite("Decisions about organisations and rights")
struct OrganisationRightsDomainTests {
    private let organisation: Organisation
    private let today: LocalDate
    private let now = Instant(secondsSinceEpoch: 1_790_000_000)
    private let person = PersonID(UUID())
    private let rightID = RightID(UUID())

    init() throws {
        today = now.utcDate
        organisation = try Self.organisation()
    }

    private static func organisation(
        _ status: Organisation.Status = .active, riziv: String? = nil, name: String = "Ziekenhuis"
    ) throws -> Organisation {
        let numbers = try #require(
            Organisation.Numbers(
                enterprise: try EnterpriseNumber("1999902250"), riziv: try riziv.map { try RizivNumber($0) }))
        let type = try #require(OrganisationType(code: "orghospital"))
        return Organisation(
            id: OrganisationID(UUID()), version: 1,
            description: .init(numbers: numbers, name: name, type: type, status: status))
    }

    private func manager(_ role: AccessManager.Role, in organisation: OrganisationID? = nil) -> AccessManager {
        AccessManager(
            id: RightID(UUID()), version: 1, organisation: organisation ?? self.organisation.id,
            person: PersonID(UUID()), role: role)
    }

    private func period(_ start: Int = 0, _ end: Int? = nil) throws -> Period {
        try #require(Period(start: today.adding(days: start), end: end.map { today.adding(days: $0) }))
    }

    private func request(_ start: Int = 0, _ end: Int? = nil, role: String = "member") throws -> RightRequest {
        RightRequest(person: person, role: role, period: try period(start, end))
    }

    private func right(_ start: Int = 0, _ end: Int? = nil, state: Right.State = .active) throws -> Right {
        Right(
            id: RightID(UUID()), version: 1, organisation: organisation.id, person: person, role: "member",
            period: try period(start, end), state: state)
    }

    private func give(_ request: RightRequest, known: [Right] = []) -> Decision<Right> {
        mayGive(
            request, in: organisation, by: manager(.ordinary), known: known, catalogue: .standard, on: today,
            newID: rightID)
    }

    private func report(_ request: RightRequest, known: [Right] = []) -> Decision<ReportOutcome> {
        mayReport(request, in: organisation, known: known, catalogue: .standard, on: today, newID: rightID)
    }

    @Test("only an appointment in that very organisation lets somebody manage it")
    func managing() {
        #expect(mayManage(organisation, manager(.chief)).isAllowed)
        #expect(mayManage(organisation, manager(.ordinary)).isAllowed)
        #expect(mayManage(organisation, nil).refusal?.codes == [.notAccessManager])
        let elsewhere = manager(.chief, in: OrganisationID(UUID()))
        #expect(mayManage(organisation, elsewhere).refusal?.codes == [.notAccessManager])
    }

    @Test("whom to ask is told to whoever has something to do with an organisation that exists, and to nobody else")
    func asking() throws {
        let stopped = try Self.organisation(.stopped)
        for tie in Tie.allCases {
            #expect(mayKnowManagers(of: organisation, tie: tie).grant == tie)
            #expect(mayKnowManagers(of: stopped, tie: tie).refusal?.codes == [.notThere])
        }
        #expect(mayKnowManagers(of: organisation, tie: nil).refusal?.codes == [.notThere])
        #expect(mayKnowManagers(of: organisation, tie: nil).refusal == mayKnowManagers(of: stopped, tie: nil).refusal)
    }

    @Test(
        "only a chief appoints; an access manager appoints neither a chief nor another access manager",
        arguments: AccessManager.Role.allCases, AccessManager.Role.allCases)
    func appointing(_ appointer: AccessManager.Role, _ appointed: AccessManager.Role) {
        let decision = mayAppoint(
            person, as: appointed, in: organisation, known: nil, by: .manager(manager(appointer)), newID: rightID)
        if appointer == .chief {
            #expect(decision.isAllowed)
        } else {
            #expect(decision.refusal?.codes == [.managerMayNotAppoint])
        }
    }

    @Test("an authority appoints, changes a role under the same appointment, and repeats itself without effect")
    func appointedByRegister() {
        let known = AccessManager(
            id: rightID, version: 3, organisation: organisation.id, person: person, role: .ordinary)
        func decide(_ role: AccessManager.Role, _ known: AccessManager?) -> AppointOutcome? {
            mayAppoint(person, as: role, in: organisation, known: known, by: .register, newID: rightID).grant
        }
        #expect(decide(.ordinary, known) == .unchanged(known))
        guard case .appointed(let changed) = decide(.chief, known), case .appointed(let fresh) = decide(.chief, nil)
        else {
            Issue.record("nothing was appointed")
            return
        }
        #expect(changed.id == known.id)
        #expect(changed.version == 4)
        #expect(fresh.version == 1)
    }

    @Test("a stopped organisation appoints nobody and gives nothing, and rights in it can still be ended")
    func stopped() throws {
        let stopped = try Self.organisation(.stopped)
        let chief = manager(.chief, in: stopped.id)
        let appointment = mayAppoint(
            person, as: .ordinary, in: stopped, known: nil, by: .manager(chief), newID: rightID)
        #expect(appointment.refusal?.codes == [.organisationStopped])
        let given = mayGive(
            try request(), in: stopped, by: chief, known: [], catalogue: .standard, on: today, newID: rightID)
        #expect(given.refusal?.codes == [.organisationStopped])
        #expect(mayEnd(try right(), by: manager(.ordinary), at: now).isAllowed)
    }

    @Test("all that is wrong is told at once, most important first")
    func allReasons() throws {
        let stopped = try Self.organisation(.stopped)
        let decision = mayGive(
            try request(-1, role: "director"), in: stopped, by: manager(.chief, in: stopped.id), known: [],
            catalogue: .standard, on: today, newID: rightID)
        #expect(decision.refusal?.codes == [.rightRetroactive, .organisationStopped, .rightRoleUnknown])
    }

    @Test(
        "a right is given from today on, and not on a day on which it holds already",
        arguments: [
            (0, nil, 0, nil, false), (10, nil, 0, 9, true), (9, nil, 0, 9, false), (0, 4, 5, nil, true),
            (0, 5, 5, nil, false), (20, 30, 0, nil, false),
        ] as [(Int, Int?, Int, Int?, Bool)])
    func overlaps(_ start: Int, _ end: Int?, _ knownStart: Int, _ knownEnd: Int?, _ allowed: Bool) throws {
        let decision = give(try request(start, end), known: [try right(knownStart, knownEnd)])
        #expect(decision.isAllowed == allowed)
        if !allowed { #expect(decision.refusal?.codes == [.rightAlreadyGiven]) }
    }

    @Test("what was ended does not stand in the way of giving it again")
    func again() throws {
        #expect(give(try request(), known: [try right(state: .ended(at: now))]).grant?.version == 1)
        #expect(give(try request(-1)).refusal?.codes == [.rightRetroactive])
    }

    @Test("ending makes the next version, ending twice is refused, and so is another organisation's manager")
    func ending() throws {
        let ended = try #require(mayEnd(try right(), by: manager(.ordinary), at: now).grant)
        #expect(ended.version == 2)
        #expect(ended.endedAt == now)
        #expect(mayEnd(ended, by: manager(.chief), at: now).refusal?.codes == [.rightEnded])
        let elsewhere = manager(.chief, in: OrganisationID(UUID()))
        #expect(mayEnd(try right(), by: elsewhere, at: now).refusal?.codes == [.notAccessManager])
    }

    @Test("an authority reports the past, corrects a period, and does not bring back what was taken away")
    func reporting() throws {
        let known = try right(-10)
        guard case .given(let fresh) = report(try request(-10)).grant,
            case .changed(let changed) = report(try request(-10, 20), known: [known]).grant
        else {
            Issue.record("neither given nor changed")
            return
        }
        #expect(fresh.version == 1)
        #expect(changed.id == known.id)
        #expect(changed.version == 2)
        #expect(report(try request(-10), known: [known]).grant == .unchanged(known))
        let ended = try right(-10, state: .ended(at: now))
        #expect(report(try request(-10), known: [ended]).grant == .unchanged(ended))
        let halves = [try right(0, 4), try right(5, 9)]
        #expect(report(try request(0, 9), known: halves).refusal?.codes == [.rightAlreadyGiven])
    }

    @Test("a register's description adds numbers, changes names, and stops once")
    func registering() throws {
        let id = OrganisationID(UUID())
        let first = register(organisation.description, known: nil, newID: id)
        #expect(first == .registered(Organisation(id: id, version: 1, description: organisation.description)))
        #expect(register(organisation.description, known: organisation, newID: id) == .unchanged(organisation))
        let numbered = try Self.organisation(riziv: "79990158")
        let changed = register(numbered.description, known: organisation, newID: id).organisation
        #expect(changed.version == 2)
        #expect(changed.description.numbers.riziv?.digits == "79990158")
        // The next file does not have the number, and it stays.
        #expect(register(organisation.description, known: changed, newID: id) == .unchanged(changed))
        let stopped = try Self.organisation(.stopped)
        guard case .stopped(let over) = register(stopped.description, known: organisation, newID: id) else {
            Issue.record("not stopped")
            return
        }
        #expect(register(stopped.description, known: over, newID: id) == .unchanged(over))
    }

    @Test("a catalogue without roles, or with one twice, is none")
    func catalogue() {
        let role = RightRole(code: "a", name: LocalisedName(nl: "a", fr: "a", de: "a", en: "a"))
        #expect(RoleCatalogue([]) == nil)
        #expect(RoleCatalogue([role, role]) == nil)
        #expect(RoleCatalogue([role])?.contains("a") == true)
        #expect(RoleCatalogue.standard.contains("mandate-executor"))
    }
}
