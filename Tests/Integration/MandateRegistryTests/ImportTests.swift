import Async
import AuditTrail
import ContractCore
import EventOutbox
import FoundationEssentials
import Imports
import MandateRegistry
import MandateRegistryDomain
import Postgres
import Process
import TestEvents
import Testing
import Tokens
import Vocabulary

@Suite("Importing delivered mandates")
struct ImportTests {
    private func row(
        _ line: Int, grantor: Int = 1, profession: String = "persphysician", holder: Int? = nil, kbo: String = "",
        type: String = "administrative-dossier", start: String = "2026-01-01", end: String = ""
    ) -> ImportRow {
        .mandate(
            line, grantor: grantor, profession: profession, holder: holder, kbo: kbo, type: type, start: start,
            end: end)
    }

    /// People whose numbers are known, and whose names are those of the rows.
    private func known(_ fixture: RegistryFixture, _ days: ClosedRange<Int>) {
        for day in days { fixture.persons.add(TestNumbers.national(day: day), PersonID(UUID()), "Dubois") }
    }

    @Test("rows are added with event and record; the same file again changes nothing")
    func idempotent() async throws {
        try await RegistryFixture.with { fixture in
            let grantor = PersonID(UUID())
            fixture.persons.add(TestNumbers.national(day: 1), grantor)
            _ = try await fixture.dossier(of: grantor)
            known(fixture, 2...3)
            _ = try await fixture.organisation(number: TestNumbers.enterprise(1))
            let rows = [
                row(2, holder: 2), row(3, kbo: TestNumbers.enterprise(1), end: "2027-12-31"),
                row(4, holder: 2), row(5, holder: 3, type: "social-statute"),
            ]
            let handler = try fixture.importer()
            #expect(try await handler.take(rows) == [.added, .added, .unchanged, .added])
            #expect(try await handler.take(rows) == [.unchanged, .unchanged, .unchanged, .unchanged])
            #expect(try await fixture.count("SELECT count(*) FROM mandate") == 3)
            #expect(try await fixture.count("SELECT count(*) FROM outbox WHERE type = 'mandate.activated'") == 3)
            #expect(try await fixture.count("SELECT count(*) FROM audit_record WHERE action = 'mandate.import'") == 3)
        }
    }

    @Test("a mandate that was stopped since is not revived by the next delivery")
    func notRevived() async throws {
        try await RegistryFixture.with { fixture in
            let grantor = PersonID(UUID())
            fixture.persons.add(TestNumbers.national(day: 1), grantor)
            _ = try await fixture.dossier(of: grantor)
            known(fixture, 2...13)
            let handler = try fixture.importer()
            #expect(try await handler.take([row(2, holder: 2)]) == [.added])
            let id = try await fixture.database.read { session in
                try session.first("SELECT id FROM mandate")?.column(0, as: UUID.self)
            }
            _ = try await fixture.stop(MandateID(try id.orThrow()), token: try fixture.personToken(grantor))
            #expect(try await handler.take([row(2, holder: 2)]) == [.unchanged])
            #expect(try await fixture.count("SELECT count(*) FROM mandate WHERE status = 'active'") == 0)
        }
    }

