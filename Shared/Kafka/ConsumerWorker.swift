import Async
import CRdKafka
import Logging

/// The thread of a consumer: it runs one command at a time, and every call of librdkafka that may block.
final class ConsumerWorker: Sendable {
    /// What a task may ask of the thread.
    enum Command: Sendable {
        case change(Change, OneShot<KafkaError?>)
        case next(max: Int, deadline: ContinuousClock.Instant, OneShot<KafkaBatch?>)
        case stop
    }

    /// A change of what is read.
    enum Change: Sendable {
        case assign([TopicPartitionOffset])
        case add([TopicPartitionOffset])
        case remove([TopicPartition])
        case seek([TopicPartitionOffset])
    }

    let mailbox = Mailbox<Command>()
    let ended = OneShot<Void>()
    private let handle: ClientHandle
    private let headers: [String]

    init(_ handle: ClientHandle, headers: [String]) {
        self.handle = handle
        self.headers = headers
    }

    func start() {
        startThread { [self] in run() }
    }

    private func run() {
        // Read by a pull whose task was cancelled meanwhile: it belongs to the next pull.
        var left = KafkaBatch()
        loop: while true {
            switch mailbox.take() {
            case .change(let change, let reply):
                left.forget(change)
                reply.fill(apply(change))
            case .next(let max, let deadline, let reply):
                let batch = left.isEmpty ? poll(max: max, deadline: deadline) : left
                left = reply.fill(batch) ? KafkaBatch() : batch
            case .stop:
                break loop
            }
        }
        // No group was joined, so there is nothing to leave: without the close that may block for ever when a
        // partition was lost (librdkafka before 2.1).
        unsafe rd_kafka_destroy_flags(handle.pointer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        ended.fill(())
    }

    private func apply(_ change: Change) -> KafkaError? {
        switch change {
        case .assign(let places):
            unsafe handle.withPartitionList(places.map(\.raw)) { list in
                unsafe error(rd_kafka_assign(handle.pointer, list))
            } ?? nil
        case .add(let places):
            unsafe handle.withPartitionList(places.map(\.raw)) { list in
                unsafe take(rd_kafka_incremental_assign(handle.pointer, list))
            } ?? nil
        case .remove(let partitions):
            unsafe handle.withPartitionList(partitions.map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) }) { list in
                unsafe take(rd_kafka_incremental_unassign(handle.pointer, list))
            } ?? nil
        case .seek(let places):
            unsafe handle.withPartitionList(places.map(\.raw)) { list in
                unsafe take(rd_kafka_seek_partitions(handle.pointer, list, 5000))
                    ?? firstError(in: list)
            } ?? nil
        }
    }

    private func poll(max: Int, deadline: ContinuousClock.Instant) -> KafkaBatch {
        var batch = KafkaBatch()
        var timeout = (deadline - .now).milliseconds
        while batch.records.count < max, let message = unsafe rd_kafka_consumer_poll(handle.pointer, timeout) {
            unsafe batch.add(message, headers: headers, from: handle)
            unsafe rd_kafka_message_destroy(message)
            timeout = 0
        }
        return batch
    }

    private func error(_ code: rd_kafka_resp_err_t) -> KafkaError? {
        code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code)
    }

    private func take(_ failure: OpaquePointer?) -> KafkaError? {
        guard let failure = unsafe failure else { return nil }
        defer { unsafe rd_kafka_error_destroy(failure) }
        return KafkaError(unsafe rd_kafka_error_code(failure))
    }

    private func firstError(in list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> KafkaError? {
        for index in 0..<Int(unsafe list.pointee.cnt) {
            if let failure = error(unsafe list.pointee.elems[index].err) { return failure }
        }
        return nil
    }
}

extension TopicPartitionOffset {
    var raw: (TopicPartition, Int64) {
        switch place {
        case .beginning: (partition, Int64(RD_KAFKA_OFFSET_BEGINNING))
        case .end: (partition, Int64(RD_KAFKA_OFFSET_END))
        case .offset(let offset): (partition, offset)
        }
    }
}

extension KafkaBatch {
    /// Drops what was read at a place that is no longer wanted.
    fileprivate mutating func forget(_ change: ConsumerWorker.Change) {
        switch change {
        case .assign: self = KafkaBatch()
        case .add(let places), .seek(let places): drop(Set(places.map(\.partition)))
        case .remove(let partitions): drop(Set(partitions))
        }
    }

    private mutating func drop(_ partitions: Set<TopicPartition>) {
        records.removeAll { partitions.contains(TopicPartition($0.topic, $0.partition)) }
    }

    fileprivate mutating func add(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>, headers names: [String], from client: ClientHandle
    ) {
        let code = unsafe message.pointee.err
        let partition = unsafe message.pointee.rkt.map {
            unsafe TopicPartition(client.name(ofBrokerTopic: rd_kafka_topic_name($0)), message.pointee.partition)
        }
        switch (code, partition) {
        case (RD_KAFKA_RESP_ERR_NO_ERROR, let partition?):
            records.append(
                KafkaRecord(
                    topic: partition.topic, partition: partition.partition, offset: unsafe message.pointee.offset,
                    key: unsafe bytes(message.pointee.key, message.pointee.key_len),
                    value: unsafe bytes(message.pointee.payload, message.pointee.len),
                    headers: unsafe headers(names, of: message)))
        case (RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, let partition?),
            (RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, let partition?):
            problems.append(.offsetOutOfRange(partition))
        case (_, let partition?): problems.append(.partition(partition, KafkaError(code)))
        case (_, nil): problems.append(.client(KafkaError(code)))
        }
    }

    /// Copies headers out of a message, which owns them.
    private func headers(
        _ names: [String], of message: UnsafeMutablePointer<rd_kafka_message_t>
    ) -> [String: [UInt8]] {
        var all: OpaquePointer?
        guard !names.isEmpty, unsafe rd_kafka_message_headers(message, &all) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            return [:]
        }
        var found: [String: [UInt8]] = [:]
        for name in names {
            var start: UnsafeRawPointer?
            var count = 0
            if unsafe rd_kafka_header_get_last(all, name, &start, &count) == RD_KAFKA_RESP_ERR_NO_ERROR {
                found[name] = unsafe bytes(start.map { unsafe UnsafeMutableRawPointer(mutating: $0) }, count)
            }
        }
        return found
    }

    private func bytes(_ start: UnsafeMutableRawPointer?, _ count: Int) -> [UInt8] {
        guard let start = unsafe start else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }
}
