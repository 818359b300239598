/// How to reach a Kafka cluster.
package struct KafkaConfiguration: Sendable {
    /// One or more `host:port`, separated by commas.
    package var bootstrap: String
    /// The name by which the broker's logs know this process.
    package var clientID: String
    /// Further librdkafka properties (TLS, SASL, timeouts); they win over the defaults of this module.
    package var properties: [String: String]
    /// What stands before the name of every topic at the broker, so that two suites can share a cluster.
    ///
    /// Nobody outside this module sees it: topics are called by their names of the contract.
    package var topicPrefix: String
    /// Whether consumers rest between quick, small answers: for a broker that does not hold an empty fetch back.
    package var pacesFetches: Bool
    /// How topics are made that are not there yet.
    package var topics: TopicSettings

    /// Describes a cluster.
    package init(
        bootstrap: String, clientID: String, properties: [String: String] = [:], topicPrefix: String = "",
        pacesFetches: Bool = true, topics: TopicSettings = TopicSettings()
    ) {
        self.bootstrap = bootstrap
        self.clientID = clientID
        self.properties = properties
        self.topicPrefix = topicPrefix
        self.pacesFetches = pacesFetches
        self.topics = topics
    }
}

extension KafkaConfiguration {
    /// What every client of ours sets: quick to notice that a broker is back.
    private static let common = [
        "reconnect.backoff.ms": "50",
        "reconnect.backoff.max.ms": "1000",
        "topic.metadata.refresh.interval.ms": "5000",
        "socket.keepalive.enable": "true",
        "socket.nagle.disable": "true",
    ]

    /// Every acknowledged message is on all replicas, once and in order; one that cannot be delivered fails in seconds,
    /// since its sender keeps it in its database and tries again with a fresh client.
    var producerProperties: [String: String] {
        merged([
            "enable.idempotence": "true",
            "acks": "all",
            "linger.ms": "1",
            "message.timeout.ms": "6000",
            "request.timeout.ms": "5000",
            "queue.buffering.max.messages": "100000",
        ])
    }

    /// Partitions are assigned by the caller and offsets live beside its data, so nothing is stored at the broker.
    ///
    /// The group name is demanded by librdkafka's interface; the group is never joined. A broker answers a fetch as soon
    /// as there is a message, so a long wait costs no latency (`FetchPacing` sees to a broker that does not wait at all,
    /// where that is asked for). For a broker that looks only now and then, such as Tansu, set the property.
    var consumerProperties: [String: String] {
        merged([
            "group.id": clientID,
            "enable.auto.commit": "false",
            "enable.auto.offset.store": "false",
            "auto.offset.reset": "error",
            "allow.auto.create.topics": "false",
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": "500",
            "fetch.error.backoff.ms": "100",
            "queued.min.messages": "1000",
            "queued.max.messages.kbytes": "8192",
            "fetch.max.bytes": "4194304",
        ])
    }

    var adminProperties: [String: String] { merged([:]) }

    private func merged(_ own: [String: String]) -> [String: String] {
        var all = Self.common
        all.merge(own) { _, new in new }
        all["bootstrap.servers"] = bootstrap
        all["client.id"] = clientID
        all.merge(properties) { _, new in new }
        return all
    }
}
