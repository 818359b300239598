import FoundationEssentials
import Postgres
import TestStore
import Testing

@Suite("Transactions and batches")
struct TransactionTests {
    private struct Refused: Error {}

    private func count(_ test: TestDatabase) async throws -> Int {
        try await test.database.read { try $0.first("SELECT count(*) FROM thing")?.decode(Int.self) ?? -1 }
    }

    private static func insert(_ name: String, _ number: Int = 1) -> SQL {
        "INSERT INTO thing (thing_id, name, number) VALUES (\(UUID()), \(name), \(number))"
    }

    @Test("what a body throws rolls back and comes out unchanged")
    func rollback() async throws {
        try await withFixtures { test in
            await #expect(throws: Refused.self) {
                try await test.database.transaction { session in
                    try session.execute(Self.insert("a"))
                    throw Refused()
                }
            }
            let remaining = try await count(test)
            #expect(remaining == 0)
        }
    }

    @Test("a body that swallows a failed statement does not pass for committed")
    func swallowed() async throws {
        try await withFixtures { test in
            let error = try await failure {
                try await test.database.transaction { session in
                    try session.execute(Self.insert("a"))
                    _ = try? session.execute(Self.insert("a"))
                }
            }
            #expect(error?.kind == .transactionAborted)
            #expect(try await count(test) == 0)
        }
    }

    @Test("a constraint that is checked at commit fails the transaction")
    func deferred() async throws {
        try await withFixtures { test in
            let error = try await failure {
                try await test.database.transaction { session in
                    try session.execute(Self.insert("a"))
                    try session.execute("INSERT INTO part (part_id, thing_id) VALUES (\(UUID()), \(UUID()))")
                }
            }
            #expect(error?.isForeignKeyViolation == true)
            #expect(error?.table == "part")
            #expect(try await count(test) == 0)
        }
    }

    @Test("a batch answers the rows of each statement in order")
    func batch() async throws {
        try await withFixtures { test in
            let results = try await test.database.transaction { session in
                try session.pipeline([
                    Self.insert("a"), "SELECT name FROM thing", "SELECT \(1) + \(2)", Self.insert("b"),
                    "SELECT name FROM thing ORDER BY name",
                ])
            }
            #expect(results.map(\.count) == [0, 1, 1, 0, 2])
            #expect(try results[2][0].decode(Int.self) == 3)
            #expect(try results[4].map { try $0.decode(String.self) } == ["a", "b"])
        }
    }

    @Test("a batch that fails outside a transaction leaves nothing, and the connection goes on")
    func abortedBatch() async throws {
        try await withFixtures(poolSize: 1) { test in
            let error = try await failure {
                try await test.database.read { session in
                    try session.pipeline([Self.insert("a"), Self.insert("b", -1), Self.insert("c")])
                }
            }
            #expect(error?.constraint == "thing_number_check")
            #expect(try await count(test) == 0)
            let after = try await test.database.read { try $0.pipeline([Self.insert("a"), Self.insert("c")]) }
            #expect(after.count == 2)
            #expect(try await count(test) == 2)
        }
    }

    @Test("a batch that fails inside a transaction takes the transaction with it")
    func abortedBatchInTransaction() async throws {
        try await withFixtures(poolSize: 1) { test in
            let error = try await failure {
                try await test.database.transaction { session in
                    try session.execute(Self.insert("a"))
                    try session.pipeline([Self.insert("b"), "SELECT 1/0", Self.insert("c")])
                }
            }
            #expect(error?.state == "22012")
            #expect(try await count(test) == 0)
        }
    }

    @Test("a batch of 64 with large rows both ways does not jam; one of 65 is refused")
    func largeBatch() async throws {
        try await withFixtures { test in
            let text = String(repeating: "x", count: 200_000)
            let batch = (0..<Session.longestPipeline).map { _ in "SELECT \(text) || \(text)" as SQL }
            let lengths = try await test.database.read { session in
                try session.pipeline(batch).map { rows in try rows[0].decode(String.self).utf8.count }
            }
            #expect(lengths == Array(repeating: 400_000, count: 64))
            let error = try await failure {
                try await test.database.read { try $0.pipeline(batch + ["SELECT 1"]) }
            }
            #expect(error?.kind == .pipelineTooLong)
        }
    }

    @Test("more than one row where at most one is acceptable is an error")
    func tooManyRows() async throws {
        try await withFixtures { test in
            let error = try await failure {
                try await test.database.read { try $0.first("SELECT generate_series(1, 2)") }
            }
            #expect(error?.kind == .unexpectedRows)
        }
    }

    @Test("execute answers the number of rows that it touched")
    func affected() async throws {
        try await withFixtures { test in
            let touched = try await test.database.transaction { session in
                try session.pipeline([Self.insert("a"), Self.insert("b")])
                return try session.execute("UPDATE thing SET number = number + 1")
            }
            #expect(touched == 2)
        }
    }

    @Test("prepared statements stay bounded, and are used again")
    func preparedStatements() async throws {
        try await withFixtures(poolSize: 1) { test in
            for number in 0..<260 {
                let column: SQL = "\(identifier: "column \(number)")"
                let statement: SQL = "SELECT \(number) AS \(fragment: column)"
                let value = try await test.database.read { try $0.first(statement)?.decode(Int.self) }
                #expect(value == number)
            }
            let prepared = try await test.database.read { session in
                try session.first("SELECT count(*) FROM pg_prepared_statements")?.decode(Int.self)
            }
            // 200 are kept; the newest comes before the oldest goes, and this query is one itself.
            #expect(try #require(prepared) <= 202)
            for _ in 0..<5 { _ = try await count(test) }
            let uses = try await test.database.read { session in
                try session.first(
                    """
                    SELECT generic_plans + custom_plans FROM pg_prepared_statements
                    WHERE statement = 'SELECT count(*) FROM thing'
                    """)?.decode(Int.self)
            }
            #expect(uses == 5)
        }
    }

    @Test("a statement that made room goes from the server too, when the call that should have told it failed")
    func roomAfterFailures() async throws {
        try await withFixtures(poolSize: 1) { test in
            for number in 0..<300 {
                // The text is prepared, and its first execution fails: so does what was sent behind it.
                let column: SQL = "\(identifier: "column \(number)")"
                let zero: SQL = "(SELECT count(*) FROM thing)"
                let statement: SQL = "SELECT 1 / \(fragment: zero) AS \(fragment: column)"
                let state = try await failure { try await test.database.read { try $0.first(statement) } }?.state
                #expect(state == "22012")
            }
            for _ in 0..<10 { _ = try await count(test) }
            let prepared = try await test.database.read { session in
                try session.first("SELECT count(*) FROM pg_prepared_statements")?.decode(Int.self)
            }
            #expect(try #require(prepared) <= 202)
        }
    }

    @Test("a statement whose plan a migration made useless works again at the next call")
    func changedColumn() async throws {
        try await withFixtures(poolSize: 1) { test in
            try await test.database.read { try $0.pipeline([Self.insert("a")]) }
            let select: SQL = "SELECT name FROM thing"
            _ = try await test.database.read { try $0.query(select) }
            let owner = Database(test.owner, logger: quiet)
            try await owner.read { try $0.execute("ALTER TABLE thing ALTER COLUMN name TYPE varchar(50)") }
            await owner.shutdown()
            _ = try? await test.database.read { try $0.query(select) }
            let names = try await test.database.read { session in
                try session.query(select).map { row in try row.decode(String.self) }
            }
            #expect(names == ["a"])
            let kept = try await test.database.read { session in
                try session.first(
                    "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT name FROM thing'"
                )?.decode(Int.self)
            }
            #expect(kept == 1, "the useless one is not kept at the server beside the new one")
        }
    }
}
