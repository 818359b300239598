import Async
package import Logging
package import Postgres

/// What must hold before a service starts to listen.
package enum StartChecks {
    /// Waits until the database answers, trying again until the deadline.
    package static func reach(_ database: Database, within deadline: Duration, logger: Logger) async throws {
        let end = ContinuousClock.now + deadline
        var pause = Duration.milliseconds(200)
        while true {
            do {
                _ = try await database.read { session in try session.first("SELECT 1") != nil }
                return
            } catch let error as PostgresError {
                guard ContinuousClock.now + pause < end else {
                    throw StartFailure.databaseAway(database.configuration, waited: deadline, error: error)
                }
                logger.warning("The database does not answer yet", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(2))
        }
    }

    /// Refuses a schema that is behind the program.
    package static func checkMigrated(_ migrator: Migrator, _ database: Database, executable: String) async throws {
        let pending = try await migrator.pending(database)
        guard pending.isEmpty else {
            throw StartFailure.behind(schema: migrator.schema, pending: pending, executable: executable)
        }
    }
}

extension StartChecks {
    /// Refuses a configuration that lacks keys under which the database has rows.
    package static func checkStoredKeys<Subject: ToegangService>(
        of _: Subject.Type, _ config: Subject.Config, _ base: ServiceBase
    ) async throws {
        let unknown = try await base.database.read(try Subject.storedKeyCheck(config, base))
        guard unknown.isEmpty else { throw StartFailure.unknownKeys(unknown) }
    }
}

/// Why a service does not start, in sentences for the person who starts it.
package enum StartFailure: Error, CustomStringConvertible {
    /// The database did not answer in time.
    case databaseAway(DatabaseConfiguration, waited: Duration, error: PostgresError)
    /// The schema lacks migrations that this program needs.
    case behind(schema: String, pending: [Migration], executable: String)

    /// The database has rows under keys that the configuration lacks.
    case unknownKeys([String])

    package var description: String {
        switch self {
        case .databaseAway(let configuration, let waited, let error):
            """
            The database \(configuration.database) at \(configuration.host):\(configuration.port) did not answer \
            \(configuration.user) within \(waited) (\(error)). Nothing was started. \
            Check that PostgreSQL runs there and that the user and password are right.
            """
        case .unknownKeys(let sentences):
            """
            \(sentences.joined(separator: " ")) Nothing was started. \
            Put the file of that key back into the list, behind the current one, until nothing lies under it any more.
            """
        case .behind(let schema, let pending, let executable):
            """
            The schema \(schema) is behind this program by \(pending.count) migration\(pending.count == 1 ? "" : "s") \
            (\(pending.map { "\($0.component) \($0.version)" }.joined(separator: ", "))). Nothing was started. \
            Run "\(executable) migrate" with the same configuration first.
            """
        }
    }
}
