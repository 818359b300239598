import Async
import CRdKafka
import Logging

/// The reports of the messages of one call of `send`.
final class Delivery: Sendable {
    private struct State {
        var remaining: Int
        var offsets: [Int64]
        var failure: KafkaError?
    }

    let outcome = OneShot<Result<[Int64], KafkaError>>()
    private let state: Guarded<State>

    init(count: Int) {
        state = Guarded(State(remaining: count, offsets: Array(repeating: -1, count: count)))
    }

    /// Takes the report of one message; the last one completes the call.
    func report(_ index: Int, _ result: Result<Int64, KafkaError>) {
        let complete = state.withLock { state -> Result<[Int64], KafkaError>? in
            switch result {
            case .success(let offset): state.offsets[index] = offset
            case .failure(let error): state.failure = state.failure ?? error
            }
            state.remaining -= 1
            guard state.remaining == 0 else { return nil }
            if let failure = state.failure { return .failure(failure) }
            return .success(state.offsets)
        }
        if let complete { outcome.fill(complete) }
    }
}

/// One idempotent librdkafka producer, and the thread that is blocked in its event queue.
///
/// It lives until it is stopped; then what it still holds is purged, which reports every message, and it is destroyed.
final class ProducerClient: Sendable {
    private struct Ticket {
        let delivery: Delivery
        let index: Int
    }

    private struct State {
        var nextID: UInt = 1
        var tickets: [UInt: Ticket] = [:]
        var stopping = false
        /// How many wait for the delivery of what is on its way; the client is not destroyed under them.
        var flushing = 0
        var ended = false
        /// The topics whose leaders it looks up without being asked to send there.
        var topics: [TopicHandle] = []
    }

    private let handle: ClientHandle
    private let queue: QueueHandle
    private let state = Guarded(State())
    /// Held while a batch is handed over, so that the batches of two tasks do not mix.
    private let order = Guarded(())
    private let released: @Sendable (Int) -> Void
    private let ended = OneShot<Void>()
    private let logger: Logger

    /// Starts a client.
    ///
    /// - Parameters:
    ///   - released: Called with the number of messages whose report came.
    ///   - spoiled: Called once when the client met a fatal error.
    init(
        _ configuration: KafkaConfiguration, logger: Logger, released: @escaping @Sendable (Int) -> Void,
        spoiled: @escaping @Sendable (ProducerClient) -> Void
    ) throws(KafkaError) {
        let handle = try ClientHandle(
            RD_KAFKA_PRODUCER, configuration, configuration.producerProperties,
            events: RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR)
        self.handle = handle
        self.queue = QueueHandle(main: handle)
        self.released = released
        self.logger = logger
        startThread { [self] in run(spoiled) }
    }

    /// Hands the messages over in their order; each is reported to `delivery`, here or by the thread.
    func enqueue(_ messages: [KafkaMessage], _ delivery: Delivery) {
        order.withLock { _ in
            for (index, message) in messages.enumerated() {
                guard let id = register(Ticket(delivery: delivery, index: index)) else {
                    delivery.report(index, .failure(.replaced))
                    released(1)
                    continue
                }
                if let error = unsafe produce(message, opaque: UnsafeMutableRawPointer(bitPattern: id), to: handle) {
                    report(id, .failure(error))
                }
            }
        }
    }

    /// Looks up where a topic's partitions are, and goes on knowing it.
    func know(_ topic: String) {
        state.withLock { state in
            guard !state.ended, let topic = TopicHandle(topic, of: handle) else { return }
            state.topics.append(topic)
        }
    }

    /// Ends the client; what it holds is reported as interrupted unless `within` suffices to deliver it.
    func stop(within: Duration = .zero) async {
        if within > .zero, beginFlush() {
            await onThread { [self] in
                _ = unsafe rd_kafka_flush(handle.pointer, within.milliseconds)
                state.withLock { $0.flushing -= 1 }
            }
        }
        stopSoon()
        await ended.wait()
    }

    /// Asks the thread to end the client, and does not wait.
    func stopSoon() {
        state.withLock { state in
            state.stopping = true
            // Under the lock: the thread destroys the queue only after it has set `ended` under the same lock.
            if !state.ended { queue.wake() }
        }
    }

    /// Whether there is still a client to flush, which then stays until the flush is over.
    private func beginFlush() -> Bool {
        state.withLock { state in
            guard !state.stopping else { return false }
            state.flushing += 1
            return true
        }
    }

    private func register(_ ticket: Ticket) -> UInt? {
        state.withLock { state in
            if state.stopping { return nil }
            let id = state.nextID
            state.nextID += 1
            state.tickets[id] = ticket
            return id
        }
    }

    private func report(_ id: UInt, _ result: Result<Int64, KafkaError>) {
        guard let ticket = state.withLock({ $0.tickets.removeValue(forKey: id) }) else { return }
        ticket.delivery.report(ticket.index, result)
        released(1)
    }

