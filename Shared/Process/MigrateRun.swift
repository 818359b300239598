import Logging
import Postgres
import Settings
import Telemetry

/// Applies the migrations of a service as the owner of its schema, and says which.
struct MigrateRun<Subject: ToegangService>: Sendable {
    private let owner: DatabaseConfiguration
    private let deadline: Duration

    init(_ source: ConfigurationSource) throws {
        owner = try CommonConfiguration.owner(source.reader, name: Subject.name, schema: Subject.schema)
        deadline = .seconds(
            try source.reader.integer("database.startDeadlineSeconds", default: 30, in: 0...3600))
    }

    func run() async throws {
        let logger = Logger(label: Subject.name) { label in
            JSONLogHandler(service: Subject.name, label: label, level: .warning, now: systemClock) { line in
                LineWriter.standardOutput.write(line)
            }
        }
        let database = Database(owner, logger: logger)
        try await StartChecks.reach(database, within: deadline, logger: logger)
        await database.shutdown()
        let applied = try await Migrator(schema: Subject.schema, migrations: Subject.migrations)
            .migrate(as: owner, logger: logger)
        for migration in applied {
            LineWriter.standardOutput.write("applied \(migration.component) \(migration.version) \(migration.name)")
        }
        LineWriter.standardOutput.write(
            applied.isEmpty
                ? "The schema \(Subject.schema) is up to date." : "The schema \(Subject.schema) is migrated.")
        LineWriter.standardOutput.flush()
    }
}
