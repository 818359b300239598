import Async
package import Logging
import Metrics

/// Sends messages, each once and in order within its partition, and waits for the broker's word that they are stored.
///
/// A client that fails a message for want of an answer, or meets a fatal error (as an idempotent producer does when the
/// broker lost its log), is replaced by the next call; its other messages fail as `.interrupted` and are sent again by
/// their owners. Sending again may store a message twice: readers go by numbers of their own.
package final class KafkaProducer: Sendable {
    private struct State {
        var client: ProducerClient?
        var closed = false
        var topics: Set<String> = []
    }

    private let configuration: KafkaConfiguration
    private let logger: Logger
    private let permits: Permits
    private let state = Guarded(State())
    private let replaced: Counter

    /// Makes a producer.
    ///
    /// - Parameters:
    ///   - configuration: The cluster.
    ///   - maximumInFlight: How many messages may await their report at a time; further calls wait.
    ///   - logger: Where replacements are told.
    /// - Throws: `.configuration` for a property that librdkafka does not accept.
    package init(_ configuration: KafkaConfiguration, maximumInFlight: Int = 1024, logger: Logger) throws(KafkaError) {
        self.configuration = configuration
        self.logger = logger
        self.permits = Permits(capacity: maximumInFlight, maximumWaiters: 256)
        self.replaced = Counter(label: "toegang_kafka_producer_replaced_total")
        _ = try client()
    }

    /// Sends one message.
    ///
    /// - Returns: Its offset.
    package func send(
        topic: String, partition: Int32, key: [UInt8], value: [UInt8], headers: [KafkaHeader] = []
    ) async throws(KafkaError) -> Int64 {
        let message = KafkaMessage(topic: topic, partition: partition, key: key, value: value, headers: headers)
        return try await send([message]).first ?? -1
    }

    /// Sends messages in their order, which holds within each partition.
    ///
    /// - Returns: Their offsets, when all are stored.
    /// - Throws: The first failure; some of the messages may then be stored and some not. Cancellation ends the wait,
    ///   not the sending.
    package func send(_ messages: [KafkaMessage]) async throws(KafkaError) -> [Int64] {
        var offsets: [Int64] = []
        offsets.reserveCapacity(messages.count)
        var start = 0
        while start < messages.count {
            let chunk = Array(messages[start..<min(start + permits.capacity, messages.count)])
            offsets += try await sendChunk(chunk)
            start += chunk.count
        }
        return offsets
    }

    /// Has the leaders of a topic's partitions looked up in the background; the topic must exist.
    ///
    /// Otherwise they are looked up for the first message, which then waits for librdkafka's scan of unknown topics:
    /// once a second.
    package func know(_ topic: String) {
        state.withLock { state in
            if state.topics.insert(topic).inserted { state.client?.know(topic) }
        }
    }

    /// Waits for the reports of what was sent, at most `within`, and ends the client.
    ///
    /// Later calls throw `.closed`.
    package func close(within: Duration) async {
        let client = state.withLock { state in
            state.closed = true
            return state.client.take()
        }
        await client?.stop(within: within)
    }

    private func sendChunk(_ messages: [KafkaMessage]) async throws(KafkaError) -> [Int64] {
        try await permits.acquire(messages.count)
        let client: ProducerClient
        do {
            client = try self.client()
        } catch {
            permits.release(messages.count)
            throw error
        }
        let delivery = Delivery(count: messages.count)
        client.enqueue(messages, delivery)
        let outcome = await delivery.outcome.wait(ifCancelled: .failure(.cancelled))
        if case .failure(let error) = outcome, error.spoilsProducer { replace(client, because: error.text) }
        return try outcome.get()
    }

    private func client() throws(KafkaError) -> ProducerClient {
        let outcome = state.withLock { state -> Result<ProducerClient, KafkaError> in
            if state.closed { return .failure(.closed) }
            if let client = state.client { return .success(client) }
            do throws(KafkaError) {
                let client = try ProducerClient(
                    configuration, logger: logger,
                    released: { [permits] count in permits.release(count) },
                    spoiled: { [weak self] client in self?.replace(client, because: "fatal") })
                for topic in state.topics { client.know(topic) }
                state.client = client
                return .success(client)
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private func replace(_ client: ProducerClient, because reason: String) {
        let current = state.withLock { state -> Bool in
            guard state.client === client else { return false }
            state.client = nil
            return true
        }
        guard current else { return }
        replaced.increment()
        logger.warning("producer is replaced", metadata: ["kafka.error": "\(reason)"])
        client.stopSoon()
    }
}
