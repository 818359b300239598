package import ContractCore
package import Postgres

/// The tables of what a service publishes, in the schema of each service that does.
package enum OutboxSchema {
    /// The migrations of the component `outbox` for a service that publishes these sources, oldest first; after those
    /// of `audit`, whose trigger they use.
    package static func migrations(of sources: EventSource...) -> [Migration] {
        [
            Migration(
                component: "outbox", file: "V0001__create_outbox", sql: PackageResources.M0001__create_outbox_sql)
        ]
            + sources.enumerated().map { index, source in
                Migration(
                    component: "outbox",
                    file: "V000\(index + 2)__begin_\(source.rawValue.replacing("-", with: "_"))",
                    sql: Array(beginning(source).utf8))
            }
    }

    private static func beginning(_ source: EventSource) -> String {
        """
        INSERT INTO outbox_head (source, partition) SELECT '\(source.rawValue)', generate_series(0, 31);
        INSERT INTO outbox_relay (source, partition) SELECT '\(source.rawValue)', generate_series(0, 31);
        """
    }
}
