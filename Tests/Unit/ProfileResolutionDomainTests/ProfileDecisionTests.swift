import FoundationEssentials
import ProfileResolutionDomain
import Testing
import Vocabulary

@Suite("Which profile a person may take")
struct ProfileDecisionTests {
    private let today = LocalDate(daysSinceEpoch: 20_600)
    private let person = PersonID(UUID())
    private let hospital = OrganisationID(UUID())

    @Test("the citizen's profile can always be taken and rests on nothing")
    func citizen() throws {
        let granted = try PersonFacts(personID: person).decide(.citizen, today: today).get()
        #expect(granted == GrantedProfile(profile: .citizen, bases: []))
    }

    @Test(
        "a profession can be taken while its dossier is open",
        arguments: [
            (DossierStatus.open, nil), (.beingSetUp, ReasonCode.dossierBeingSetUp),
            (.suspended, .dossierSuspended), (.closed, .dossierClosed),
        ])
    func profession(_ status: DossierStatus, _ expected: ReasonCode?) throws {
        let physician = try #require(Profession(code: "persphysician"))
        let dossier = facts(.profession(physician), status)
        let decision = PersonFacts(personID: person, dossiers: [dossier]).decide(.profession(physician), today: today)
        #expect(decision.refusal?.codes.first == expected)
        #expect(decision.grant?.bases == (expected == nil ? [.dossier(dossier.id, version: 7)] : nil))
    }

    @Test("a dossier that is being set up says that waiting some days helps")
    func beingSetUp() throws {
        let physiotherapist = try #require(Profession(code: "persphysiotherapist"))
        let person = PersonFacts(personID: person, dossiers: [facts(.profession(physiotherapist), .beingSetUp)])
        let reason = try #require(person.decide(.profession(physiotherapist), today: today).refusal?.reasons.first)
        #expect(reason.remedy == .wait("dossier-set-up"))
        #expect(reason.facts == ["profession": "persphysiotherapist"])
    }

    @Test("who waits is told since when and until when, as far as that is known", arguments: [nil, "2026-11-30"])
    func late(expectedBy: String?) throws {
        let physiotherapist = try #require(Profession(code: "persphysiotherapist"))
        let dossier = DossierFacts(
            id: DossierID(UUID()), personID: person, version: 1, status: .beingSetUp,
            profile: .profession(physiotherapist), since: LocalDate("2026-11-16"),
            expectedBy: expectedBy.flatMap { LocalDate($0) })
        let decision = PersonFacts(personID: person, dossiers: [dossier])
            .decide(.profession(physiotherapist), today: today)
        let facts = try #require(decision.refusal?.reasons.first?.facts)
        #expect(facts["since"] == "2026-11-16" && facts["expectedBy"] == expectedBy)
    }

    @Test("a profession that is not hers is refused, also when she has another")
    func otherProfession() throws {
        let physician = try #require(Profession(code: "persphysician"))
        let dentist = try #require(Profession(code: "persdentist"))
        let person = PersonFacts(personID: person, dossiers: [facts(.profession(physician), .open)])
        #expect(person.decide(.profession(dentist), today: today).refusal?.codes == [.professionNotHeld])
    }

    private struct RightCase: Sendable {
        let name: String
        var isEnded = false
        var start = -10
        var end: Int? = 10
        var isCertain = true
        var organisationStopped = false
        var organisationCertain = true
        let expected: ReasonCode?
    }

    private static let rightCases: [RightCase] = [
        RightCase(name: "holds", expected: nil),
        RightCase(name: "holds without end", end: nil, expected: nil),
        RightCase(name: "first day", start: 0, expected: nil),
        RightCase(name: "last day", end: 0, expected: nil),
        RightCase(name: "starts tomorrow", start: 1, expected: .rightNotStarted),
        RightCase(name: "ended yesterday", end: -1, expected: .rightExpired),
        RightCase(name: "taken away", isEnded: true, expected: .rightEnded),
        RightCase(name: "uncertain", isCertain: false, expected: .factsUnknown),
        RightCase(name: "organisation stopped", organisationStopped: true, expected: .organisationStopped),
        RightCase(name: "organisation uncertain", organisationCertain: false, expected: .factsUnknown),
    ]