    @Test("a bad row is refused with its reason, without a number of a person, and the others are taken")
    func refusals() async throws {
        try await RegistryFixture.with { fixture in
            let (grantor, withoutNumber) = (PersonID(UUID()), PersonID(UUID()))
            fixture.persons.add(TestNumbers.national(day: 1), grantor)
            fixture.persons.add(TestNumbers.national(day: 2), withoutNumber)
            _ = try await fixture.dossier(of: grantor)
            _ = try await fixture.dossier(of: withoutNumber, rizivNumber: nil)
            _ = try await fixture.organisation(number: TestNumbers.enterprise(1), isActive: false)
            known(fixture, 3...3)
            let wrongDigit = String(TestNumbers.national(day: 1).dropLast()) + "0"
            let cases: [(ImportRow, String)] = [
                (row(2, grantor: 9, holder: 3), "no dossier in this profession"),
                (row(3, profession: "perspharmacist", holder: 3), "no dossier in this profession"),
                (row(4, profession: "wizard", holder: 3), "grantor_profession"),
                (row(5, grantor: 2, holder: 3), "no RIZIV number"), (row(6, holder: 1), "the same person"),
                (row(7), "either holder_national_number or holder_kbo_number"),
                (row(8, holder: 3, kbo: TestNumbers.enterprise(1)), "either holder_national_number"),
                (row(9, kbo: TestNumbers.enterprise(2)), "no organisation with this number"),
                (row(10, kbo: TestNumbers.enterprise(1)), "has stopped"),
                (row(11, kbo: "1999900000"), "holder_kbo_number"),
                (row(12, holder: 3, type: "everything"), "mandate_type"),
                (row(13, holder: 3, start: "01/02/2026"), "start_date"),
                (row(14, holder: 3, end: "2026-02-30"), "end_date"),
                (row(15, holder: 3, end: "2025-12-31"), "before start_date"),
                (row(16, holder: 3, end: "2026-02-01"), "the last day is past"),
                (
                    ImportRow(line: 17, values: ["grantor_national_number": wrongDigit]),
                    "grantor_national_number: is not a valid"
                ),
                (.mandate(18, holder: 3, grantorName: ""), "grantor_last_name: must have 1 to 100 characters"),
                (.mandate(19, holder: 3, holderName: "Du\u{202E}bois"), "holder_last_name: must have 1 to 100"),
                (.mandate(20, kbo: TestNumbers.enterprise(1), holderName: "Dubois"), "must be empty when the holder"),
                (.mandate(21, holder: 3, status: ""), "status: must be active or stopped or renounced"),
                (.mandate(22, holder: 3, status: "ended"), "status: must be active or stopped or renounced"),
                (.mandate(23, holder: 3, grantorName: "Peters"), "no dossier in this profession"),
            ]
            let verdicts = try await fixture.importer().take(cases.map(\.0) + [row(24, holder: 3)])
            for ((row, expected), verdict) in zip(cases, verdicts) {
                guard case .refused(let why) = verdict else {
                    Issue.record("line \(row.line) was not refused: \(verdict)")
                    continue
                }
                #expect(why.contains(expected), "line \(row.line): \(why)")
                #expect(!why.contains(wrongDigit) && !why.contains(TestNumbers.national(day: 1)))
            }
            #expect(verdicts.last == .added)
            #expect(try await fixture.count("SELECT count(*) FROM mandate") == 1)
        }
    }

    @Test("an overlap is refused, also when two imports race")
    func overlap() async throws {
        try await RegistryFixture.with { fixture in
            let grantor = PersonID(UUID())
            fixture.persons.add(TestNumbers.national(day: 1), grantor)
            _ = try await fixture.dossier(of: grantor)
            known(fixture, 2...13)
            let handler = try fixture.importer()
            #expect(try await handler.take([row(2, holder: 2, end: "2026-12-31")]) == [.added])
            guard case .refused(let why) = try await handler.take([row(3, holder: 2, start: "2026-12-31")])[0] else {
                Issue.record("an overlapping mandate was taken")
                return
            }
            #expect(why.contains("holds on some of these days"))
            #expect(try await handler.take([row(4, holder: 2, start: "2027-01-01")]) == [.added])
            // The same two deliveries at once, with ends that differ: whichever comes second is refused.
            for holder in 3..<13 {
                async let one = handler.take([row(5, holder: holder, end: "2027-01-31")])
                async let other = handler.take([row(6, holder: holder, end: "2027-02-28")])
                let verdicts = [try await one[0], try await other[0]]
                #expect(verdicts.count { $0 == .added } == 1, "\(verdicts)")
            }
        }
    }

    @Test("a whole file goes through the runner: report by line, and a column that is not known stops it")
    func file() async throws {
        try await RegistryFixture.with { fixture in
            let grantor = PersonID(UUID())
            fixture.persons.add(TestNumbers.national(day: 1), grantor)
            _ = try await fixture.dossier(of: grantor)
            let command = try MandateRegistryService.imports.first.orThrow()
            #expect(command.name == "mandates")
            let lines = Guarded<[String]>([])
            let report = ImportReport(json: false) { line in lines.withLock { $0.append(line) } }
            let runner = ImportRunner(columns: command.columns, chunkSize: command.chunkSize, report: report)
            let path = "/tmp/toegang-mandates-\(UUID().uuidString).csv"
            let header = command.columns.joined(separator: ",")
            known(fixture, 2...2)
            func row(_ holder: String) -> String {
                "\(TestNumbers.national(day: 1)),PEETERS,persphysician,\(holder),,social-statute,2026-01-01,,active"
            }
            let good = row("\(TestNumbers.national(day: 2)),dubois")
            let late = row("\(TestNumbers.national(day: 3)),Dubois")
            try Data("\(header)\n\(good)\n,,persphysician,,,,,,,\n\(late)\n".utf8).write(to: URL(filePath: path))
            defer { try? FileManager.default.removeItem(atPath: path) }
            let summary = try await runner.run(path: path, handler: try fixture.importer())
            #expect(summary.rows == 3 && summary.added == 1 && summary.refused == 1 && summary.waiting == 1)
            let printed = lines.withLock { $0 }
            #expect(printed.contains("line 2: added") && printed.contains("line 4: waits"))
            #expect(printed.last == "3 rows: 1 added, 0 changed, 0 unchanged, 1 refused, 1 waiting")
            #expect(printed.contains { $0.hasPrefix("line 3: refused: grantor_national_number") })
            #expect(!printed.joined().contains(TestNumbers.national(day: 1)))
        }
    }
}

