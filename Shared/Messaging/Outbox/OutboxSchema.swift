package import Postgres

/// The tables of a source, in the schema of each service that publishes.
package enum OutboxSchema {
    /// The migrations of the component `outbox`, oldest first; after those of `audit`, whose trigger they use.
    package static let migrations: [Migration] = [
        Migration(
            component: "outbox", file: "V0001__create_outbox", sql: PackageResources.M0001__create_outbox_sql)
    ]
}
