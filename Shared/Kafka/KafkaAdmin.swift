import Async
import CRdKafka
package import Logging

/// Looks at topics and makes them.
package struct KafkaAdmin: Sendable {
    private let client: AdminClient

    /// Makes an admin client; it connects in the background.
    ///
    /// - Throws: `.configuration` for a property that librdkafka does not accept.
    package init(_ configuration: KafkaConfiguration, logger: Logger) throws(KafkaError) {
        client = AdminClient(
            try ClientHandle(RD_KAFKA_PRODUCER, configuration, configuration.adminProperties, events: 0))
    }

    /// How many partitions a topic has; nil when there is no such topic.
    ///
    /// Asks for all topics: a broker that creates topics on mention would otherwise create this one, with one partition.
    package func partitionCount(of topic: String, within: Duration = .seconds(3)) async throws(KafkaError) -> Int? {
        let client = client
        return try await onThread { client.partitionCount(of: topic, within) }.get()
    }

    /// Sees to it that a topic has exactly this many partitions: creates it, or adds what is missing.
    ///
    /// The replication and the properties of one that is there are left to the broker's administrator.
    ///
    /// - Throws: `.refused` if it has more, since what lies in them cannot be moved; `.unavailable`.
    package func ensureTopic(
        _ topic: String, partitions: Int, replication: Int = 1, properties: [String: String] = [:],
        within: Duration = .seconds(5)
    ) async throws(KafkaError) {
        let client = client
        let deadline = ContinuousClock.now + within
        while true {
            let count = try await partitionCount(of: topic, within: within)
            if count == partitions { return }
            if let count, count > partitions {
                throw KafkaError(.refused, "topic \(topic) has \(count) partitions instead of \(partitions)")
            }
            guard ContinuousClock.now < deadline else {
                throw KafkaError(.unavailable, "topic \(topic) did not get its partitions in time")
            }
            let left = deadline - .now
            let outcome = await onThread {
                count == nil
                    ? client.create(topic, partitions: partitions, replication: replication, properties, left)
                    : client.extend(topic, to: partitions, left)
            }
            // Somebody else may have been quicker; the next look tells.
            if case .failure(let error) = outcome, error.code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS.rawValue,
                error.code != RD_KAFKA_RESP_ERR_INVALID_PARTITIONS.rawValue
            {
                throw error
            }
        }
    }

    /// The offsets that a topic holds, by partition: from the oldest kept to the next to be given.
    package func offsets(of topic: String, within: Duration = .seconds(3)) async throws(KafkaError)
        -> [Int32: Range<Int64>]
    {
        guard let count = try await partitionCount(of: topic, within: within) else { return [:] }
        let partitions = (0..<Int32(count)).map { TopicPartition(topic, $0) }
        let client = client
        return try await onThread { client.offsets(of: partitions, within) }.get()
    }

    /// The offset that each of these partitions gives next; a partition that does not exist is left out.
    package func endOffsets(of partitions: [TopicPartition], within: Duration = .seconds(3)) async throws(KafkaError)
        -> [TopicPartition: Int64]
    {
        let client = client
        return try await onThread { client.ask(partitions, Int64(RD_KAFKA_OFFSET_END), within) }.get()
    }
}

/// The handle of an admin client; destroyed with its last user, on a thread of its own since that may block.
private final class AdminClient: Sendable {
    private let handle: ClientHandle

    init(_ handle: ClientHandle) { self.handle = handle }

    deinit {
        let handle = handle
        startThread { unsafe rd_kafka_destroy(handle.pointer) }
    }

