package import Postgres

/// The tables of messaging, in the schema of each service that uses it.
package enum MessagingSchema {
    /// The migrations of the component `messaging`, oldest first.
    package static let migrations: [Migration] = [
        Migration(
            component: "messaging", file: "V0001__create_outbox",
            sql: PackageResources.M0001__create_outbox_sql),
        Migration(
            component: "messaging", file: "V0002__create_lease",
            sql: PackageResources.M0002__create_lease_sql),
        Migration(
            component: "messaging", file: "V0003__create_position",
            sql: PackageResources.M0003__create_position_sql),
    ]
}
