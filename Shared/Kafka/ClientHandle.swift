import CRdKafka

/// One librdkafka client.
///
/// `@unchecked Sendable`: librdkafka's handles may be used from every thread at once (its INTRODUCTION.md, "Threads and
/// callbacks"), and both members are `let`, so it may be shared. Each owner destroys it once, when no other call runs: the
/// producer's thread after it has refused new tickets, taken the lock of the batches and waited for a flush
/// (`ProducerClient.run`); the consumer's thread, which alone makes calls (`ConsumerWorker.run`); `KafkaAdmin` in its
/// deinit, which no call outlives since each holds the object.
@safe
struct ClientHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    private let topicPrefix: String

    /// Makes a client; it connects in the background.
    ///
    /// - Parameters:
    ///   - type: Producer or consumer.
    ///   - cluster: Where it connects to.
    ///   - properties: librdkafka's own names and values.
    ///   - events: Which events the main queue shall carry; 0 for none.
    init(
        _ type: rd_kafka_type_t, _ cluster: KafkaConfiguration, _ properties: [String: String], events: Int32
    ) throws(KafkaError) {
        let configuration = unsafe rd_kafka_conf_new()
        var text = [CChar](repeating: 0, count: 512)
        for (name, value) in properties {
            let outcome = unsafe rd_kafka_conf_set(configuration, name, value, &text, text.count)
            guard outcome == RD_KAFKA_CONF_OK else {
                unsafe rd_kafka_conf_destroy(configuration)
                throw KafkaError(.configuration, Self.string(text))
            }
        }
        // What goes wrong is reported by events, delivery reports and polls; librdkafka's own lines on stderr would be
        // outside the structured log.
        unsafe rd_kafka_conf_set_log_cb(configuration, nil)
        unsafe rd_kafka_conf_set_events(configuration, events)
        if type == RD_KAFKA_CONSUMER, cluster.pacesFetches { unsafe FetchPacing.add(to: configuration) }
        guard let pointer = unsafe rd_kafka_new(type, configuration, &text, text.count) else {
            unsafe rd_kafka_conf_destroy(configuration)
            throw KafkaError(.configuration, Self.string(text))
        }
        unsafe self.pointer = pointer
        topicPrefix = cluster.topicPrefix
    }

    /// How the broker calls a topic of the contract.
    func brokerName(of topic: String) -> String { topicPrefix + topic }

    /// How the contract calls a topic of the broker; a topic without our prefix keeps its name.
    func name(ofBrokerTopic topic: UnsafePointer<CChar>) -> String {
        let name = unsafe String(cString: topic)
        return name.hasPrefix(topicPrefix) ? String(name.dropFirst(topicPrefix.count)) : name
    }

    /// A list of partitions for librdkafka, freed after `body`.
    func withPartitionList<R>(
        _ partitions: [(TopicPartition, Int64)],
        _ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> R
    ) -> R? {
        guard let list = unsafe rd_kafka_topic_partition_list_new(Int32(partitions.count)) else { return nil }
        defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
        for (partition, offset) in partitions {
            guard
                let element = unsafe rd_kafka_topic_partition_list_add(
                    list, brokerName(of: partition.topic), partition.partition)
            else { return nil }
            unsafe element.pointee.offset = offset
        }
        return unsafe body(list)
    }

    static func string(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, within what a C `int` holds.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        let whole = seconds.multipliedReportingOverflow(by: 1000)
        if whole.overflow { return seconds < 0 ? 0 : .max }
        let fraction = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: max(0, whole.partialValue + fraction))
    }
}
