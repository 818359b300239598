import ContractCore
import Logging
import Postgres
import TestStore
import Testing
import Web

/// What the database did not do, as a caller is told it; each trouble is raised by the server itself.
@Suite("The database's troubles are told as what they are")
struct DatabaseTroubleTests {
    private static let migrations = [
        Migration(
            component: "trouble", file: "V0001__create_trouble",
            sql: Array(
                """
                CREATE TABLE note (id bigint PRIMARY KEY, text text);
                CREATE SEQUENCE tries;
                CREATE FUNCTION trouble(state text) RETURNS void LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = state; END $$;
                CREATE FUNCTION trouble_once(state text) RETURNS void LANGUAGE plpgsql AS $$
                BEGIN IF nextval('tries') = 1 THEN RAISE EXCEPTION 'trouble' USING ERRCODE = state; END IF; END $$;
                CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
                CREATE FUNCTION die_now() RETURNS void LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); END $$;
                CREATE CONSTRAINT TRIGGER die AFTER INSERT ON note DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW WHEN (NEW.text = 'die at commit') EXECUTE FUNCTION die();
                """.utf8))
    ]

    private func with<R>(_ body: (Database) async throws -> R) async throws -> R {
        try await TestPostgres.withDatabase(schema: "portal", migrations: Self.migrations) { test in
            // Only a superuser may end a connection of a server whose superuser made it.
            let outside = Database(test.superuser, logger: Logger(label: "outside") { _ in SwiftLogNoOpLogHandler() })
            try await outside.transaction { session in
                try session.execute("ALTER FUNCTION portal.die() OWNER TO CURRENT_USER")
                try session.execute("ALTER FUNCTION portal.die() SECURITY DEFINER")
                try session.execute("ALTER FUNCTION portal.die_now() OWNER TO CURRENT_USER")
                try session.execute("ALTER FUNCTION portal.die_now() SECURITY DEFINER")
            }
            await outside.shutdown()
            return try await body(test.database)
        }
    }

    private func failure<R>(_ body: () async throws -> R) async throws -> PostgresError? {
        do {
            _ = try await body()
            return nil
        } catch let error as PostgresError {
            return error
        }
    }

    @Test(
        "an outage, a lock, a deadline, a full disk: 503 with Retry-After, and nothing was changed",
        arguments: [
            "55P03", "40P01", "40001", "57014", "25006", "53100", "53200", "53300", "53400", "57P01", "57P03", "58030",
        ])
    func unavailable(_ state: String) async throws {
        try await with { database in
            let error = try await failure {
                try await database.transaction { session in
                    try session.execute("INSERT INTO note (id) VALUES (1)")
                    try session.execute("SELECT trouble(\(state))")
                }
            }
            #expect(error?.state == state)
            let problem = Problem(try #require(error?.trouble))
            #expect(problem.code == .unavailable && problem.retryAfter != nil)
            #expect(problem.detail?.hasSuffix("Nothing was changed.") == true)
            let rows = try await database.read { try $0.first("SELECT count(*) FROM note")?.decode(Int.self) }
            #expect(rows == 0)
        }
    }

    @Test("what a statement did wrong is a defect of ours", arguments: ["23505", "23514", "22021", "42P01"])
    func defects(_ state: String) async throws {
        try await with { database in
            let error = try await failure {
                try await database.transaction { session in try session.execute("SELECT trouble(\(state))") }
            }
            #expect(error?.trouble == nil && error?.state == state)
        }
    }

    @Test("a commit whose answer does not come is not known, and says neither that it was done nor that it was not")
    func commitUnknown() async throws {
        try await with { database in
            let error = try await failure {
                try await database.transaction { session in
                    try session.execute("INSERT INTO note (id, text) VALUES (1, 'die at commit')")
                }
            }
            #expect(error?.kind == .outcomeUnknown)
            let problem = Problem(try #require(error?.trouble))
            #expect(problem.code == .outcomeUnknown && problem.retryAfter == nil)
            #expect(problem.detail == "Whether it was done is not known. Look at how it stands before you repeat it.")
            // A statement that commits by itself is no different.
            let single = try await failure {
                try await database.read { session in
                    try session.execute("INSERT INTO note (id, text) VALUES (2, 'die at commit')")
                }
            }
            #expect(single?.isUnavailable == true)
        }
    }

    @Test("a connection that breaks before the commit has done nothing, and says so")
    func brokenBefore() async throws {
        try await with { database in
            let error = try await failure {
                try await database.transaction { session in
                    try session.execute("INSERT INTO note (id) VALUES (1)")
                    try session.execute("SELECT die_now()")
                }
            }
            #expect(error?.isUnavailable == true && error?.kind != .outcomeUnknown)
            #expect(error?.trouble.map(Problem.init)?.code == .unavailable)
        }
    }

    @Test("a transaction that a deadlock or a serialization failure rolled back is run once more, others are not")
    func onceMore() async throws {
        for (state, succeeds) in [("40P01", true), ("40001", true), ("55P03", false), ("57014", false)] {
            try await with { database in
                let error = try await failure {
                    try await database.transaction { session in
                        try session.execute("INSERT INTO note (id) VALUES (1)")
                        try session.execute("SELECT trouble_once(\(state))")
                    }
                }
                #expect((error == nil) == succeeds, "\(state)")
                let rows = try await database.read { try $0.first("SELECT count(*) FROM note")?.decode(Int.self) }
                #expect(rows == (succeeds ? 1 : 0), "\(state)")
            }
        }
    }
}
