import Postgres
import TestStore
import Testing

@Suite("Roles")
struct RoleTests {
    @Test(
        "a service's role is refused whatever lies outside the rows of its own schema",
        arguments: [
            "SELECT * FROM organisation_rights.thing", "INSERT INTO organisation_rights.thing VALUES (1)",
            "DELETE FROM organisation_rights.thing", "CREATE TABLE own (a int)",
            "CREATE TABLE organisation_rights.own (a int)", "CREATE TABLE public.own (a int)",
            "CREATE TEMPORARY TABLE own (a int)", "CREATE SCHEMA own", "DROP TABLE thing",
            "ALTER TABLE thing ADD COLUMN b int", "TRUNCATE thing", "CREATE ROLE somebody",
            "SET ROLE toegang_owner", "SET ROLE organisation_rights_app", "SELECT * FROM pg_authid",
            "COPY thing TO '/tmp/toegang-copy'", "CREATE EXTENSION pgcrypto SCHEMA public",
        ])
    func refused(_ statement: StaticString) async throws {
        try await withFixtures { test in
            let owner = Database(test.owner, logger: quiet)
            try await owner.read { session in
                _ = try session.execute("CREATE TABLE organisation_rights.thing (a int)")
            }
            await owner.shutdown()
            let error = try await failure {
                try await test.database.transaction { try $0.execute("\(trusted: statement)") }
            }
            // An attached server is entered by a superuser who assumes the role: there, SET ROLE is hers to use.
            if test.configuration.assumedRole != nil, statement.description.hasPrefix("SET ROLE") { return }
            #expect(error?.isPermissionDenied == true)
        }
    }

    @Test("a service's role cannot enter another database of the server")
    func otherDatabases() async throws {
        try await withFixtures { test in
            guard test.configuration.assumedRole == nil else { return }
            for name in ["postgres", "template1"] {
                var configuration = test.configuration
                configuration.database = name
                configuration.waitDeadline = .milliseconds(100)
                let database = Database(configuration, logger: quiet)
                let error = try await failure { try await database.read { try $0.query("SELECT 1") } }
                #expect(error?.description.contains("permission denied for database") == true)
                await database.shutdown()
            }
        }
    }

    @Test("a wrong password is refused, and the error does not hold it")
    func wrongPassword() async throws {
        try await withFixtures { test in
            guard test.configuration.assumedRole == nil else { return }
            var configuration = test.configuration
            configuration.password = "guessed-password"
            configuration.waitDeadline = .milliseconds(100)
            let database = Database(configuration, logger: quiet)
            let error = try await failure { try await database.read { try $0.query("SELECT 1") } }
            #expect(error?.description.contains("password authentication failed") == true)
            #expect(error?.description.contains("guessed-password") == false)
            await database.shutdown()
        }
    }

    @Test("an append-only table takes new rows and keeps old ones")
    func appendOnly() async throws {
        let log = Migration(
            component: "fixture", file: "V0002__create_log",
            sql: Array(
                """
                CREATE TABLE log (line text NOT NULL);
                DO $$ BEGIN
                    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON log FROM %I', current_schema() || '_app');
                END $$;
                """.utf8))
        try await TestPostgres.withDatabase(schema: schema, migrations: fixtures + [log]) { test in
            try await test.database.transaction { try $0.execute("INSERT INTO log VALUES ('a')") }
            for statement: SQL in ["UPDATE log SET line = 'b'", "DELETE FROM log", "TRUNCATE log"] {
                let error = try await failure { try await test.database.transaction { try $0.execute(statement) } }
                #expect(error?.isPermissionDenied == true)
            }
        }
    }
}