    func partitionCount(of topic: String, _ within: Duration) -> Result<Int?, KafkaError> {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = unsafe rd_kafka_metadata(handle.pointer, 1, nil, &metadata, within.milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata = unsafe metadata else {
            return .failure(KafkaError(code))
        }
        defer { unsafe rd_kafka_metadata_destroy(metadata) }
        for index in 0..<Int(unsafe metadata.pointee.topic_cnt) {
            let found = unsafe metadata.pointee.topics[index]
            if unsafe String(cString: found.topic) == handle.brokerName(of: topic),
                unsafe found.err == RD_KAFKA_RESP_ERR_NO_ERROR
            {
                return .success(Int(unsafe found.partition_cnt))
            }
        }
        return .success(nil)
    }

    func create(
        _ topic: String, partitions: Int, replication: Int, _ properties: [String: String], _ within: Duration
    ) -> Result<Void, KafkaError> {
        var text = [CChar](repeating: 0, count: 512)
        guard
            var new = unsafe rd_kafka_NewTopic_new(
                handle.brokerName(of: topic), Int32(clamping: partitions), Int32(clamping: replication), &text,
                text.count) as OpaquePointer?
        else { return .failure(KafkaError(.refused, ClientHandle.string(text))) }
        defer { unsafe rd_kafka_NewTopic_destroy(new) }
        for (name, value) in properties { _ = unsafe rd_kafka_NewTopic_set_config(new, name, value) }
        return unsafe admin(within) { queue, options in
            var topics: [OpaquePointer?] = unsafe [new]
            unsafe rd_kafka_CreateTopics(handle.pointer, &topics, 1, options, queue)
            unsafe new = topics[0] ?? new
        } result: { event in
            guard let result = unsafe rd_kafka_event_CreateTopics_result(event) else { return nil }
            var count = 0
            let topics = unsafe rd_kafka_CreateTopics_result_topics(result, &count)
            guard count > 0, let first = unsafe topics?[0] else { return nil }
            return unsafe rd_kafka_topic_result_error(first)
        }
    }

    func extend(_ topic: String, to partitions: Int, _ within: Duration) -> Result<Void, KafkaError> {
        var text = [CChar](repeating: 0, count: 512)
        guard
            let new = unsafe rd_kafka_NewPartitions_new(
                handle.brokerName(of: topic), partitions, &text, text.count)
        else {
            return .failure(KafkaError(.refused, ClientHandle.string(text)))
        }
        defer { unsafe rd_kafka_NewPartitions_destroy(new) }
        return unsafe admin(within) { queue, options in
            var topics: [OpaquePointer?] = unsafe [new]
            unsafe rd_kafka_CreatePartitions(handle.pointer, &topics, 1, options, queue)
        } result: { event in
            guard let result = unsafe rd_kafka_event_CreatePartitions_result(event) else { return nil }
            var count = 0
            let topics = unsafe rd_kafka_CreatePartitions_result_topics(result, &count)
            guard count > 0, let first = unsafe topics?[0] else { return nil }
            return unsafe rd_kafka_topic_result_error(first)
        }
    }

    func offsets(of partitions: [TopicPartition], _ within: Duration) -> Result<[Int32: Range<Int64>], KafkaError> {
        var found: [Int32: Range<Int64>] = [:]
        do throws(KafkaError) {
            let first = try ask(partitions, Int64(RD_KAFKA_OFFSET_BEGINNING), within).get()
            let next = try ask(partitions, Int64(RD_KAFKA_OFFSET_END), within).get()
            for (partition, end) in next {
                let start = min(first[partition] ?? 0, end)
                found[partition.partition] = start..<end
            }
        } catch {
            return .failure(error)
        }
        return .success(found)
    }

    /// Asks the leaders for offsets, all partitions in one go; -1 and -2 are the protocol's words for newest and oldest.
    ///
    /// Of no partition nothing is asked: librdkafka calls that an invalid argument.
    func ask(
        _ partitions: [TopicPartition], _ place: Int64, _ within: Duration
    ) -> Result<[TopicPartition: Int64], KafkaError> {
        if partitions.isEmpty { return .success([:]) }
        let answer = unsafe handle.withPartitionList(partitions.map { ($0, place) }) {
            list -> Result<[TopicPartition: Int64], KafkaError> in
            let code = unsafe rd_kafka_offsets_for_times(handle.pointer, list, within.milliseconds)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { return .failure(KafkaError(code)) }
            var found: [TopicPartition: Int64] = [:]
            for index in 0..<Int(unsafe list.pointee.cnt) {
                let element = unsafe list.pointee.elems[index]
                guard unsafe element.err == RD_KAFKA_RESP_ERR_NO_ERROR, unsafe element.offset >= 0 else { continue }
                unsafe found[TopicPartition(handle.name(ofBrokerTopic: element.topic), element.partition)] =
                    element.offset
            }
            return .success(found)
        }
        return answer ?? .failure(KafkaError(.unavailable, "no memory for a list of partitions"))
    }

    private func admin(
        _ within: Duration, _ request: (OpaquePointer?, OpaquePointer?) -> Void,
        result: (OpaquePointer) -> rd_kafka_resp_err_t?
    ) -> Result<Void, KafkaError> {
        let queue = unsafe rd_kafka_queue_new(handle.pointer)
        defer { unsafe rd_kafka_queue_destroy(queue) }
        let options = unsafe rd_kafka_AdminOptions_new(handle.pointer, RD_KAFKA_ADMIN_OP_ANY)
        defer { unsafe rd_kafka_AdminOptions_destroy(options) }
        var text = [CChar](repeating: 0, count: 512)
        _ = unsafe rd_kafka_AdminOptions_set_request_timeout(options, within.milliseconds, &text, text.count)
        unsafe request(queue, options)
        guard let event = unsafe rd_kafka_queue_poll(queue, within.milliseconds) else {
            return .failure(KafkaError(.unavailable, "the broker did not answer in time"))
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        let whole = unsafe rd_kafka_event_error(event)
        guard whole == RD_KAFKA_RESP_ERR_NO_ERROR else { return .failure(KafkaError(whole)) }
        guard let code = unsafe result(event), code != RD_KAFKA_RESP_ERR_NO_ERROR else { return .success(()) }
        return .failure(KafkaError(code))
    }
}
