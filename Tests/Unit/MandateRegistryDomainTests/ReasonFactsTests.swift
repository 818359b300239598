import FoundationEssentials
import MandateRegistryDomain
import OrganisationRightsDomain
import PortalDomain
import ProfileResolutionDomain
import Testing
import Vocabulary

/// A text that names a date or an organisation is worth nothing when the decision does not tell it.
@Suite("Reasons carry the facts that their texts name") struct ReasonFactsTests {
    private let fixture: RegistryFixture

    init() throws {
        fixture = try RegistryFixture()
    }

    private func texts() throws -> [String: String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: root.appending(path: "Shared/Pages/Assets/texts.nl.json"))
        return try JSONDecoder().decode([String: String].self, from: data)
    }

    private func placeholders(_ text: String) -> Set<String> {
        Set(text.matches(of: /\{([A-Za-z]+)\}/).map { String($0.output.1) }).subtracting(["product"])
    }

    /// What each of the decisions says when it refuses for a reason whose text has places for facts.
    private func reasons() throws -> [Reason] {
        try profileReasons() + mandateReasons() + rightReasons()
            + [
                WelcomeDecision.decide(
                    profile: .organisation(fixture.organisation),
                    profiles: [
                        ProfileFacts(
                            profile: .organisation(fixture.organisation), organisation: "AZ", available: true,
                            reasons: [], holdsMandates: false, hasDossier: false)
                    ])
            ].flatMap { $0.refusal?.reasons ?? [] }
    }

    private func profileReasons() throws -> [Reason] {
        let physician = ProfileChoice.profession(fixture.physician)
        let newcomer = DossierFacts(
            id: fixture.dossier, personID: fixture.holder, version: 1, status: .beingSetUp, profile: physician,
            since: fixture.yesterday)
        let organisation = ProfileChoice.organisation(fixture.organisation)
        let rights = try [(1, 9, false), (-9, -1, false), (-9, 9, true)].map { start, end, isEnded in
            RightFacts(
                id: RightID(UUID()), version: 1, organisationID: fixture.organisation, role: "member",
                isEnded: isEnded,
                period: try #require(
                    Period(start: fixture.today.adding(days: start), end: fixture.today.adding(days: end))),
                isCertain: true)
        }
        let people = rights.map { right in person(rights: [right], isStopped: false) }
        return [
            PersonFacts(personID: fixture.holder).decide(physician, today: fixture.today),
            PersonFacts(personID: fixture.holder, dossiers: [newcomer]).decide(physician, today: fixture.today),
            person(rights: rights, isStopped: true).decide(organisation, today: fixture.today),
        ].flatMap { $0.refusal?.reasons ?? [] }
            + people.flatMap { $0.decide(organisation, today: fixture.today).refusal?.reasons ?? [] }
    }

    private func person(rights: [RightFacts], isStopped: Bool) -> PersonFacts {
        PersonFacts(
            personID: fixture.holder, rights: rights,
            organisations: [
                fixture.organisation: OrganisationFacts(
                    id: fixture.organisation, name: "AZ", isStopped: isStopped, isCertain: true)
            ])
    }

    private func mandateReasons() throws -> [Reason] {
        let holder = RegisteredMandate.Holder.person(fixture.holder)
        let terms = try fixture.terms(to: holder)
        let active = try fixture.mandate(to: holder)
        let offered = RegisteredMandate.offer(terms, as: MandateID(UUID()), by: .grantor, at: fixture.noon)
        let ended = RegisteredMandate.Party.allCases.compactMap { party in
            mayEnd(active, by: party, at: fixture.noon, on: fixture.today).grant
        }
        let refused = RegisteredMandate(
            id: MandateID(UUID()), version: 2, terms: terms,
            state: .ended(RegisteredMandate.End(.refused, at: fixture.noon, since: nil)))
        let late = try fixture.mandate(to: holder, from: fixture.tomorrow)
        let past = try fixture.mandate(to: holder, from: fixture.today.adding(days: -9), until: fixture.yesterday)
        let actor = Actor(person: fixture.holder, profile: .citizen)
        let acts = [offered, late, past, refused] + ended
        let social = try fixture.mandate(to: holder, .socialStatute)
        let standings = [
            try fixture.standing(from: fixture.tomorrow),
            try fixture.standing(from: fixture.today.adding(days: -9), until: fixture.yesterday),
            try fixture.standing(isActive: false),
        ]
        let clash = mayGrant(
            DeliveredMandate(
                grantor: fixture.grantor, grantorName: try LastName("Peeters"), grantorProfession: fixture.physician,
                holder: holder, type: .administrativeDossier, period: try period(1, 9)),
            dossier: .known(fixture.openDossier()), organisationIsActive: true, earlier: [active], on: fixture.today)
        return acts.flatMap { refusals(actor, nil, [$0]) } + refusals(actor, .changeContact, [social])
            + standings.flatMap { standing in
                mayUseMandates(
                    Actor(person: fixture.holder, profile: .organisation(fixture.organisation)),
                    organisation: .known(standing), on: fixture.today
                ).refusal?.reasons ?? []
            } + (clash.refusal?.reasons ?? [])
            + (mayEnd(past, by: .grantor, at: fixture.noon, on: fixture.today).refusal?.reasons ?? [])
    }

    private func refusals(_ actor: Actor, _ action: DossierAction?, _ mandates: [RegisteredMandate]) -> [Reason] {
        let facts = ActFacts(organisation: .absent, dossier: .known(fixture.openDossier()), mandates: mandates)
        return mayAct(actor, action, facts: facts, on: fixture.today).refusal?.reasons ?? []
    }

    private func period(_ start: Int, _ end: Int) throws -> Period {
        try #require(Period(start: fixture.today.adding(days: start), end: fixture.today.adding(days: end)))
    }

    private func rightReasons() throws -> [Reason] {
        let numbers = try #require(
            Organisation.Numbers(enterprise: try EnterpriseNumber("1999902250"), riziv: nil))
        let hospital = Organisation(
            id: fixture.organisation, version: 1,
            description: .init(
                numbers: numbers, name: "AZ", type: try #require(OrganisationType(code: "orghospital")),
                status: .active))
        let manager = AccessManager(
            id: RightID(UUID()), version: 1, organisation: hospital.id, person: fixture.grantor, role: .chief)
        let known = Right(
            id: RightID(UUID()), version: 1, organisation: hospital.id, person: fixture.holder, role: "member",
            period: try period(0, 9), state: .active)
        let full = (0..<MissQuota.policy.capacity).reduce(LeakyBucket(emptyAt: fixture.noon)) { bucket, _ in
            bucket.adding(at: fixture.noon, under: MissQuota.policy)
        }
        let name = try LastName("Vogel")
        let request = RightRequest(person: fixture.holder, role: "member", period: try period(0, 9))
        let waiting = WaitingRight(
            id: RightID(UUID()), organisation: hospital.id, request: request, lastName: name, until: fixture.noon)
        let again = mayGive(
            request, to: name, known: HolderFacts(lastName: nil, rights: [], waiting: [waiting]), in: hospital,
            by: manager, catalogue: .standard, on: fixture.today, at: fixture.noon, newID: RightID(UUID()))
        let waits =
            (again.refusal?.reasons ?? [])
            + (mayTry(full, at: fixture.noon, under: MissQuota.policy).refusal?.reasons ?? [])
        return try [period(-3, 9), period(0, 9)].flatMap { period in
            mayGive(
                RightRequest(person: fixture.holder, role: "member", period: period), in: hospital, by: manager,
                known: [known], catalogue: .standard, on: fixture.today, newID: RightID(UUID())
            ).refusal?.reasons ?? []
        } + waits
    }

    @Test("each text that names facts is of a reason whose decision tells them, under the one name they have")
    func covered() throws {
        let texts = try texts()
        let reasons = try reasons()
        for reason in reasons {
            for name in reason.facts.keys { #expect(FactName(rawValue: name) != nil, "\(reason.code): \(name)") }
        }
        for (key, text) in texts where key.hasPrefix("reason.") && key != "reason.other" {
            let wanted = placeholders(text)
            guard !wanted.isEmpty else { continue }
            let code = ReasonCode(rawValue: String(key.dropFirst("reason.".count)))
            let telling = reasons.filter { $0.code == code }
            #expect(telling.contains { wanted.isSubset(of: Set($0.facts.keys)) }, "\(key) wants \(wanted.sorted())")
            // A decision that cannot tell a fact gets the general form, never a gap.
            #expect(texts["\(key).general"].map(placeholders) == [], "\(key)")
        }
    }

    @Test("the days that time alone waits for are told with the remedy")
    func remedies() throws {
        let texts = try texts()
        let waiting = try reasons().filter { [.wait("start"), .wait("right-start")].contains($0.remedy) }
        #expect(waiting.count >= 3)
        for reason in waiting { #expect(reason.facts["startsOn"] != nil, "\(reason.code)") }
        for key in ["remedy.wait.start", "remedy.wait.right-start"] {
            #expect(placeholders(texts[key] ?? "") == ["startsOn"])
        }
    }
}
