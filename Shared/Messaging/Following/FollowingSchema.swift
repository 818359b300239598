package import Postgres

/// The tables of leases and of what is followed, in the schema of each service that publishes or follows.
package enum FollowingSchema {
    /// The migrations of the component `following`, oldest first.
    package static let migrations: [Migration] = [
        Migration(
            component: "following", file: "V0001__create_lease", sql: PackageResources.M0001__create_lease_sql),
        Migration(
            component: "following", file: "V0002__create_position", sql: PackageResources.M0002__create_position_sql),
    ]
}
