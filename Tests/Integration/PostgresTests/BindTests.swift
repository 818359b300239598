import FoundationEssentials
import Postgres
import TestStore
import Testing
import Vocabulary

@Suite("Binds and rows")
struct BindTests {
    @Test("a value of each type comes back as it went")
    func roundTrip() async throws {
        try await withFixtures { test in
            let uuid = UUID()
            let person = PersonID(uuid)
            let instant = Instant(microseconds: 1_769_860_800_123_456)
            let date = try #require(LocalDate("2026-02-28"))
            let row = try await test.database.read { session in
                try session.first(
                    """
                    SELECT \(true), \(Int16.min), \(Int32.max), \(Int64.min), \(Int.max), \(-0.1), \("é€😀"),
                           \([UInt8](0...255)), \(uuid), \(person), \(instant), \(date), \(Json("{\"a\": [1]}"))
                    """)
            }
            let values = try #require(row).decode(
                Bool.self, Int16.self, Int32.self, Int64.self, Int.self, Double.self, String.self, [UInt8].self,
                UUID.self, PersonID.self, Instant.self, LocalDate.self, Json.self)
            #expect(values.0)
            #expect(values.1 == .min)
            #expect(values.2 == .max)
            #expect(values.3 == .min)
            #expect(values.4 == .max)
            #expect(values.5 == -0.1)
            #expect(values.6 == "é€😀")
            #expect(values.7 == [UInt8](0...255))
            #expect(values.8 == uuid)
            #expect(values.9 == person)
            #expect(values.10 == instant)
            #expect(values.11 == date)
            #expect(values.12.text == "{\"a\": [1]}")
        }
    }

    @Test("arrays, empty ones, and arrays with NULL come back as they went")
    func arrays() async throws {
        try await withFixtures { test in
            let uuids = [UUID(), UUID()]
            let people = uuids.map { PersonID($0) }
            let names: [String?] = ["a", nil, "", "{,}\"\\"]
            let row = try await test.database.read { session in
                try session.first(
                    """
                    SELECT \(uuids), \(people), \(["x", "{y}"]), \([Int64.min, 0, .max]), \([String]()),
                           \(names), \([UInt8]())
                    """)
            }
            let values = try #require(row).decode(
                [UUID].self, [PersonID].self, [String].self, [Int64].self, [String].self, [String?].self,
                [UInt8].self)
            #expect(values.0 == uuids)
            #expect(values.1 == people)
            #expect(values.2 == ["x", "{y}"])
            #expect(values.3 == [.min, 0, .max])
            #expect(values.4.isEmpty)
            #expect(values.5 == names)
            #expect(values.6.isEmpty)
        }
    }

    @Test("NULL of each type comes back as nil, and is refused where a value must be")
    func nulls() async throws {
        try await withFixtures { test in
            let row = try await test.database.read { session in
                try session.first(
                    "SELECT \(Int?.none), \(String?.none), \(UUID?.none), \(Instant?.none), \([UInt8]?.none)")
            }
            let values = try #require(row).decode(Int?.self, String?.self, UUID?.self, Instant?.self, [UInt8]?.self)
            #expect(values == (nil, nil, nil, nil, nil))
            #expect(throws: PostgresError.self) { try row?.column(0, as: Int.self) }
        }
    }

    @Test(
        "the server agrees on what an instant and a date are",
        arguments: [
            ("1970-01-01T00:00:00Z", "1970-01-01"), ("1999-12-31T23:59:59.999999Z", "1999-12-31"),
            ("2000-02-29T12:00:00Z", "2000-02-29"), ("1850-07-01T06:30:00Z", "1850-07-01"),
            ("9999-12-31T23:59:59Z", "9999-12-31"),
        ])
    func calendar(_ instantText: String, _ dateText: String) async throws {
        try await withFixtures { test in
            let instant = try #require(Instant(instantText))
            let date = try #require(LocalDate(dateText))
            let row = try await test.database.read { session in
                try session.first(
                    """
                    SELECT \(instant) = \(instantText)::timestamptz, \(date) = \(dateText)::date,
                           \(instantText)::timestamptz, \(dateText)::date
                    """)
            }
            let values = try #require(row).decode(Bool.self, Bool.self, Instant.self, LocalDate.self)
            #expect(values == (true, true, instant, date))
        }
    }

    @Test(
        "text that looks like SQL stays text",
        arguments: [
            "'; DROP TABLE thing; --", "\\'; DELETE FROM thing; --", "$1", "\") OR 1=1 --", "/* ", "Robert\u{2028}",
            "'' UNION SELECT rolpassword FROM pg_authid",
        ])
    func injection(_ text: String) async throws {
        try await withFixtures { test in
            let id = UUID()
            try await test.database.transaction { session in
                try session.execute("INSERT INTO thing (thing_id, name, number) VALUES (\(id), \(text), 1)")
            }
            let rows = try await test.database.read { session in
                try session.query("SELECT thing_id, name FROM thing WHERE name = \(text)")
            }
            let (foundID, foundName) = try #require(rows.first).decode(UUID.self, String.self)
            #expect(rows.count == 1)
            #expect(foundID == id)
            #expect(foundName == text)
        }
    }

    @Test("a name that looks like SQL stays a name")
    func injectedName() async throws {
        try await withFixtures { test in
            let name = "thing\"; DROP TABLE thing; --"
            let error = try await failure {
                try await test.database.read { try $0.query("SELECT * FROM \(identifier: name)") }
            }
            #expect(error?.state == "42P01")
        }
    }

    @Test("a text with U+0000 is refused, never cut off")
    func nul() async throws {
        try await withFixtures { test in
            let error = try await failure { try await test.database.read { try $0.query("SELECT \("a\u{0}b")") } }
            #expect(error?.state == "22021")
        }
    }

    @Test("errors and descriptions of statements hold no value")
    func noValues() async throws {
        try await withFixtures { test in
            let secret = "85073003328"
            let statement: SQL = "INSERT INTO thing VALUES (\(UUID()), \(secret), \(-1))"
            #expect(!statement.description.contains(secret))
            let refused = try await failure { try await test.database.transaction { try $0.execute(statement) } }
            #expect(refused?.isCheckViolation == true)
            #expect(refused?.constraint == "thing_number_check")
            #expect(refused?.description.contains(secret) == false)
            let unreadable = try await failure {
                try await test.database.read { try $0.query("SELECT \(secret + "x")::uuid") }
            }
            #expect(unreadable?.state == "22P02")
            #expect(unreadable?.description.contains(secret) == false)
        }
    }

    @Test("fragments keep their binds in order")
    func fragments() async throws {
        try await withFixtures { test in
            let conditions: [SQL] = ["a > \(1)", "b = \("x")", "c IS \(trusted: "NOT NULL")"]
            let filter = SQL.joined(conditions, separator: " AND ")
            let statement: SQL =
                "SELECT a FROM (VALUES (\(2), 'x', true)) v (a, b, c) WHERE \(fragment: filter) LIMIT \(5)"
            let rows = try await test.database.read { try $0.query(statement) }
            #expect(try rows.map { try $0.decode(Int.self) } == [2])
        }
    }

    @Test("a column of another type or number than asked for is an error that names both")
    func wrongShape() async throws {
        try await withFixtures { test in
            let row = try await test.database.read { try $0.first("SELECT 1::int8 AS amount, 'x'") }
            #expect(throws: PostgresError.self) { try row?.decode(Int.self) }
            let error = #expect(throws: PostgresError.self) { try row?.decode(UUID.self, String.self) }
            #expect(error?.column == "amount")
        }
    }
}
