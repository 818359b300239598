/// How topics are made that are not there yet.
package struct TopicSettings: Sendable, Hashable {
    /// On how many brokers each message lies.
    package var replication = 3
    /// How many of them must have a message before it counts as stored.
    package var minInSyncReplicas = 2
    /// How long events are kept; nil for ever.
    package var eventRetention: Duration?
    /// How long heads and requests are kept.
    package var controlRetention: Duration? = .seconds(86400)

    /// The values for a cluster of three brokers or more.
    package init() {}

    /// The properties of a topic by the broker's names.
    package func properties(retention: Duration?) -> [String: String] {
        [
            "min.insync.replicas": "\(minInSyncReplicas)", "cleanup.policy": "delete",
            "retention.ms": retention.map { "\($0.components.seconds * 1000)" } ?? "-1",
        ]
    }
}
