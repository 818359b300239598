package import Postgres

/// The tables of this module, to be made in the schema of each service that keeps tokens.
package enum TokensSchema {
    /// The migrations, oldest first, component `tokens`.
    package static let migrations: [Migration] = [
        Migration(
            component: "tokens", file: "T0001__create_tokens", sql: PackageResources.T0001__create_tokens_sql)
    ]
}
