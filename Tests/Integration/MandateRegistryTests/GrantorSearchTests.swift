import Async
import ContractCore
import FoundationEssentials
import HTTPTypes
import MandateRegistry
import MandateRegistryContracts
import MandateRegistryDomain
import Postgres
import Process
import TestStore
import Testing
import Vocabulary

@Suite("Searching for grantors")
struct GrantorSearchTests {
    private func names(_ answer: RegistryFixture.Answer) throws -> [String] {
        guard answer.status == 200 else { throw Unexpected(text: answer.text) }
        return try answer.decode(GrantorPage.self).grantors.map { "\($0.firstName) \($0.lastName)" }
    }

    @Test("by RIZIV number, national number, and the beginning of name and first name, whatever case and accents")
    func criteria() async throws {
        try await RegistryFixture.with { fixture in
            let holder = PersonID(UUID())
            let (an, bob) = (PersonID(UUID()), PersonID(UUID()))
            fixture.persons.add(TestNumbers.national(day: 1), an)
            fixture.persons.add(TestNumbers.national(day: 2), PersonID(UUID()))
            let dossiers = [
                try await fixture.dossier("An", "Peeters", of: an, rizivNumber: TestNumbers.riziv(1)),
                try await fixture.dossier("Élodie", "Dubois-Leclercq", rizivNumber: TestNumbers.riziv(2)),
                try await fixture.dossier("Bob", "D’Hondt", of: bob, rizivNumber: TestNumbers.riziv(3)),
            ]
            for dossier in dossiers { _ = try await fixture.mandate(from: dossier, to: .person(holder)) }
            let token = try fixture.personToken(holder)
            let riziv2 = try RizivNumber(TestNumbers.riziv(2))
            let cases: [(GrantorSearch, [String])] = [
                (GrantorSearch(), ["Bob D’Hondt", "Élodie Dubois-Leclercq", "An Peeters"]),
                (GrantorSearch(riziv: TestNumbers.riziv(1)), ["An Peeters"]),
                (GrantorSearch(riziv: riziv2.formatted), ["Élodie Dubois-Leclercq"]),
                (GrantorSearch(riziv: TestNumbers.riziv(2) + "004"), ["Élodie Dubois-Leclercq"]),
                (GrantorSearch(riziv: TestNumbers.riziv(9)), []),
                (GrantorSearch(national: TestNumbers.national(day: 1)), ["An Peeters"]),
                (GrantorSearch(national: TestNumbers.national(day: 2)), []),
                (GrantorSearch(national: TestNumbers.national(day: 3)), []),
                (GrantorSearch(last: "peet"), ["An Peeters"]),
                (GrantorSearch(last: "DUBOIS LECL"), ["Élodie Dubois-Leclercq"]),
                (GrantorSearch(last: "d'hondt"), ["Bob D’Hondt"]),
                (GrantorSearch(first: "elo"), ["Élodie Dubois-Leclercq"]),
                (GrantorSearch(first: "ÉLODIE"), ["Élodie Dubois-Leclercq"]),
                (GrantorSearch(last: "dubois", first: "elodie"), ["Élodie Dubois-Leclercq"]),
                (GrantorSearch(last: "dubois", first: "an"), []),
                (GrantorSearch(last: "eeters"), []),
                (GrantorSearch(last: "%"), []),
                (GrantorSearch(last: "   ", first: ""), ["Bob D’Hondt", "Élodie Dubois-Leclercq", "An Peeters"]),
            ]
            for (search, expected) in cases {
                #expect(try names(try await fixture.search(search, token: token)) == expected, "\(search)")
            }
        }
    }

