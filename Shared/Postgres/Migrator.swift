package import Logging

/// Brings a schema to the version of this program: forward only, one transaction per step, under an advisory lock, so
/// that several instances may try at once.
///
/// Table `schema_migration(component, version, name, checksum, expands, applied_at)` in the schema says what was applied;
/// the checksum is the SHA-256 of the step's text. A step of a newer release that only expands the schema is none of this
/// release's business: it starts and works beside the newer one, as long as a rollout or a rollback takes.
package struct Migrator: Sendable {
    /// The schema; it exists already (deploy/sql/roles.sql).
    package let schema: String
    /// All steps; components in the order in which they are applied.
    package let migrations: [Migration]

    private struct Applied: Sendable {
        let component: String
        let version: Int
        let name: String
        let checksum: String
        let expands: Bool
    }

    private struct Step: Sendable {
        let migration: Migration
        let checksum: String
    }

    /// Describes what a schema should be like.
    package init(schema: String, migrations: [Migration]) {
        self.schema = schema
        self.migrations = migrations
    }

    /// Applies what is missing as the owner of the schema and answers it.
    ///
    /// Throws `MigrationError` or `PostgresError`.
    package func migrate(as owner: DatabaseConfiguration, logger: Logger) async throws -> [Migration] {
        try checkList()
        var configuration = owner
        configuration.schema = schema
        configuration.poolSize = 1
        // A step may rewrite a table, and another instance may be at work: both take longer than a request may.
        configuration.statementTimeout = .seconds(600)
        configuration.lockTimeout = .seconds(120)
        configuration.idleInTransactionTimeout = .seconds(60)
        let database = Database(configuration, logger: logger)
        do {
            let applied = try await database.read { session in try apply(session, logger) }
            await database.shutdown()
            return applied
        } catch {
            await database.shutdown()
            throw error
        }
    }

    /// What is missing; `serve` refuses to start when there is anything.
    ///
    /// Throws as `migrate` does.
    package func pending(_ database: Database) async throws -> [Migration] {
        try checkList()
        return try await database.read { session in
            try missing(steps(session), applied(session)).map(\.migration)
        }
    }

    private func apply(_ session: borrowing Session, _ logger: Logger) throws -> [Migration] {
        let lock = "toegang migrates \(schema)"
        try session.execute("SELECT pg_advisory_lock(hashtextextended(\(lock), 0))")
        defer { _ = try? session.execute("SELECT pg_advisory_unlock(hashtextextended(\(lock), 0))") }
        try createTable(session)
        let missing = try missing(steps(session), applied(session))
        for step in missing {
            try apply(step, session)
            logger.info(
                "Applied a migration",
                metadata: [
                    "migration.schema": "\(schema)", "migration.component": "\(step.migration.component)",
                    "migration.version": "\(step.migration.version)", "migration.name": "\(step.migration.name)",
                ])
        }
        return missing.map(\.migration)
    }

    private func apply(_ step: Step, _ session: borrowing Session) throws {
        let migration = step.migration
        do {
            try session.script("BEGIN")
            try session.script(String(decoding: migration.sql, as: UTF8.self))
            try session.execute(
                """
                INSERT INTO schema_migration (component, version, name, checksum, expands)
                VALUES (\(migration.component), \(migration.version), \(migration.name), \(step.checksum),
                    \(migration.expands))
                """)
            try session.script("COMMIT")
        } catch {
            try? session.script("ROLLBACK")
            if case .cancelled = error.kind { throw error }
            throw MigrationError.failed(
                schema: schema, component: migration.component, version: migration.version, name: migration.name,
                explanation: error.description)
        }
    }

    /// Creates the table, which the service's role may read and nobody but the owner may change.
    private func createTable(_ session: borrowing Session) throws(PostgresError) {
        guard try !tableExists(session) else { return }
        try session.script(
            """
            BEGIN;
            CREATE TABLE schema_migration (
                component text NOT NULL,
                version bigint NOT NULL CHECK (version > 0),
                name text NOT NULL,
                checksum text NOT NULL,
                expands boolean NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (component, version)
            );
            DO $$
            DECLARE grantee text;
            BEGIN
                FOR grantee IN
                    SELECT DISTINCT pg_get_userbyid(a.grantee)
                    FROM pg_class c, aclexplode(c.relacl) a
                    WHERE c.oid = 'schema_migration'::regclass AND a.grantee <> c.relowner AND a.grantee <> 0
                LOOP
                    EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON schema_migration FROM %I', grantee);
                END LOOP;
            END $$;
            COMMIT
            """)
    }

    private func tableExists(_ session: borrowing Session) throws(PostgresError) -> Bool {
        let row = try session.first(
            """
            SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                           WHERE n.nspname = \(schema) AND c.relname = 'schema_migration')
            """)
        return try row?.decode(Bool.self) ?? false
    }

    private func applied(_ session: borrowing Session) throws(PostgresError) -> [Applied] {
        guard try tableExists(session) else { return [] }
        var applied: [Applied] = []
        let rows = try session.query("SELECT component, version, name, checksum, expands FROM schema_migration")
        for row in rows {
            let (component, version, name, checksum, expands) = try row.decode(
                String.self, Int.self, String.self, String.self, Bool.self)
            applied.append(
                Applied(component: component, version: version, name: name, checksum: checksum, expands: expands))
        }
        return applied
    }

    /// The steps with their checksums, which the server computes: this module has no cryptography of its own.
    private func steps(_ session: borrowing Session) throws(PostgresError) -> [Step] {
        var steps: [Step] = []
        for migration in migrations {
            let row = try session.first("SELECT encode(sha256(\(migration.sql)), 'hex')")
            guard let checksum = try row?.decode(String.self) else { throw PostgresError(.unexpectedRows) }
            steps.append(Step(migration: migration, checksum: checksum))
        }
        return steps
    }

    private func missing(_ steps: [Step], _ applied: [Applied]) throws(MigrationError) -> [Step] {
        for entry in applied {
            let known = steps.first {
                $0.migration.component == entry.component && $0.migration.version == entry.version
            }
            guard let known else {
                if entry.expands { continue }
                throw .newer(
                    schema: schema, component: entry.component, version: entry.version, name: entry.name)
            }
            guard known.checksum == entry.checksum else {
                throw .changed(
                    schema: schema, component: entry.component, version: entry.version, name: entry.name)
            }
        }
        return steps.filter { step in
            !applied.contains { $0.component == step.migration.component && $0.version == step.migration.version }
        }
    }

    private func checkList() throws(MigrationError) {
        var last: [String: Int] = [:]
        for migration in migrations {
            let expected = (last[migration.component] ?? 0) + 1
            guard migration.version == expected else {
                throw .invalidList(
                    component: migration.component,
                    explanation: "version \(migration.version) stands where \(expected) is expected")
            }
            last[migration.component] = migration.version
        }
    }
}
