import Async
import Glibc
import Logging
package import Postgres
import TestBasics

/// A database of one test's own, with the suite's roles and one migrated schema.
package struct TestDatabase: Sendable {
    /// Entered by the app role of the schema.
    package let database: Database
    /// How the app role enters.
    package let configuration: DatabaseConfiguration
    /// How the owner enters: for migrations.
    package let owner: DatabaseConfiguration
    /// How a superuser enters: for looking from outside, and for breaking things.
    package let superuser: DatabaseConfiguration

    /// Closes the connections and drops the database.
    package func shutdown() async {
        await database.shutdown()
        await TestPostgres.server.drop(configuration.database)
    }
}

/// Databases for tests, on a real PostgreSQL: the server that `TOEGANG_TEST_POSTGRES` names (the URL of a superuser),
/// or else a private one of this process.
package enum TestPostgres {
    static let server = TestServer()

    /// A database of the caller's own, made from a template that was migrated once.
    package static func database(
        schema: String, migrations: [Migration], poolSize: Int = 6
    ) async throws -> TestDatabase {
        let name = try await server.database(schema: schema, migrations: migrations)
        return try await server.describe(name, schema: schema, poolSize: poolSize)
    }

    /// Runs a body with a database of its own, which is dropped afterwards.
    package static func withDatabase<R>(
        schema: String, migrations: [Migration], poolSize: Int = 6, _ body: (TestDatabase) async throws -> R
    ) async throws -> R {
        let database = try await database(schema: schema, migrations: migrations, poolSize: poolSize)
        do {
            let result = try await body(database)
            await database.shutdown()
            return result
        } catch {
            await database.shutdown()
            throw error
        }
    }
}