    @Test("only the grantors of one's own mandates in force, with an open dossier, under the profile that holds them")
    func ownMandatesOnly() async throws {
        try await RegistryFixture.with { fixture in
            let (holder, other) = (PersonID(UUID()), PersonID(UUID()))
            let organisation = try await fixture.organisation()
            _ = try await fixture.right(of: holder, in: organisation)
            let (today, person) = (fixture.today, MandateRegistryDomain.Mandate.Holder.person(holder))
            _ = try await fixture.mandate(from: try await fixture.dossier("A", "In force"), to: person)
            _ = try await fixture.mandate(
                from: try await fixture.dossier("B", "Last day"), to: person, end: today)
            _ = try await fixture.mandate(
                from: try await fixture.dossier("C", "Past"), to: person, start: today.adding(days: -9),
                end: today.adding(days: -1))
            _ = try await fixture.mandate(
                from: try await fixture.dossier("D", "To come"), to: person, start: today.adding(days: 1))
            _ = try await fixture.mandate(
                from: try await fixture.dossier("E", "Suspended", state: .suspended), to: person)
            _ = try await fixture.mandate(from: try await fixture.dossier("F", "Of another"), to: .person(other))
            _ = try await fixture.mandate(
                from: try await fixture.dossier("G", "Of the organisation"), to: .organisation(organisation))

            let citizen = try await fixture.search(GrantorSearch(), token: try fixture.personToken(holder))
            #expect(try names(citizen) == ["A In force", "B Last day"])
            let acting = try await fixture.search(
                GrantorSearch(), token: try fixture.personToken(holder, .organisation(organisation)))
            #expect(try names(acting) == ["G Of the organisation"])
        }
    }

    @Test("a profile that uses no mandates is refused with its reason, and so is a colleague without the role")
    func refusedProfiles() async throws {
        try await RegistryFixture.with { fixture in
            let person = PersonID(UUID())
            let organisation = try await fixture.organisation()
            _ = try await fixture.right(of: person, in: organisation, role: "member")
            let profession = try Profession(code: "perspharmacist").orThrow()
            let cases: [(ProfileChoice, String)] = [
                (.profession(profession), "profile.not-suited"), (.organisation(organisation), "right.role-missing"),
                (.organisation(OrganisationID(UUID())), "right.role-missing"),
            ]
            for (profile, reason) in cases {
                for search in [GrantorSearch(), GrantorSearch(national: TestNumbers.national(day: 4))] {
                    let answer = try await fixture.search(search, token: try fixture.personToken(person, profile))
                    #expect(answer.status == 403)
                    #expect(try answer.reasons == [reason])
                }
            }
            // Who may not search learns it without another service being asked about a number.
            #expect(fixture.persons.asked.withLock { $0 } == 0)
            let citizen = try fixture.personToken(person)
            let found = try await fixture.search(GrantorSearch(national: TestNumbers.national(day: 4)), token: citizen)
            #expect(found.status == 200)
            #expect(fixture.persons.asked.withLock { $0 } == 1)
        }
    }

    @Test("25 a page, with the total on each, and every grantor once")
    func paging() async throws {
        try await RegistryFixture.with { fixture in
            let holder = PersonID(UUID())
            for index in 0..<53 {
                let dossier = try await fixture.dossier("An", "Peeters \(index)", rizivNumber: nil)
                _ = try await fixture.mandate(from: dossier, to: .person(holder))
                if index.isMultiple(of: 2) {
                    _ = try await fixture.mandate(from: dossier, to: .person(holder), .socialStatute)
                }
            }
            let token = try fixture.personToken(holder)
            var seen: [DossierID] = []
            for (page, expected) in [(1, 25), (2, 25), (3, 3), (4, 0)] {
                let answer = try await fixture.search(GrantorSearch(page: page), token: token)
                let found = try answer.decode(GrantorPage.self)
                #expect(found.total == 53 && found.page == page && found.grantors.count == expected)
                seen += found.grantors.map(\.dossierId)
                #expect(found.grantors.allSatisfy { (1...2).contains($0.mandateTypes.count) })
            }
            #expect(Set(seen).count == 53)
            // Behind any of them the pages begin again, so that no number of grantors is too many.
            for behind in [0, 24, 51, 52] {
                let search = GrantorSearch(
                    rizivNumber: nil, nationalNumber: nil, lastName: nil, firstName: nil, page: 1,
                    behind: seen[behind])
                let rest = try await fixture.search(search, token: token).decode(GrantorPage.self)
                #expect(rest.total == 52 - behind)
                #expect(rest.grantors.map(\.dossierId) == Array(seen[(behind + 1)...].prefix(25)))
            }
        }
    }

