import Logging
import Postgres
import TestBasics
import TestStore

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A schema of the suite for tests that need tables of their own.
let schema = "mandate_registry"

/// The migration of these tests: one table with a column of each kind.
let fixtures = [
    Migration(
        component: "fixture", file: "V0001__create_thing",
        sql: Array(
            """
            CREATE TABLE thing (
                thing_id uuid PRIMARY KEY,
                name text NOT NULL UNIQUE,
                number bigint NOT NULL CHECK (number >= 0)
            );
            CREATE TABLE part (
                part_id uuid PRIMARY KEY,
                thing_id uuid NOT NULL REFERENCES thing DEFERRABLE INITIALLY DEFERRED
            );
            """.utf8))
]

/// Runs a body with a database that has the fixtures.
func withFixtures<R>(poolSize: Int = 6, _ body: (TestDatabase) async throws -> R) async throws -> R {
    try await TestPostgres.withDatabase(schema: schema, migrations: fixtures, poolSize: poolSize, body)
}

/// Waits for a state; false when it has not come within the limit.
func eventually(
    within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return false
}

/// The error that a database call throws.
func failure<R: Sendable>(_ body: () async throws -> R) async throws -> PostgresError? {
    do {
        _ = try await body()
        return nil
    } catch let error as PostgresError {
        return error
    }
}