/// The server behind `TestPostgres`, and what has been made on it.
actor TestServer {
    private struct Access {
        /// Keeps a private server running.
        let cluster: PostgresCluster?
        let superuser: DatabaseConfiguration
        let administration: Database
        let base: String
    }

    private static let roles = [
        "toegang_owner", "authentication_app", "profile_resolution_app", "mandate_registry_app",
        "organisation_rights_app", "portal_app",
    ]
    static let logger = Logger(label: "TestPostgres")

    private var access: Task<Access, any Error>?
    private var templates: [[String]: Task<String, any Error>] = [:]
    private var made = 0

    func database(schema: String, migrations: [Migration]) async throws -> String {
        let access = try await reach()
        let key = [schema] + migrations.map { "\($0.component) \($0.version) \($0.sql.hashValue)" }
        let template: Task<String, any Error>
        if let known = templates[key] {
            template = known
        } else {
            template = Task {
                let name = try await self.copy(of: access.base, access)
                let owner = self.configuration(name, schema: schema, user: "toegang_owner", access)
                _ = try await Migrator(schema: schema, migrations: migrations)
                    .migrate(as: owner, logger: TestServer.logger)
                return name
            }
            templates[key] = template
        }
        return try await copy(of: template.value, access)
    }

    func describe(_ name: String, schema: String, poolSize: Int) async throws -> TestDatabase {
        let access = try await reach()
        var app = configuration(name, schema: schema, user: "\(schema)_app", access)
        app.poolSize = poolSize
        var superuser = access.superuser
        superuser.database = name
        superuser.schema = schema
        return TestDatabase(
            database: Database(app, logger: TestServer.logger), configuration: app,
            owner: configuration(name, schema: schema, user: "toegang_owner", access), superuser: superuser)
    }

    func drop(_ name: String) async {
        guard let access = try? await reach() else { return }
        _ = try? await access.administration.read { session in
            try session.execute("DROP DATABASE IF EXISTS \(identifier: name) WITH (FORCE)")
        }
    }

    /// An attached server has passwords that a test does not know: there the superuser enters and assumes the role.
    private func configuration(
        _ database: String, schema: String, user: String, _ access: Access
    ) -> DatabaseConfiguration {
        let attached = access.cluster == nil
        return DatabaseConfiguration(
            host: access.superuser.host, port: access.superuser.port, database: database,
            user: attached ? access.superuser.user : user, password: access.superuser.password,
            applicationName: "toegang-test", schema: schema, assumedRole: attached ? user : nil)
    }

    private func copy(of template: String, _ access: Access) async throws -> String {
        made += 1
        let name = "test_\(getpid())_\(made)"
        let roles = SQL.joined(TestServer.roles.map { "\(identifier: $0)" }, separator: ", ")
        try await access.administration.read { session in
            try session.execute("DROP DATABASE IF EXISTS \(identifier: name) WITH (FORCE)")
            try session.execute("CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: template)")
            // Rights on a database are not copied from its template.
            try session.execute("REVOKE ALL ON DATABASE \(identifier: name) FROM PUBLIC")
            try session.execute("GRANT CONNECT ON DATABASE \(identifier: name) TO \(fragment: roles)")
        }
        return name
    }

    /// Copies a database as it is; whoever is connected to it is cut off for a moment.
    func duplicate(_ name: String) async throws -> String {
        let access = try await reach()
        try await access.administration.read { session in
            try session.execute("ALTER DATABASE \(identifier: name) ALLOW_CONNECTIONS false")
            try session.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = \(name)")
        }
        do {
            let copy = try await copy(of: name, access)
            try await allowConnections(to: name, access)
            return copy
        } catch {
            try await allowConnections(to: name, access)
            throw error
        }
    }

    private func allowConnections(to name: String, _ access: Access) async throws {
        try await access.administration.read { session in
            try session.execute("ALTER DATABASE \(identifier: name) ALLOW_CONNECTIONS true")
        }
    }

    private func reach() async throws -> Access {
        if let access { return try await access.value }
        let task = Task { try await TestServer.open() }
        access = task
        return try await task.value
    }

    private static func open() async throws -> Access {
        let cluster: PostgresCluster?
        let superuser: DatabaseConfiguration
        if let address = getenv("TOEGANG_TEST_POSTGRES").map({ String(cString: $0) }), !address.isEmpty {
            cluster = nil
            superuser = try parse(address)
        } else {
            // Starting a server blocks; a thread of its own does that.
            let own = try await onThread(throwing: { try PostgresCluster() })
            cluster = own
            superuser = own.superuser()
        }
        var administration = superuser
        administration.database = "postgres"
        // Every test of a process may ask for a database at the same moment.
        administration.waitDeadline = .seconds(60)
        administration.maximumWaiters = 10_000
        let database = Database(administration, logger: logger)
        let script = try rolesFile()
        let base = "toegang_base_\(String(fingerprint(try readText(script)), radix: 36))"
        try await makeBase(base, script, superuser, database, setPasswords: cluster != nil)
        return Access(cluster: cluster, superuser: superuser, administration: database, base: base)
    }

    /// Makes the database with roles and schemas, unless another test process has made it on this server.
    private static func makeBase(
        _ base: String, _ script: String, _ superuser: DatabaseConfiguration, _ database: Database, setPasswords: Bool
    ) async throws {
        try await database.read { session in
            try session.execute("SELECT pg_advisory_lock(hashtextextended('toegang test base', 0))")
            defer { _ = try? session.execute("SELECT pg_advisory_unlock(hashtextextended('toegang test base', 0))") }
            if try session.first("SELECT 1 FROM pg_database WHERE datname = \(base)") != nil { return }
            let half = "\(base)_half"
            try session.execute("DROP DATABASE IF EXISTS \(identifier: half) WITH (FORCE)")
            try session.execute("CREATE DATABASE \(identifier: half) TEMPLATE template0")
            // Not by setenv: other threads read the environment of this process meanwhile.
            var arguments = ["/usr/bin/env", "PGPASSWORD=\(superuser.password)", "psql", "-X", "-q"]
            arguments += ["-h", superuser.host, "-p", "\(superuser.port)"]
            arguments += ["-U", superuser.user, "-d", half, "-f", script]
            if setPasswords {
                for role in roles { arguments += ["-v", "\(role)_password=\(superuser.password)"] }
            }
            try runToEnd(arguments)
            try session.execute("ALTER DATABASE \(identifier: half) RENAME TO \(identifier: base)")
        }
    }

    /// The file of the repository that this very source file is part of.
    private static func rolesFile() throws -> String {
        let path = #filePath
        guard let range = path.firstRange(of: "/Shared/TestKit/") else {
            throw TestKitError("\(path) is not in the repository")
        }
        return path[..<range.lowerBound] + "/deploy/sql/roles.sql"
    }

    private static func parse(_ address: String) throws -> DatabaseConfiguration {
        let pattern = #/postgres(?:ql)?://([^:@/]+):([^@/]*)@([^:/]+):(\d+)(?:/.*)?/#
        guard let match = address.wholeMatch(of: pattern), let port = Int(match.4) else {
            throw TestKitError("TOEGANG_TEST_POSTGRES is not of the form postgresql://user:password@host:port/database")
        }
        return DatabaseConfiguration(
            host: String(match.3), port: port, database: "postgres", user: String(match.1), password: String(match.2),
            applicationName: "toegang-test", schema: "public", statementTimeout: .seconds(60),
            lockTimeout: .seconds(60))
    }

    /// FNV-1a: enough to tell two versions of a file apart.
    private static func fingerprint(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
