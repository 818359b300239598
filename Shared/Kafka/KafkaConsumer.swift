import Async
import CRdKafka
package import Logging

/// Reads given partitions from given places; who reads what, and how far it has come, is the caller's knowledge.
///
/// Nothing is fetched into a queue of ours: `next` takes what librdkafka has. That holds at most 8 MiB, and one answer of
/// the broker beyond it, which is at most 4 MiB unless a single message is larger.
package final class KafkaConsumer: Sendable {
    private struct State {
        var closed = false
        var pulling = false
    }

    private let worker: ConsumerWorker
    private let queue: QueueHandle
    private let state = Guarded(State())

    /// Makes a consumer that reads nothing yet.
    ///
    /// - Parameters:
    ///   - configuration: The cluster.
    ///   - headers: The names of the headers that are read; others are not copied.
    ///   - logger: Where its state is told.
    /// - Throws: `.configuration` for a property that librdkafka does not accept.
    package init(
        _ configuration: KafkaConfiguration, headers: [String] = [], logger: Logger
    ) throws(KafkaError) {
        let handle = try ClientHandle(RD_KAFKA_CONSUMER, configuration, configuration.consumerProperties, events: 0)
        unsafe rd_kafka_poll_set_consumer(handle.pointer)
        self.queue = QueueHandle(consumer: handle)
        self.worker = ConsumerWorker(handle, headers: headers)
        worker.start()
    }

    deinit {
        if !state.withLock({ $0.closed }) {
            queue.destroy()
            worker.mailbox.put(.stop)
        }
    }

    /// Reads these partitions from these places, and no others any more.
    package func assign(_ places: [TopicPartitionOffset]) async throws(KafkaError) {
        try await change(.assign(places))
    }

    /// Reads these partitions too.
    package func add(_ places: [TopicPartitionOffset]) async throws(KafkaError) {
        if !places.isEmpty { try await change(.add(places)) }
    }

    /// Reads these partitions no more.
    package func remove(_ partitions: [TopicPartition]) async throws(KafkaError) {
        if !partitions.isEmpty { try await change(.remove(partitions)) }
    }

    /// Goes on reading these assigned partitions elsewhere.
    package func seek(_ places: [TopicPartitionOffset]) async throws(KafkaError) {
        if !places.isEmpty { try await change(.seek(places)) }
    }

    /// Waits for the first message or problem and takes what else is there; for one task at a time.
    ///
    /// - Parameters:
    ///   - max: The most records to take.
    ///   - within: How long to wait for the first.
    /// - Returns: Empty when nothing came.
    /// - Throws: `.cancelled`; what was read meanwhile comes with the next call. `.closed`.
    package func next(max: Int, within: Duration) async throws(KafkaError) -> KafkaBatch {
        let reply = OneShot<KafkaBatch?>()
        try put(.next(max: max, deadline: .now + within, reply))
        let batch = await withTaskCancellationHandler {
            await reply.wait()
        } onCancel: {
            reply.fill(nil)
            wake()
        }
        guard let batch else { throw .cancelled }
        return batch
    }

    /// Ends the consumer; returns when its thread has ended, at the latest after `within`.
    package func close(within: Duration) async {
        let first = state.withLock { state in
            defer { state.closed = true }
            return !state.closed
        }
        guard first else { return }
        queue.wake()
        queue.destroy()
        worker.mailbox.put(.stop)
        let (done, ended) = (OneShot<Void>(), worker.ended)
        let waiting = Task {
            await ended.wait()
            done.fill(())
        }
        let timer = Task {
            try await Task.sleep(for: within)
            done.fill(())
        }
        await done.wait()
        timer.cancel()
        waiting.cancel()
    }

    private func change(_ change: ConsumerWorker.Change) async throws(KafkaError) {
        let reply = OneShot<KafkaError?>()
        try put(.change(change, reply))
        wake()
        if let error = await reply.wait(ifCancelled: .cancelled) { throw error }
    }

    private func put(_ command: ConsumerWorker.Command) throws(KafkaError) {
        let closed = state.withLock { state in
            if !state.closed { worker.mailbox.put(command) }
            return state.closed
        }
        if closed { throw .closed }
    }

    /// Makes a pull return at once, so that the thread sees the next command.
    private func wake() {
        state.withLock { state in
            if !state.closed { queue.wake() }
        }
    }
}