    private func run(_ spoiled: @Sendable (ProducerClient) -> Void) {
        while !state.withLock({ $0.stopping }) { serve(timeout: 1000, spoiled) }
        order.withLock { _ in
            _ = unsafe rd_kafka_purge(handle.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        }
        let deadline = ContinuousClock.now + .seconds(2)
        // Purged, a flush that is still under way ends too, as soon as its reports are read here.
        while unsafe state.withLock({ $0.flushing > 0 })
            || rd_kafka_outq_len(handle.pointer) > 0 && ContinuousClock.now < deadline
        {
            serve(timeout: 100, spoiled)
        }
        let left = state.withLock { state -> [UInt] in
            state.ended = true
            for topic in state.topics { topic.destroy() }
            state.topics = []
            return Array(state.tickets.keys)
        }
        for id in left { report(id, .failure(.replaced)) }
        queue.destroy()
        unsafe rd_kafka_destroy(handle.pointer)
        ended.fill(())
    }

    private func serve(timeout: Int32, _ spoiled: @Sendable (ProducerClient) -> Void) {
        guard let event = unsafe rd_kafka_queue_poll(queue.pointer, timeout) else { return }
        defer { unsafe rd_kafka_event_destroy(event) }
        switch unsafe rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_DR:
            while let message = unsafe rd_kafka_event_message_next(event) {
                let id = UInt(bitPattern: unsafe message.pointee._private)
                let error = unsafe message.pointee.err
                report(
                    id,
                    error == RD_KAFKA_RESP_ERR_NO_ERROR
                        ? .success(unsafe message.pointee.offset) : .failure(KafkaError(error)))
            }
        case RD_KAFKA_EVENT_ERROR:
            let error = KafkaError(unsafe rd_kafka_event_error(event))
            if unsafe rd_kafka_event_error_is_fatal(event) != 0 {
                logger.warning("producer met a fatal error", metadata: ["kafka.error": "\(error.text)"])
                spoiled(self)
            } else {
                logger.debug("producer met an error", metadata: ["kafka.error": "\(error.text)"])
            }
        default: break
        }
    }
}

/// A topic that a client knows; destroyed before the client.
///
/// `@unchecked Sendable`: librdkafka's handles may be used from every thread, as `ClientHandle` says; the pointer never
/// changes; it is made and destroyed with the lock of `ProducerClient.state` held, and not after the client has ended.
@safe
private struct TopicHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    init?(_ name: String, of client: ClientHandle) {
        guard let pointer = unsafe rd_kafka_topic_new(client.pointer, client.brokerName(of: name), nil) else {
            return nil
        }
        unsafe self.pointer = pointer
    }

    func destroy() { unsafe rd_kafka_topic_destroy(pointer) }
}

/// The main queue of a client.
///
/// `@unchecked Sendable`: librdkafka's handles may be used from every thread, as `ClientHandle` says; the pointer never
/// changes; only the thread that owns the client destroys it, after it has marked itself as ended.
@safe
struct QueueHandle: @unchecked Sendable {
    let pointer: OpaquePointer?

    init(main client: ClientHandle) { unsafe pointer = rd_kafka_queue_get_main(client.pointer) }
    init(consumer client: ClientHandle) { unsafe pointer = rd_kafka_queue_get_consumer(client.pointer) }

    /// Makes a blocked poll return; remembered by librdkafka if no poll is running yet.
    func wake() { unsafe rd_kafka_queue_yield(pointer) }
    func destroy() { unsafe rd_kafka_queue_destroy(pointer) }
}

/// Copies a message into the client's queue; the error tells why it could not.
private func produce(
    _ message: KafkaMessage, opaque: UnsafeMutableRawPointer?, to handle: ClientHandle
) -> KafkaError? {
    let headers = unsafe message.headers.isEmpty ? nil : rd_kafka_headers_new(message.headers.count)
    for header in message.headers {
        _ = unsafe header.value.withUnsafeBytes { value in
            unsafe rd_kafka_header_add(headers, header.name, -1, value.baseAddress, value.count)
        }
    }
    let error = unsafe handle.brokerName(of: message.topic).withCString { topic in
        unsafe message.key.withUnsafeBytes { key in
            unsafe message.value.withUnsafeBytes { value in
                var parts = unsafe [
                    part(RD_KAFKA_VTYPE_TOPIC) { unsafe $0.cstr = topic },
                    part(RD_KAFKA_VTYPE_PARTITION) { unsafe $0.i32 = message.partition },
                    part(RD_KAFKA_VTYPE_MSGFLAGS) { unsafe $0.i = Int32(RD_KAFKA_MSG_F_COPY) },
                    part(RD_KAFKA_VTYPE_KEY) { unsafe fill(&$0, key) },
                    part(RD_KAFKA_VTYPE_VALUE) { unsafe fill(&$0, value) },
                    part(RD_KAFKA_VTYPE_OPAQUE) { unsafe $0.ptr = opaque },
                ]
                if let headers = unsafe headers {
                    unsafe parts.append(part(RD_KAFKA_VTYPE_HEADERS) { unsafe $0.headers = headers })
                }
                return unsafe rd_kafka_produceva(handle.pointer, parts, parts.count)
            }
        }
    }
    guard let error = unsafe error else { return nil }
    defer { unsafe rd_kafka_error_destroy(error) }
    if let headers = unsafe headers { unsafe rd_kafka_headers_destroy(headers) }
    return KafkaError(unsafe rd_kafka_error_code(error))
}

private typealias PartValue = rd_kafka_vu_s.__Unnamed_union_u

private func part(_ type: rd_kafka_vtype_t, _ set: (inout PartValue) -> Void) -> rd_kafka_vu_t {
    var part = unsafe rd_kafka_vu_t()
    unsafe part.vtype = type
    unsafe set(&part.u)
    return unsafe part
}

private func fill(_ value: inout PartValue, _ bytes: UnsafeRawBufferPointer) {
    unsafe value.mem.ptr = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
    unsafe value.mem.size = bytes.count
}
