import Postgres

extension TestDatabase {
    /// A copy of the database as it is now, to be used in its place later: what a restore from a backup puts back.
    package func backup(schema: String) async throws -> TestDatabase {
        let name = try await TestPostgres.server.duplicate(configuration.database)
        return try await TestPostgres.server.describe(name, schema: schema, poolSize: configuration.poolSize)
    }
}