@Suite("Housekeeping of the register")
struct HousekeepingTests {
    @Test("past mandates are written down once, by however many instances, with their events")
    func expiry() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let today = fixture.today
            for index in 0..<60 {
                _ = try await fixture.mandate(
                    from: dossier, to: .person(PersonID(UUID())), start: today.adding(days: -9),
                    end: today.adding(days: index < 55 ? -1 : 0))
            }
            let housekeeping = try fixture.housekeeping()
            async let first: Void = housekeeping.once()
            async let second: Void = housekeeping.once()
            _ = await (first, second)
            await housekeeping.once()
            #expect(try await fixture.count("SELECT count(*) FROM mandate WHERE status = 'expired'") == 55)
            #expect(try await fixture.count("SELECT count(*) FROM mandate WHERE status = 'active'") == 5)
            #expect(try await fixture.count("SELECT count(*) FROM outbox WHERE type = 'mandate.expired'") == 55)
        }
    }

    @Test("tokens whose time is long over are removed")
    func pruning() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let holder = PersonID(UUID())
            _ = try await fixture.mandate(from: dossier, to: .person(holder))
            _ = try await fixture.open(dossier.id, subject: try fixture.personToken(holder))
            let housekeeping = try fixture.housekeeping()
            await housekeeping.once()
            #expect(try await fixture.count("SELECT count(*) FROM token") == 1)
            fixture.clock.advance(.seconds(2 * 3600))
            await housekeeping.once()
            #expect(try await fixture.count("SELECT count(*) FROM token") == 0)
        }
    }
}

@Suite("Storage of mandates")
struct MandateStoreTests {
    @Test("every state comes back as it was written")
    func states() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let now = fixture.clock.now()
            let period = try Period(start: fixture.today, end: fixture.today.adding(days: 30)).orThrow()
            func terms() throws -> MandateRegistryDomain.Mandate.Terms {
                try MandateRegistryDomain.Mandate.Terms(
                    grantor: .init(person: dossier.person, dossier: dossier.id, profession: dossier.profession),
                    holder: .person(PersonID(UUID())), type: .socialStatute, period: period
                ).orThrow()
            }
            for party in MandateRegistryDomain.Mandate.Party.allCases {
                let other: MandateRegistryDomain.Mandate.Party = party == .grantor ? .holder : .grantor
                let offered = MandateRegistryDomain.Mandate.offer(
                    try terms(), as: MandateID(UUID()), by: party, at: now)
                let signed = try offered.signed(by: other, at: now).orThrow()
                let ways = [
                    [offered, signed, try mayEnd(signed, by: party, at: now, on: now.utcDate).get()],
                    [offered, signed, try signed.expired(on: fixture.today.adding(days: 40), at: now).orThrow()],
                    [offered, try mayEnd(offered, by: other, at: now, on: now.utcDate).get()],
                    [offered, try mayEnd(offered, by: party, at: now, on: now.utcDate).get()],
                ]
                for way in ways {
                    try await fixture.database.transaction { session in
                        for (step, mandate) in way.enumerated() {
                            if step == 0 {
                                try MandateStore.insert(mandate, in: session)
                            } else {
                                try MandateStore.update(mandate, in: session)
                            }
                            let found = try MandateStore.find(mandate.id, locking: false, in: session)
                            #expect(found == mandate)
                        }
                        try session.execute("DELETE FROM mandate")
                    }
                }
            }
        }
    }

    @Test("a version that somebody else wrote first is not overwritten, and an overlap cannot be written")
    func conflicts() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let holder = MandateRegistryDomain.Mandate.Holder.person(PersonID(UUID()))
            let mandate = try await fixture.mandate(from: dossier, to: holder)
            let stopped = try mayEnd(mandate, by: .grantor, at: fixture.clock.now(), on: fixture.today).get()
            try await fixture.database.transaction { session in try MandateStore.update(stopped, in: session) }
            await #expect(throws: MandateStoreError.versionChanged) {
                try await fixture.database.transaction { session in try MandateStore.update(stopped, in: session) }
            }
            _ = try await fixture.mandate(from: dossier, to: holder)
            let refusal = await #expect(throws: PostgresError.self) {
                _ = try await fixture.mandate(from: dossier, to: holder, start: fixture.today.adding(days: 9))
            }
            #expect(refusal?.isExclusionViolation == true)
        }
    }
}
