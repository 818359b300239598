package import Postgres

/// The table of acts, in the schema of each service.
package enum AuditSchema {
    /// The migrations of the component `audit`, oldest first.
    package static let migrations: [Migration] = [
        Migration(
            component: "audit", file: "V0001__create_audit_record",
            sql: PackageResources.M0001__create_audit_record_sql)
    ]
}
