import HTTPTypes
import HummingbirdTesting
import OrganisationRightsContracts
import Postgres
import TestStore
import Testing
import Vocabulary

@Suite("Imports")
struct ImportTests {
    @Test("a file is taken in once, and again without effect")
    func idempotent() async throws {
        try await Fixture.with { fixture in
            let rows = "\(Sample.hospital),79990158,\"Ziekenhuis \"\"Zilverberg\"\", vzw\",orghospital,active"
            #expect(
                try await fixture.take("organisations", rows, rows) == [
                    "line 2: added", "line 3: unchanged",
                    "2 rows: 1 added, 0 changed, 1 unchanged, 0 refused, 0 waiting",
                ])
            fixture.call(Sample.chief, last: "Wouters")
            let manager = "\(Sample.hospital),\(Sample.chief),Wouters,chief-access-manager,active"
            #expect(try await fixture.take("access-managers", manager).first == "line 2: added")
            #expect(try await fixture.take("access-managers", manager).first == "line 2: unchanged")
            let right = "\(Sample.hospital),\(Sample.subject),De Smet,member,2026-01-01,"
            #expect(try await fixture.take("rights", right).first == "line 2: added")
            #expect(try await fixture.take("rights", right).first == "line 2: unchanged")
            let counts = [
                try await fixture.events(OrganisationState.registered),
                try await fixture.events(AccessManagerState.appointed), try await fixture.events(RightState.given),
                try await fixture.count("SELECT count(*) FROM audit_record"),
                try await fixture.count("SELECT count(DISTINCT audit_id) FROM outbox"),
            ]
            #expect(counts == [1, 1, 1, 3, 3])
            let name = try await fixture.database.database.read { session in
                try session.first("SELECT name FROM organisation")?.decode(String.self)
            }
            #expect(name == "Ziekenhuis \"Zilverberg\", vzw")
        }
    }

    @Test("what differs is changed: a name, a role, a period")
    func changes() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            #expect(
                try await fixture.take("organisations", "\(Sample.hospital),79990158,Nieuw,orghospital,active").first
                    == "line 2: changed")
            fixture.call(Sample.manager, last: "Janssens")
            #expect(
                try await fixture.take(
                    "access-managers", "\(Sample.hospital),\(Sample.manager),Janssens,chief-access-manager,active"
                ).first == "line 2: changed")
            _ = try await fixture.take("rights", "\(Sample.hospital),\(Sample.subject),De Smet,member,2026-01-01,")
            #expect(
                try await fixture.take(
                    "rights", "\(Sample.hospital),\(Sample.subject),De Smet,member,2026-01-01,2099-12-31"
                )
                .first == "line 2: changed")
            let listed = try await fixture.rights(in: hospital, by: Sample.manager)
            #expect(listed.name == "Nieuw")
            #expect(listed.rights.map(\.endsOn) == [LocalDate("2099-12-31")])
            #expect(listed.rights.map(\.version) == [2])
        }
    }

    @Test("a right that an access manager took away stays away when the same file comes again")
    func ended() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let row = "\(Sample.hospital),\(Sample.subject),De Smet,member,2026-01-01,"
            _ = try await fixture.take("rights", row)
            let right = try #require(try await fixture.rights(in: hospital, by: Sample.chief).rights.first)
            let ended = try await fixture.end(right.rightId, in: hospital, by: Sample.chief)
            #expect(ended.status == .ok)
            #expect(try await fixture.take("rights", row).first == "line 2: unchanged")
            #expect(try await fixture.rights(in: hospital, by: Sample.chief).rights.isEmpty)
            let gone = try await fixture.rights(in: hospital, .ended, by: Sample.chief)
            #expect(gone.rights.map(\.status) == [.ended])
        }
    }

    @Test("each bad row is refused with its line and its reason, and the rows around it are taken in")
    func badRows() async throws {
        try await Fixture.with { fixture in
            let organisations = try await fixture.take(
                "organisations", "\(Sample.hospital),,Ziekenhuis,orghospital,active",
                "1999902251,,X,orghospital,active",
                ",79990159,X,orghospital,active", ",,X,orghospital,active", "\(Sample.pharmacy),,,orgpharmacy,active",
                "\(Sample.pharmacy),,X,orgbakery,active", "\(Sample.pharmacy),,X,orgpharmacy,closed",
                "\(Sample.pharmacy),,Apotheek,orgpharmacy,stopped")
            #expect(
                organisations == [
                    "line 2: added", "line 3: refused: kbo_number is not valid",
                    "line 4: refused: riziv_number is not valid",
                    "line 5: refused: kbo_number and riziv_number are both empty; one of them is needed",
                    "line 6: refused: name must have 1 to 200 characters, and no control or direction characters",
                    "line 7: refused: type is no organisation type of the catalogue",
                    "line 8: refused: status must be active or stopped", "line 9: added",
                    "8 rows: 2 added, 0 changed, 0 unchanged, 6 refused, 0 waiting",
                ])
            let rights = try await fixture.take(
                "rights", "\(Sample.hospital),\(Sample.subject),De Smet,member,2026-01-01,",
                "\(Sample.hospital),71093099348,De Smet,member,2026-01-01,",
                "\(Sample.hospital),\(Sample.subject),De Smet,director,2026-01-01,",
                "\(Sample.hospital),\(Sample.subject),De Smet,mandate-executor,01/01/2026,",
                "\(Sample.hospital),\(Sample.subject),De Smet,mandate-executor,2026-02-01,2026-01-31",
                "\(Sample.insurer),\(Sample.subject),De Smet,member,2026-01-01,",
                "\(Sample.pharmacy),\(Sample.subject),De Smet,member,2026-01-01,")
            #expect(
                rights == [
                    "line 2: added", "line 3: refused: national_number is not valid",
                    "line 4: refused: role is not in the configured catalogue",
                    "line 5: refused: start_date must be a date such as 2026-01-31",
                    "line 6: refused: end_date lies before start_date",
                    "line 7: refused: the organisation is unknown; import it first",
                    "line 8: refused: the organisation was stopped",
                    "7 rows: 1 added, 0 changed, 0 unchanged, 6 refused, 0 waiting",
                ])
            #expect(!rights.joined().contains("7109309934"))
        }
    }

    @Test("two numbers of two organisations in one row are refused")
    func mixedNumbers() async throws {
        try await Fixture.with { fixture in
            let report = try await fixture.take(
                "organisations", "\(Sample.hospital),,A,orghospital,active", ",79990158,B,orghospital,active",
                "\(Sample.hospital),79990158,A,orghospital,active")
            #expect(
                report[2]
                    == "line 4: refused: the KBO number and the RIZIV number belong to two different organisations"
            )
        }
    }
}