    @Test("an organisation can be chosen while a right in it holds", arguments: rightCases.indices)
    func organisation(_ index: Int) throws {
        let item = Self.rightCases[index]
        let right = try right("member", item.start, item.end, isEnded: item.isEnded, isCertain: item.isCertain)
        let person = PersonFacts(
            personID: person, rights: [right],
            organisations: [
                hospital: OrganisationFacts(
                    id: hospital, name: "AZ Zilverberg", isStopped: item.organisationStopped,
                    isCertain: item.organisationCertain)
            ])
        let decision = person.decide(.organisation(hospital), today: today)
        #expect(decision.refusal?.codes.first == item.expected, "\(item.name)")
        if item.expected == nil { #expect(decision.grant?.bases == [.right(right.id, version: 3)]) }
    }

    @Test("an organisation without a right says who can give one, and not what it is called")
    func noRight() {
        let known = [hospital: OrganisationFacts(id: hospital, name: "AZ", isStopped: false, isCertain: true)]
        let person = PersonFacts(personID: person, organisations: known)
        let reason = person.decide(.organisation(hospital), today: today).refusal?.reasons.first
        #expect(reason == Reason(.organisationNoRight, remedy: .ask("access-managers")))
    }

    @Test("of two rights, the one by which mandates can be used is what the choice rests on")
    func executorFirst() throws {
        let member = try right("member", -10, nil)
        let executor = try right("mandate-executor", -10, nil)
        let person = facts(rights: [member, executor], mandates: [hospital])
        let granted = try person.decide(.organisation(hospital), today: today).get()
        #expect(granted.bases == [.right(executor.id, version: 3)])
        #expect(person.holdsMandates(.organisation(hospital), today: today))
        let memberOnly = facts(rights: [member], mandates: [hospital])
        #expect(!memberOnly.holdsMandates(.organisation(hospital), today: today))
    }

    @Test("who acts within 1,000 organisations reaches each profile, a page at a time, also behind one that is gone")
    func pages() throws {
        let places = (0..<1_000).map { number in
            OrganisationFacts(
                id: OrganisationID(UUID()), name: "Organisatie \(number * 7919 % 1_000)", isStopped: false,
                isCertain: true)
        }
        let period = try #require(Period(start: today, end: nil))
        let rights = places.map { place in
            RightFacts(
                id: RightID(UUID()), version: 1, organisationID: place.id, role: "member", isEnded: false,
                period: period, isCertain: true)
        }
        let person = PersonFacts(
            personID: person, rights: rights,
            organisations: Dictionary(uniqueKeysWithValues: places.map { ($0.id, $0) }))
        var seen: [ProfileOption] = []
        var behind: OrganisationID?
        var pages = 0
        repeat {
            let page = person.options(in: .nl, today: today, behind: behind, limit: 200)
            #expect(page.options.count == (pages == 0 ? 201 : 200))
            seen += page.options
            behind = page.next
            pages += 1
        } while behind != nil && pages < 10
        #expect(pages == 5 && seen == person.options(in: .nl, today: today))
        #expect(Set(seen.map(\.profile)).count == 1_001)
        let last = try #require(places.first { .organisation($0.id) == seen[200].profile }).id
        let without = PersonFacts(
            personID: person.personID, rights: rights.filter { $0.organisationID != last },
            organisations: person.organisations)
        let rest = without.options(in: .nl, today: today, behind: last, limit: 200).options
        #expect(rest == Array(seen[201..<401]))
        let stranger = person.options(in: .nl, today: today, behind: OrganisationID(UUID()), limit: 200)
        #expect(stranger.options.isEmpty && stranger.next == nil)
    }

    @Test("the list has the citizen first, then professions and organisations in alphabetical order")
    func list() throws {
        let codes = ["persphysiotherapist", "perspharmacistclinicalbiologist", "perspharmacist"]
        let dossiers = try codes.map { facts(.profession(try #require(Profession(code: $0))), .open) }
        let person = PersonFacts(
            personID: person, dossiers: dossiers, rights: [try right("member", -10, nil)],
            organisations: [hospital: OrganisationFacts(id: hospital, name: "AZ", isStopped: false, isCertain: true)])
        let names = person.options(in: .nl, today: today).map(\.name.nl)
        #expect(names == ["Burger", "Apotheker", "Apotheker-bioloog", "Kinesitherapeut", "AZ"])
    }

    @Test("a right that was taken away or has expired is not listed; one that starts later is, with its day")
    func goneRights() throws {
        #expect(facts(rights: [try right("member", -10, 10, isEnded: true)]).options(in: .nl, today: today).count == 1)
        #expect(facts(rights: [try right("member", -10, -1)]).options(in: .nl, today: today).count == 1)
        let later = facts(rights: [try right("member", 1, 10)]).options(in: .nl, today: today)
        #expect(later.last?.refusal?.reasons.first?.facts["startsOn"] == today.adding(days: 1).description)
    }

    @Test(
        "the citizen's profile opens the dossier of a function holder, a profession's its own, an organisation's none")
    func ownDossier() throws {
        let physician = try #require(Profession(code: "persphysician"))
        let dossiers = [facts(.profession(physician), .open), facts(.citizen, .open)]
        let person = PersonFacts(personID: person, dossiers: dossiers)
        #expect(person.decideOwnDossier(under: .profession(physician)).grant?.id == dossiers[0].id)
        #expect(person.decideOwnDossier(under: .citizen).grant?.id == dossiers[1].id)
        #expect(person.decideOwnDossier(under: .organisation(hospital)).refusal?.codes == [.profileNotSuited])
        #expect(PersonFacts(personID: self.person).decideOwnDossier(under: .citizen).refusal?.codes == [.dossierNone])
    }

    @Test("an organisation goes with the citizen's profile alone")
    func selection() throws {
        let physician = try #require(Profession(code: "persphysician"))
        let select = { PickerSelection(profession: $0, organisationID: $1).profile() }
        #expect(select(nil, nil).grant == .citizen)
        #expect(select(physician, nil).grant == .profession(physician))
        #expect(select(nil, hospital).grant == .organisation(hospital))
        #expect(select(physician, hospital).refusal?.codes == [.organisationWithProfession])
    }

    // MARK: - Facts

    private func facts(_ profile: ProfileChoice, _ status: DossierStatus) -> DossierFacts {
        DossierFacts(id: DossierID(UUID()), personID: person, version: 7, status: status, profile: profile)
    }

    private func facts(rights: [RightFacts], mandates: Set<OrganisationID> = []) -> PersonFacts {
        PersonFacts(
            personID: person, rights: rights,
            organisations: [hospital: OrganisationFacts(id: hospital, name: "AZ", isStopped: false, isCertain: true)],
            mandates: MandateHoldings(personHolds: false, organisationsHolding: mandates))
    }

    private func right(
        _ role: String, _ start: Int, _ end: Int?, isEnded: Bool = false, isCertain: Bool = true
    ) throws -> RightFacts {
        let period = Period(start: today.adding(days: start), end: end.map { today.adding(days: $0) })
        return RightFacts(
            id: RightID(UUID()), version: 3, organisationID: hospital, role: role, isEnded: isEnded,
            period: try #require(period), isCertain: isCertain)
    }
}
