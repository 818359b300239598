import Async
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Imports
import NIOCore
import Pages
import Postgres
import Process
import ProfileResolution
import ProfileResolutionContracts
import ProfileResolutionDomain
import Testing
import Vocabulary

@Suite("Imports of dossiers")
struct ImportTests {
    @Test("a file is taken in, and the same file again changes nothing")
    func idempotent() async throws {
        try await Fixture.run { fixture in
            let rows = try [provider(), provider(["riziv_number": "", "visum": "KIN-1", "visum_date": "2026-01-02"])]
            #expect(try await fixture.take(rows, "care-providers") == [.added, .added])
            #expect(try await fixture.take(rows, "care-providers") == [.unchanged, .unchanged])
            #expect(try await fixture.eventTypes() == ["care-provider.registered", "care-provider.registered"])
        }
    }

    @Test("what the authority changes is changed and published; what the person changed is kept")
    func changed() async throws {
        try await Fixture.run { fixture in
            let row = try provider(["dossier_state": "being-set-up"])
            #expect(try await fixture.take([row], "care-providers") == [.added])
            let person = try #require(fixture.neighbours.state.withLock { $0.persons.values.first })
            let moved = row.merging(["dossier_state": "open", "street": "Nieuwe straat 5"]) { _, new in new }
            #expect(try await fixture.take([moved], "care-providers") == [.changed])
            let physician = try #require(Profession(code: "persphysician"))
            let token = try fixture.person(person, .profession(physician))
            let view: DossierView = try fixture.json(try await fixture.send(.get, "/me/dossier", token: token))
            #expect(view.state == "open")
            #expect(view.contact?.street == "Lindelaan 12")
            #expect(try await fixture.eventTypes() == ["care-provider.registered", "care-provider.changed"])
        }
    }

