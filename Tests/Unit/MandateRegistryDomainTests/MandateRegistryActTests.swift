import FoundationEssentials
import MandateRegistryDomain
import Testing
import Vocabulary

/// The whole answer of `mayAct`: every actor in every case.
///
/// A change of the table is a change of who may see a dossier.
@Suite("Who may act under a mandate")
struct MandateRegistryActTests {
    let fixture: RegistryFixture

    init() throws { fixture = try RegistryFixture() }

    @Test("every actor in every case, as the table says")
    func table() throws {
        var lines: [String] = []
        for (actorName, actor, organisation) in try actors() {
            let answers = try cases(organisation: organisation).map { caseName, facts in
                (caseName, verdicts(actor, facts))
            }
            // One line where the case makes no difference.
            if let first = answers.first, answers.allSatisfy({ $0.1 == first.1 }) {
                lines.append("\(actorName) | any case | \(first.1)")
            } else {
                lines += answers.map { "\(actorName) | \($0) | \($1)" }
            }
        }
        let printed = lines.joined(separator: "\n")
        #expect(printed == MandateRegistryActTable.golden, "the table as decided now:\n\(printed)")
    }

    @Test("of two mandates in force the one that covers more is used")
    func broaderMandateWins() throws {
        let narrow = try fixture.mandate(to: .person(fixture.holder), .socialStatute)
        let broad = try fixture.mandate(to: .person(fixture.holder), .administrativeDossier)
        for mandates in [[narrow, broad], [broad, narrow]] {
            let grant = try mayAct(
                Actor(person: fixture.holder, profile: .citizen), nil,
                facts: ActFacts(organisation: .absent, dossier: .known(fixture.openDossier()), mandates: mandates),
                on: fixture.today
            ).get()
            #expect(grant.mandate == broad)
            #expect(grant.actions.contains(.changeContact))
            #expect(!grant.actions.contains(.viewAccreditation))
        }
    }

    @Test("a mandate for another dossier opens nothing, even when handed in among the facts")
    func otherDossier() throws {
        let mandate = try fixture.mandate(to: .person(fixture.holder))
        let other = GrantorDossier(
            id: DossierID(UUID()), version: 1, person: fixture.grantor, lastName: "Peeters",
            profession: fixture.pharmacist, state: .open, hasRizivNumber: true)
        let decision = mayAct(
            Actor(person: fixture.holder, profile: .citizen), nil,
            facts: ActFacts(organisation: .absent, dossier: .known(other), mandates: [mandate]), on: fixture.today)
        #expect(decision.refusal?.codes == [.mandateNone])
    }

    @Test("a refusal without a mandate says the same whatever the dossier is")
    func nothingIsRevealed() {
        let actor = Actor(person: fixture.stranger, profile: .citizen)
        let dossiers: [Knowledge<GrantorDossier>] =
            GrantorDossier.State.allCases.map { .known(fixture.openDossier($0)) } + [.absent, .uncertain]
        let reasons = dossiers.map { dossier in
            mayAct(
                actor, nil, facts: ActFacts(organisation: .absent, dossier: dossier, mandates: []), on: fixture.today
            ).refusal?.reasons
        }
        #expect(Set(reasons).count == 1)
    }

    @Test("the first and the last day of the period belong to it")
    func periodEnds() throws {
        let mandate = try fixture.mandate(to: .person(fixture.holder), from: fixture.today, until: fixture.tomorrow)
        #expect(mandate.standing(on: fixture.yesterday) == .notStarted(fixture.today))
        #expect(mandate.standing(on: fixture.today) == .inForce)
        #expect(mandate.standing(on: fixture.tomorrow) == .inForce)
        #expect(mandate.standing(on: fixture.tomorrow.adding(days: 1)) == .over(.expired))
    }

    // MARK: - The table

    /// The answers to the four wishes, those with the same answer together; one answer to all stands alone.
    private func verdicts(_ actor: Actor, _ facts: ActFacts) -> String {
        let wishes: [(name: String, action: DossierAction?)] = [
            ("open", nil), ("contact", .changeContact), ("statute", .viewSocialStatute),
            ("accreditation", .viewAccreditation),
        ]
        var groups: [(answer: String, names: [String])] = []
        for wish in wishes {
            let answer = verdict(mayAct(actor, wish.action, facts: facts, on: fixture.today))
            if let index = groups.firstIndex(where: { $0.answer == answer }) {
                groups[index].names.append(wish.name)
            } else {
                groups.append((answer, [wish.name]))
            }
        }
        if groups.count == 1 { return groups[0].answer }
        return groups.map { "\($0.names.joined(separator: ", ")): \($0.answer)" }.joined(separator: "; ")
    }