    @Test("what cannot be searched for is refused before anything is asked, and never repeated")
    func invalidFields() async throws {
        try await RegistryFixture.with { fixture in
            let token = try fixture.personToken(PersonID(UUID()))
            let wrongNumber = "85073099099"
            let cases: [(GrantorSearch, String)] = [
                (GrantorSearch(page: 0), "page"), (GrantorSearch(page: 41), "page"),
                (GrantorSearch(riziv: "12345"), "rizivNumber"),
                (GrantorSearch(national: wrongNumber), "nationalNumber"),
                (GrantorSearch(last: String(repeating: "a", count: 101)), "lastName"),
                (GrantorSearch(first: "a\u{0}"), "firstName"),
            ]
            for (search, field) in cases {
                let answer = try await fixture.search(search, token: token)
                #expect(answer.status == 422, "\(search)")
                #expect(try answer.decode(ProblemDocument.self).detail?.hasPrefix(field) == true)
                #expect(!answer.text.contains(wrongNumber))
            }
            let tooLarge = try await fixture.send(
                .post, "/grantors/search", token: token,
                body: #"{"page":1,"lastName":"\#(String(repeating: "a", count: 4096))"}"#)
            #expect(tooLarge.status == 413)
        }
    }

    @Test("the search finds exactly the dossiers that may be opened")
    func agreesWithDecision() async throws {
        try await RegistryFixture.with { fixture in
            let holder = PersonID(UUID())
            let token = try fixture.personToken(holder)
            var dossiers: [GrantorDossier] = []
            for (index, state) in (GrantorDossier.State.allCases + GrantorDossier.State.allCases).enumerated() {
                for start in [-5, -1, 0, 1] {
                    let dossier = try await fixture.dossier("An", "Peeters", rizivNumber: nil, state: state)
                    dossiers.append(dossier)
                    let end = index.isMultiple(of: 2) ? nil : fixture.today.adding(days: start + index % 4)
                    _ = try await fixture.mandate(
                        from: dossier, to: .person(holder), start: fixture.today.adding(days: start), end: end)
                }
            }
            var openable: Set<DossierID> = []
            for dossier in dossiers where try await fixture.exchange(dossier.id, subject: token).status == 200 {
                openable.insert(dossier.id)
            }
            let found = try await fixture.search(GrantorSearch(), token: token).decode(GrantorPage.self)
            #expect(Set(found.grantors.map(\.dossierId)) == openable)
            #expect(found.total == openable.count)
            #expect(openable.count > 3 && openable.count < dossiers.count)
        }
    }
}

@Suite("Searching among 100,000 mandates", .serialized)
struct GrantorSearchPlanTests {
    @Test("every search follows indexes: of one who holds few, and of an insurer who holds them all")
    func plans() async throws {
        try await RegistryFixture.with { fixture in
            let insurer = OrganisationID(UUID())
            let holder = PersonID(UUID())
            var superuser = fixture.test.superuser
            superuser.statementTimeout = .seconds(60)
            let database = Database(superuser, logger: fixture.base.logger)
            try await database.transaction { session in
                try session.execute(
                    """
                    INSERT INTO grantor_dossier (id, version, person, profession, first_name, last_name, state)
                    SELECT gen_random_uuid(), 1, gen_random_uuid(), 'persphysician',
                           'first ' || substr(md5(i::text), 1, 6), 'last ' || substr(md5('x' || i), 1, 6), 'open'
                    FROM generate_series(1, 100000) AS i
                    """)
                try session.execute(
                    """
                    INSERT INTO mandate (id, version, grantor_person, grantor_dossier, grantor_profession,
                        holder_organisation, type, starts_on, status, activated_at)
                    SELECT gen_random_uuid(), 1, person, id, profession, \(insurer), 'administrative-dossier',
                           '2026-01-01', 'active', now()
                    FROM grantor_dossier
                    """)
                try session.execute(
                    """
                    INSERT INTO mandate (id, version, grantor_person, grantor_dossier, grantor_profession,
                        holder_person, type, starts_on, status, activated_at)
                    SELECT gen_random_uuid(), 1, person, id, profession, \(holder), 'social-statute',
                           '2026-01-01', 'active', now()
                    FROM grantor_dossier LIMIT 20
                    """)
            }
            _ = try await database.read { session in try session.execute("ANALYZE grantor_dossier, mandate") }
            await database.shutdown()

            let criteria = [
                GrantorQuery.Criteria(lastName: "last ab"), GrantorQuery.Criteria(firstName: "first cd"),
                GrantorQuery.Criteria(lastName: "last a", firstName: "first b"),
                GrantorQuery.Criteria(person: PersonID(UUID())), GrantorQuery.Criteria(rizivPersonKey: "19990168"),
            ]
            for criteria in criteria {
                try await expectIndexes(
                    GrantorQuery(holder: .organisation(insurer), criteria: criteria, on: fixture.today), fixture)
                try await expectIndexes(
                    GrantorQuery(holder: .person(holder), criteria: criteria, on: fixture.today), fixture)
            }
            try await expectIndexes(
                GrantorQuery(holder: .person(holder), criteria: .init(), on: fixture.today), fixture)
            // Whoever holds everything has a thousand counted; her pages come from an index.
            let all = GrantorQuery(holder: .organisation(insurer), criteria: .init(), on: fixture.today)
            for page in [1, 40] {
                let (total, grantors) = try await fixture.database.transaction { session in
                    try all.run(page: page, size: 25, countingTo: 1000, in: session)
                }
                #expect(total == 1001 && grantors.count == 25)
            }
            let last = try await fixture.database.transaction { session in
                try all.run(page: 40, size: 25, countingTo: 1000, in: session).grantors.last
            }
            let behind = GrantorQuery(
                holder: .organisation(insurer), criteria: .init(behind: try #require(last).dossier), on: fixture.today)
            for statement in [behind.count(to: 1000), behind.select(page: 1, size: 25)] {
                let read = try await buffers(statement, fixture)
                #expect(read < 4000, "\(read) buffers: \(statement)")
            }
            // However often it is asked, the plan fits whoever asks: buffers stay far below those of a scan (4,100).
            for query in [all]
                + criteria.map({ GrantorQuery(holder: .organisation(insurer), criteria: $0, on: fixture.today) })
            {
                for statement in [query.count(to: 1000), query.select(page: 1, size: 25)] {
                    let read = try await buffers(statement, fixture)
                    #expect(read < 4000, "\(read) buffers: \(statement)")
                }
            }
            let few = GrantorQuery(holder: .person(holder), criteria: .init(lastName: "last"), on: fixture.today)
            for statement in [few.count(to: 1000), few.select(page: 1, size: 25)] {
                let read = try await buffers(statement, fixture)
                #expect(read < 300, "\(read) buffers: \(statement)")
            }
        }
    }

    private func expectIndexes(_ query: GrantorQuery, _ fixture: RegistryFixture) async throws {
        for statement in [query.count(to: 1000), query.select(page: 1, size: 25)] {
            let plan = try await plan(statement, fixture)
            #expect(!plan.contains("Seq Scan"), "\(statement)\n\(plan)")
        }
    }

    /// How many buffers the statement touches, planned for its binds.
    private func buffers(_ statement: SQL, _ fixture: RegistryFixture) async throws -> Int {
        let lines = try await fixture.database.transaction { session in
            try session.execute("SET LOCAL plan_cache_mode = force_custom_plan")
            return try session.query("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, COSTS OFF) \(fragment: statement)")
                .map { try $0.column(0, as: String.self) }
        }
        // The first line with buffers is that of the whole statement.
        let line = try #require(lines.first { $0.contains("Buffers: shared") })
        return line.matches(of: /(?:hit|read)=(\d+)/).compactMap { Int($0.1) }.reduce(0, +)
    }

    private func plan(_ statement: SQL, _ fixture: RegistryFixture) async throws -> String {
        try await fixture.database.read { session in
            try session.query("EXPLAIN (COSTS OFF) \(fragment: statement)").map { try $0.column(0, as: String.self) }
        }.joined(separator: "\n")
    }
}