    @Test("a duplicate row is unchanged, and a second profession of the same person is added")
    func duplicates() async throws {
        try await Fixture.run { fixture in
            let row = try provider()
            let second = row.merging(["profession": "persdentist", "riziv_number": try Samples.riziv().digits]) { $1 }
            #expect(
                try await fixture.take([row, row, second], "care-providers") == [.added, .unchanged, .added])
        }
    }

    @Test("a RIZIV number of somebody else is refused, and the other rows of its chunk are taken in")
    func takenNumber() async throws {
        try await Fixture.run { fixture in
            let first = try provider()
            let thief = try provider(["riziv_number": first["riziv_number"] ?? ""])
            let verdicts = try await fixture.take([first, thief, try provider()], "care-providers")
            #expect(verdicts == [.added, .refused("riziv_number: is the number of somebody else"), .added])
        }
    }

    @Test("a number that was delivered for the wrong person is free again once that is corrected")
    func correctedNumber() async throws {
        try await Fixture.run { fixture in
            let wrong = try provider()
            #expect(try await fixture.take([wrong], "care-providers") == [.added])
            let rightful = try provider(["riziv_number": wrong["riziv_number"] ?? ""])
            let corrected = wrong.merging(["riziv_number": try Samples.riziv().digits]) { $1 }
            let verdicts = try await fixture.take([rightful, corrected, rightful], "care-providers")
            #expect(verdicts == [.refused("riziv_number: is the number of somebody else"), .changed, .added])
        }
    }

    @Test(
        "a bad row is refused with its column, and nothing of it is applied",
        arguments: [
            ["national_number": "85073003327"], ["national_number": "1"], ["profession": "arts"],
            ["riziv_number": "12345678"], ["riziv_number": ""], ["visum": "V1"], ["visum_date": "2026-01-01"],
            ["visum": "V1", "visum_date": "2999-01-01"], ["dossier_state": "closed"], ["first_name": "An\u{202e}"],
            ["last_name": String(repeating: "x", count: 101)], ["email": "an"], ["phone": ""], ["postal_code": ""],
        ])
    func badRow(_ change: [String: String]) async throws {
        try await Fixture.run { fixture in
            let row = try provider().merging(change) { _, new in new }
            guard case .refused(let text) = try await fixture.take([row], "care-providers")[0] else {
                Issue.record("taken in")
                return
            }
            let column = change.keys.sorted()[0].prefix(5)
            #expect(text.hasPrefix(column), "\(text)")
            let number = row["national_number"] ?? ""
            #expect(number.count < 11 || !text.contains(number))
            #expect(try await fixture.eventTypes().isEmpty)
            #expect(fixture.neighbours.state.withLock { $0.persons.isEmpty })
        }
    }

    @Test("people with a function are taken in, moved to another employer, and kept to the configured functions")
    func functionHolders() async throws {
        try await Fixture.run { fixture in
            let row = try holder()
            let moved = row.merging(["organisation_riziv": try Samples.riziv().digits]) { $1 }
            let verdicts = try await fixture.take(
                [row, row, moved, try holder(["function": "king"]), try holder(["organisation_kbo": "1999901162"])],
                "non-care-providers")
            #expect(verdicts.prefix(3) == [.added, .unchanged, .changed])
            #expect(verdicts[3] != .added)
            #expect(verdicts[4] == .refused("organisation_kbo: the check digits do not fit"))
            #expect(try await fixture.eventTypes() == ["function-holder.registered", "function-holder.changed"])
        }
    }

    @Test("two imports of the same rows at the same time register each dossier once")
    func concurrent() async throws {
        try await Fixture.run { fixture in
            let rows = try (0..<30).map { _ in try provider() }
            let verdicts = try await withThrowingTaskGroup(of: [ImportVerdict].self) { group in
                for _ in 0..<4 { group.addTask { try await fixture.take(rows, "care-providers") } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(verdicts.filter { $0 == .added }.count == 30)
            #expect(verdicts.filter { $0 == .unchanged }.count == 90)
            #expect(try await fixture.eventTypes().count == 30)
        }
    }

    @Test("people with a function are named, and a bad name is refused with its column")
    func functionHolderNames() async throws {
        try await Fixture.run { fixture in
            for name in ["", "An\u{202e}", String(repeating: "x", count: 101)] {
                let verdict = try await fixture.take([holder(["last_name": name])], "non-care-providers")[0]
                guard case .refused(let text) = verdict else {
                    Issue.record("taken in")
                    return
                }
                #expect(text.hasPrefix("last_name"), "\(text)")
            }
        }
    }

    // MARK: - Rows

    private static let contact = [
        "email": "an@praktijk.example", "phone": "+32 470 00 00 01", "street": "Lindelaan 12", "postal_code": "9000",
        "city": "Gent",
    ]

    private func provider(_ changes: [String: String] = [:]) throws -> [String: String] {
        [
            "national_number": Samples.nationalNumber(), "first_name": "An", "last_name": "Peeters",
            "profession": "persphysician", "riziv_number": try Samples.riziv().digits, "visum": "", "visum_date": "",
            "dossier_state": "open",
        ].merging(Self.contact) { $1 }.merging(changes) { $1 }
    }

    private func holder(_ changes: [String: String] = [:]) throws -> [String: String] {
        [
            "national_number": Samples.nationalNumber(), "last_name": "Peeters", "function": "director",
            "organisation_kbo": "",
            "organisation_riziv": try Samples.riziv().digits, "organisation_name": "De Linde",
        ].merging(Self.contact) { $1 }.merging(changes) { $1 }
    }
}

extension Fixture {
    /// Takes rows in as the import command of that name does.
    func take(_ rows: [[String: String]], _ name: String) async throws -> [ImportVerdict] {
        let command = try #require(ProfileResolutionService.imports.first { $0.name == name })
        let handler = try await command.handler(config, base)
        return try await handler.take(rows.enumerated().map { ImportRow(line: $0 + 2, values: $1) })
    }

    func eventTypes() async throws -> [String] {
        try await database.read { session in
            try session.query("SELECT type FROM outbox ORDER BY event_id").map { try $0.decode(String.self) }
        }
    }
}
