import Configuration
import Kafka
import Settings

extension KafkaConfiguration {
    /// Reads how the cluster is reached.
    ///
    /// A cluster beyond this machine without TLS and SASL would let anybody on the way read what is published, and
    /// anybody who reaches it write; it is taken only where `kafka.allowPlaintext` says so.
    init(_ reader: ConfigReader, _ collector: inout ProblemCollector, name: String) {
        let bootstrap = collector.value("") { () throws(ConfigurationProblem) in try reader.text("kafka.bootstrap") }
        let properties = collector.value([:]) { () throws(ConfigurationProblem) in
            try reader.document("kafka.properties", as: [String: String].self) ?? [:]
        }
        let prefix = collector.value("") { () throws(ConfigurationProblem) in
            let text = reader.text("kafka.topicPrefix", default: "")
            guard text.utf8.count <= 100, text.utf8.allSatisfy(Self.mayBeInTopic) else {
                throw ConfigurationProblem(
                    "kafka.topicPrefix",
                    "must be at most 100 letters, digits, dots, hyphens and underscores, and is \"\(text)\"")
            }
            return text
        }
        let paces = collector.value(false) { () throws(ConfigurationProblem) in
            try reader.boolean("kafka.paceFetches", default: false)
        }
        collector.value(()) { () throws(ConfigurationProblem) in
            let allowed = try reader.boolean("kafka.allowPlaintext", default: false)
            let isOpen = ["", "plaintext"].contains(properties["security.protocol", default: ""].lowercased())
            guard isOpen, !allowed, let host = Self.hosts(bootstrap).first(where: { !Loopback.has($0) }) else {
                return
            }
            throw ConfigurationProblem(
                "kafka.bootstrap",
                """
                names \(host), which is not this machine, without TLS or SASL: set "security.protocol" in \
                kafka.properties, or kafka.allowPlaintext where the network itself keeps others out
                """)
        }
        self.init(
            bootstrap: bootstrap, clientID: "\(name)-service", properties: properties, topicPrefix: prefix,
            pacesFetches: paces, topics: TopicSettings(reader, &collector))
    }

    private static func mayBeInTopic(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
        default: false
        }
    }

    /// The hosts of `host:port, [address]:port`, where a port may be missing.
    private static func hosts(_ bootstrap: String) -> [String] {
        bootstrap.split(separator: ",").map { item in
            var host = item.drop { $0 == " " }
            if let scheme = host.firstRange(of: "://") { host = host[scheme.upperBound...] }
            if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
            return String(host.prefix { $0 != ":" && $0 != " " })
        }
    }
}

extension TopicSettings {
    /// Reads how topics are made that are not there yet.
    init(_ reader: ConfigReader, _ collector: inout ProblemCollector) {
        self.init()
        replication = collector.integer(reader, "kafka.topics.replication", default: replication, in: 1...100)
        minInSyncReplicas = collector.integer(
            reader, "kafka.topics.minInsyncReplicas", default: min(minInSyncReplicas, replication), in: 1...replication)
        let days = collector.integer(reader, "kafka.topics.retentionDays", default: 0, in: 0...36_500)
        eventRetention = days == 0 ? nil : .seconds(days * 86_400)
    }
}