    private func verdict(_ decision: Decision<ActGrant>) -> String {
        switch decision {
        case .allowed: "yes"
        case .refused(let refusal): refusal.codes.map(\.rawValue).joined(separator: ", ")
        }
    }

    private func actors() throws -> [(String, Actor, Knowledge<OrganisationStanding>)] {
        let forOrganisation = Actor(person: fixture.holder, profile: .organisation(fixture.organisation))
        return [
            ("holder, citizen", Actor(person: fixture.holder, profile: .citizen), .absent),
            ("holder, profession", Actor(person: fixture.holder, profile: .profession(fixture.pharmacist)), .absent),
            ("stranger, citizen", Actor(person: fixture.stranger, profile: .citizen), .absent),
            ("grantor, citizen", Actor(person: fixture.grantor, profile: .citizen), .absent),
            ("executor, organisation", forOrganisation, .known(try fixture.standing())),
            ("colleague without right", forOrganisation, .known(try fixture.standing(rights: 0))),
            ("right not started", forOrganisation, .known(try fixture.standing(from: fixture.tomorrow))),
            ("right expired", forOrganisation, .known(try fixture.standing(until: fixture.yesterday))),
            ("organisation stopped", forOrganisation, .known(try fixture.standing(isActive: false))),
            ("organisation never heard of", forOrganisation, .absent),
            ("rights uncertain", forOrganisation, .uncertain),
            (
                "executor elsewhere",
                Actor(person: fixture.holder, profile: .organisation(fixture.otherOrganisation)),
                .known(try fixture.standing())
            ),
        ]
    }

    private func cases(organisation: Knowledge<OrganisationStanding>) throws -> [(String, ActFacts)] {
        let holders: [RegisteredMandate.Holder] = [.person(fixture.holder), .organisation(fixture.organisation)]
        func facts(
            _ dossier: Knowledge<GrantorDossier>, _ make: (RegisteredMandate.Holder) throws -> RegisteredMandate?
        ) throws -> ActFacts {
            ActFacts(organisation: organisation, dossier: dossier, mandates: try holders.compactMap(make))
        }
        func ended(_ holder: RegisteredMandate.Holder, by party: RegisteredMandate.Party) throws -> RegisteredMandate? {
            mayEnd(try fixture.mandate(to: holder), by: party, at: fixture.noon, on: fixture.today).grant
        }
        func offer(_ holder: RegisteredMandate.Holder) throws -> RegisteredMandate {
            .offer(try fixture.terms(to: holder), as: MandateID(UUID()), by: .grantor, at: fixture.noon)
        }
        let open = Knowledge.known(fixture.openDossier())
        return [
            ("administrative", try facts(open) { try fixture.mandate(to: $0) }),
            ("social statute", try facts(open) { try fixture.mandate(to: $0, .socialStatute) }),
            ("no mandate", try facts(open) { _ in nil }),
            ("offered", try facts(open, offer)),
            (
                "refused",
                try facts(open) { mayEnd(try offer($0), by: .holder, at: fixture.noon, on: fixture.today).grant }
            ),
            ("not started", try facts(open) { try fixture.mandate(to: $0, from: fixture.tomorrow) }),
            ("last day past", try facts(open) { try fixture.mandate(to: $0, until: fixture.yesterday) }),
            ("stopped", try facts(open) { try ended($0, by: .grantor) }),
            ("renounced", try facts(open) { try ended($0, by: .holder) }),
            (
                "dossier being set up",
                try facts(.known(fixture.openDossier(.beingSetUp))) { try fixture.mandate(to: $0) }
            ),
            ("dossier suspended", try facts(.known(fixture.openDossier(.suspended))) { try fixture.mandate(to: $0) }),
            ("dossier closed", try facts(.known(fixture.openDossier(.closed))) { try fixture.mandate(to: $0) }),
            ("dossier never heard of", try facts(.absent) { try fixture.mandate(to: $0) }),
            ("dossier uncertain", try facts(.uncertain) { try fixture.mandate(to: $0) }),
        ]
    }
}
