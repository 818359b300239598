import FoundationEssentials
import OrganisationRightsDomain
import TestBasics
import Testing
import Vocabulary

/// Rights that are given to a number and a name, and when they begin.
@Suite("Rights that wait")
struct WaitingRightTests {
    private let organisation: Organisation
    private let manager: AccessManager
    private let today: LocalDate
    private let now = Instant(secondsSinceEpoch: 1_790_000_000)
    private let person = PersonID(UUID())
    private let rightID = RightID(UUID())
    private let typed: LastName

    init() throws {
        today = now.utcDate
        let numbers = try #require(
            Organisation.Numbers(enterprise: try EnterpriseNumber("1999902250"), riziv: nil))
        organisation = Organisation(
            id: OrganisationID(UUID()), version: 1,
            description: .init(
                numbers: numbers, name: "Ziekenhuis", type: try #require(OrganisationType(code: "orghospital")),
                status: .active))
        manager = AccessManager(
            id: RightID(UUID()), version: 1, organisation: organisation.id, person: PersonID(UUID()), role: .ordinary)
        typed = try LastName("De Smet")
    }

    private func period(_ start: Int = 0, _ end: Int? = nil) throws -> Period {
        try #require(Period(start: today.adding(days: start), end: end.map { today.adding(days: $0) }))
    }

    private func request(_ start: Int = 0, _ end: Int? = nil, role: String = "member") throws -> RightRequest {
        RightRequest(person: person, role: role, period: try period(start, end))
    }

    private func right(_ start: Int = 0, _ end: Int? = nil) throws -> Right {
        Right(
            id: RightID(UUID()), version: 1, organisation: organisation.id, person: person, role: "member",
            period: try period(start, end), state: .active)
    }

    private func waiting(_ start: Int = 0, _ end: Int? = nil, name: String = "De Smet") throws -> WaitingRight {
        WaitingRight(
            id: RightID(UUID()), organisation: organisation.id, request: try request(start, end),
            lastName: try LastName(name), until: now.adding(WaitingRight.patience))
    }

    private func give(_ request: RightRequest, _ facts: HolderFacts) -> Decision<GiveOutcome> {
        mayGive(
            request, to: typed, known: facts, in: organisation, by: manager, catalogue: .standard, on: today, at: now,
            newID: rightID)
    }

    private func begin(
        _ waiting: WaitingRight, name: String?, known: [Right] = [], at moment: Instant? = nil,
        in organisation: Organisation? = nil
    ) -> StartOutcome {
        let moment = moment ?? now
        return start(
            waiting, name: name, in: organisation ?? self.organisation, known: known, catalogue: .standard,
            on: moment.utcDate, at: moment)
    }

    @Test("number and name of one person: she has the right; it is given once")
    func holds() throws {
        guard
            case .allowed(.given(let given)) = give(
                try request(), HolderFacts(lastName: "DESMET", rights: [], waiting: []))
        else {
            Issue.record("it was not given")
            return
        }
        #expect(given.id == rightID && given.version == 1 && given.person == person && given.state == .active)
        let again = give(try request(), HolderFacts(lastName: "DESMET", rights: [try right()], waiting: []))
        #expect(again.refusal?.codes == [.rightAlreadyGiven])
    }

    @Test("who gives a right learns nothing of a number: what is known of its person changes nothing in the answer")
    func tellsNothing() throws {
        var random = SeededRandom(seed: 33)
        for _ in 0..<500 {
            let start = Int.random(in: -1...3, using: &random)
            let request = try request(
                start, Bool.random(using: &random) ? start + 4 : nil,
                role: ["member", "director"].randomElement(using: &random) ?? "member")
            let waits = Bool.random(using: &random) ? [try waiting(2, 5)] : []
            let unknown = give(request, HolderFacts(lastName: nil, rights: [], waiting: waits))
            let name = ["Smet", "De Smedt", "Peeters", "", "-"].randomElement(using: &random)
            let rights = try (0..<Int.random(in: 0...3, using: &random)).map { try right($0 * 10, $0 * 10 + 9) }
            let known = give(request, HolderFacts(lastName: name, rights: rights, waiting: waits))
            #expect(unknown == known)
        }
    }

    @Test("the same right for the same number and name waits once; another name or period is another one")
    func waitsOnce() throws {
        let same = HolderFacts(lastName: nil, rights: [], waiting: [try waiting(0, 9, name: "DE SMET")])
        #expect(give(try request(5), same).refusal?.codes == [.rightAlreadyWaiting])
        #expect(give(try request(10), same).isAllowed)
        let other = HolderFacts(lastName: nil, rights: [], waiting: [try waiting(0, 9, name: "De Smedt")])
        #expect(give(try request(5), other).isAllowed)
    }

    @Test("it begins when her name agrees, under its own id and with its own period")
    func begins() throws {
        let waiting = try waiting(-3, 20)
        guard case .started(let right) = begin(waiting, name: "Desmet") else {
            Issue.record("it did not begin")
            return
        }
        #expect(right.id == waiting.id && right.period == waiting.request.period && right.version == 1)
        #expect(right.person == person && right.organisation == organisation.id && right.role == "member")
    }

    @Test("it goes on waiting for a number of somebody else, however often she signs in", arguments: [nil, "", "Smet"])
    func goesOnWaiting(_ name: String?) throws {
        #expect(begin(try waiting(), name: name) == .waits)
    }

    @Test("it never begins when its time is over, it was given otherwise, or it cannot be given any more")
    func over() throws {
        let waiting = try waiting(0, 9)
        #expect(begin(waiting, name: "De Smet", at: now.adding(.seconds(10 * 86_400))) == .over)
        let endless = try self.waiting()
        let last = now.adding(WaitingRight.patience)
        #expect(begin(endless, name: "De Smet", at: last) == .over)
        #expect(begin(endless, name: nil, at: last) == .over)
        guard case .started = begin(endless, name: "De Smet", at: last.adding(.seconds(-1))) else {
            Issue.record("it did not begin in its last second")
            return
        }
        #expect(begin(waiting, name: "De Smet", known: [try right(9)]) == .over)
        guard case .started = begin(waiting, name: "De Smet", known: [try right(10)]) else {
            Issue.record("it did not begin beside another one")
            return
        }
        let described = organisation.description
        let stopped = Organisation(
            id: organisation.id, version: 2,
            description: .init(
                numbers: described.numbers, name: described.name, type: described.type, status: .stopped))
        #expect(begin(waiting, name: "De Smet", in: stopped) == .over)
    }

    @Test("a manager of that organisation withdraws it, once")
    func withdrawn() {
        let elsewhere = AccessManager(
            id: RightID(UUID()), version: 1, organisation: OrganisationID(UUID()), person: person, role: .chief)
        #expect(mayWithdraw(in: organisation.id, endedAt: nil, by: manager).isAllowed)
        #expect(mayWithdraw(in: organisation.id, endedAt: now, by: manager).refusal?.codes == [.rightEnded])
        #expect(mayWithdraw(in: organisation.id, endedAt: nil, by: elsewhere).refusal?.codes == [.notAccessManager])
    }

    @Test("twenty misses, then one in two hours; a right that begins gives its place back")
    func quota() {
        var bucket = LeakyBucket(emptyAt: now)
        let policy = MissQuota.policy
        for _ in 0..<20 {
            #expect(mayTry(bucket, at: now, under: policy).isAllowed)
            bucket = bucket.adding(at: now, under: policy)
        }
        let until = now.adding(.seconds(7200))
        let refusal = mayTry(bucket, at: now, under: policy).refusal
        #expect(refusal?.codes == [.rightTooManyWaiting])
        #expect(refusal?.reasons.first?.facts == ["until": until.description])
        #expect(mayTry(bucket, at: until, under: policy).isAllowed)
        #expect(mayTry(bucket.removing(under: policy), at: now, under: policy).isAllowed)
        // A day of trying numbers, beginning with an empty bucket.
        #expect(policy.failures(within: .seconds(86_400)) == 32)
    }
}
