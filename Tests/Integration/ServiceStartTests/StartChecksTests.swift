import Logging
import Postgres
import Process
import TestStore
import Testing

@Suite("A service starts on a database that is there and migrated, and on no other")
struct StartChecksTests {
    private let quiet = Logger(label: "start") { _ in SwiftLogNoOpLogHandler() }
    private let first = Migration(
        component: "portal", file: "V0001__create_first", sql: Array("CREATE TABLE first ();".utf8))
    private let second = Migration(
        component: "portal", file: "V0002__create_second", sql: Array("CREATE TABLE second ();".utf8))

    @Test("a migrated schema passes")
    func migrated() async throws {
        try await TestPostgres.withDatabase(schema: "portal", migrations: [first]) { test in
            try await StartChecks.reach(test.database, within: .seconds(5), logger: quiet)
            try await StartChecks.checkMigrated(
                Migrator(schema: "portal", migrations: [first]), test.database, executable: "portal-service")
        }
    }

    @Test("a schema that is behind is refused with what is missing and what to run, and the migration mends it")
    func behind() async throws {
        try await TestPostgres.withDatabase(schema: "portal", migrations: [first]) { test in
            let migrator = Migrator(schema: "portal", migrations: [first, second])
            let failure = await #expect(throws: StartFailure.self) {
                try await StartChecks.checkMigrated(migrator, test.database, executable: "portal-service")
            }
            #expect(
                failure?.description == """
                    The schema portal is behind this program by 1 migration (portal 2). Nothing was started. \
                    Run "portal-service migrate" with the same configuration first.
                    """)
            _ = try await migrator.migrate(as: test.owner, logger: quiet)
            try await StartChecks.checkMigrated(migrator, test.database, executable: "portal-service")
        }
    }

    @Test("a database that is away is waited for until the deadline, and then said so")
    func away() async throws {
        let database = Database(
            DatabaseConfiguration(
                host: "127.0.0.1", port: 1, database: "toegang", user: "portal_app", password: "secret",
                applicationName: "test", schema: "portal", waitDeadline: .milliseconds(50)), logger: quiet)
        let started = ContinuousClock.now
        let failure = await #expect(throws: StartFailure.self) {
            try await StartChecks.reach(database, within: .milliseconds(600), logger: quiet)
        }
        #expect(ContinuousClock.now - started < .seconds(10))
        let text = try #require(failure?.description)
        #expect(text.hasPrefix("The database toegang at 127.0.0.1:1 did not answer portal_app within 0.6 seconds ("))
        #expect(text.contains("Nothing was started.") && !text.contains("secret"))
        await database.shutdown()
    }
}
