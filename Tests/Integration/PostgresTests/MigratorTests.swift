import Postgres
import TestStore
import Testing

@Suite("Migrations")
struct MigratorTests {
    private func migration(_ version: Int, _ sql: String, component: String = "fixture") -> Migration {
        Migration(component: component, file: "V000\(version)__change_\(version)", sql: Array(sql.utf8))
    }

    private var next: Migration { migration(2, "ALTER TABLE thing ADD COLUMN colour text") }

    @Test("what is missing is applied once, in order")
    func twice() async throws {
        try await withFixtures { test in
            let migrator = Migrator(schema: schema, migrations: fixtures + [next])
            #expect(try await migrator.pending(test.database).map(\.version) == [2])
            #expect(try await migrator.migrate(as: test.owner, logger: quiet).map(\.version) == [2])
            #expect(try await migrator.migrate(as: test.owner, logger: quiet).isEmpty)
            #expect(try await migrator.pending(test.database).isEmpty)
            try await test.database.read { _ = try $0.query("SELECT colour FROM thing") }
        }
    }

    @Test("a step whose text changed after it was applied is an error that says so")
    func changed() async throws {
        try await withFixtures { test in
            let edited = migration(1, "CREATE TABLE other (a int)")
            let migrator = Migrator(schema: schema, migrations: [edited, next])
            let expected = MigrationError.changed(
                schema: schema, component: "fixture", version: 1, name: "create_thing")
            await #expect(throws: expected) { try await migrator.migrate(as: test.owner, logger: quiet) }
            await #expect(throws: expected) { try await migrator.pending(test.database) }
            #expect(expected.description.contains("Undo the edit"))
        }
    }

    @Test("a release works on a schema that a newer one expanded: it starts, migrates nothing and is not told to")
    func expanded() async throws {
        try await withFixtures { test in
            // The other release: one step more, which adds and takes nothing away.
            let expanding = migration(2, "-- expands\nALTER TABLE thing ADD COLUMN colour text")
            let other = migration(1, "-- expands\nCREATE TABLE other_release (a int)", component: "other")
            let newer = Migrator(schema: schema, migrations: fixtures + [expanding, other])
            let older = Migrator(schema: schema, migrations: fixtures)
            let applied = try await newer.migrate(as: test.owner, logger: quiet)
            #expect(applied.count == 2)
            let missing = try await older.pending(test.database)
            let appliedByOlder = try await older.migrate(as: test.owner, logger: quiet)
            let missingToNewer = try await newer.pending(test.database)
            #expect(missing.isEmpty && appliedByOlder.isEmpty && missingToNewer.isEmpty)
            // What it needs itself is missed as ever.
            let further = Migrator(schema: schema, migrations: fixtures + [migration(2, "SELECT 1")])
            await #expect(throws: MigrationError.self) { try await further.pending(test.database) }
        }
    }

    @Test("a schema that a newer release changed otherwise is left alone, and the error says what to do")
    func newer() async throws {
        try await withFixtures { test in
            _ = try await Migrator(schema: schema, migrations: fixtures + [next])
                .migrate(as: test.owner, logger: quiet)
            let expected = MigrationError.newer(schema: schema, component: "fixture", version: 2, name: "change_2")
            await #expect(throws: expected) {
                try await Migrator(schema: schema, migrations: fixtures).migrate(as: test.owner, logger: quiet)
            }
            await #expect(throws: expected) {
                try await Migrator(schema: schema, migrations: fixtures).pending(test.database)
            }
            #expect(expected.description.contains("Run that release or a later one"))
        }
    }

    @Test("a step that fails is rolled back as a whole; those before it are kept")
    func failing() async throws {
        try await withFixtures { test in
            let broken = migration(3, "CREATE TABLE half (a int); SELECT no_such_function()")
            let migrator = Migrator(schema: schema, migrations: fixtures + [next, broken])
            let error = await #expect(throws: MigrationError.self) {
                try await migrator.migrate(as: test.owner, logger: quiet)
            }
            #expect(error?.description.contains("no_such_function") == true)
            #expect(try await migrator.pending(test.database).map(\.version) == [3])
            let exists = try await test.database.read { session in
                try session.first("SELECT to_regclass('half') IS NOT NULL")?.decode(Bool.self)
            }
            #expect(exists == false)
        }
    }

    @Test("eight migrators at once apply each step once")
    func concurrent() async throws {
        try await withFixtures { test in
            let migrator = Migrator(
                schema: schema,
                migrations: fixtures + [next, migration(1, "CREATE TABLE more (a int)", component: "other")])
            let applied = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await migrator.migrate(as: test.owner, logger: quiet).count }
                }
                return try await group.reduce(0, +)
            }
            #expect(applied == 2)
        }
    }

    @Test("a list with a gap is refused before anything is done")
    func gap() async throws {
        try await withFixtures { test in
            let migrator = Migrator(schema: schema, migrations: fixtures + [migration(3, "SELECT 1")])
            await #expect(throws: MigrationError.self) { try await migrator.migrate(as: test.owner, logger: quiet) }
        }
    }

    @Test("the service's role reads which steps were applied, and cannot change that")
    func tableOfSteps() async throws {
        try await withFixtures { test in
            let error = try await failure {
                try await test.database.transaction { try $0.execute("DELETE FROM schema_migration") }
            }
            #expect(error?.isPermissionDenied == true)
        }
    }
}
