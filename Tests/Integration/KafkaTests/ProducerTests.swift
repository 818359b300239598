import Kafka
import Synchronization
import TestBasics
import TestStream
import Testing

@Suite("Producer")
struct ProducerTests {
    private func topic(_ broker: TestKafka, partitions: Int = 1) async throws -> String {
        let topic = freshTopic()
        try await KafkaAdmin(broker.configuration(), logger: quiet).ensureTopic(topic, partitions: partitions)
        return topic
    }

    @Test("a batch is stored in its order, in the partitions named, and its offsets are told")
    func batch() async throws {
        let broker = try await SharedBroker.broker
        let topic = try await topic(broker, partitions: 2)
        let producer = try KafkaProducer(broker.configuration(), logger: quiet)
        let offsets = try await producer.send((0..<300).map { message(topic, $0, partition: Int32($0 % 2)) })
        #expect(offsets == (0..<300).map { Int64($0 / 2) })
        #expect(try await readAll(broker.configuration(), topic, partition: 1) == (0..<150).map { "\($0 * 2 + 1)" })
        await producer.close(within: .seconds(5))
    }

    @Test("more messages than may be in flight are sent in turns, and none is left out")
    func bounded() async throws {
        let broker = try await SharedBroker.broker
        let topic = try await topic(broker)
        let producer = try KafkaProducer(broker.configuration(), maximumInFlight: 10, logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<25 { _ = try await producer.send([message(topic, task * 1000 + number)]) }
                    _ = try await producer.send((25..<60).map { message(topic, task * 1000 + $0) })
                }
            }
            try await group.waitForAll()
        }
        let values = try await readAll(broker.configuration(), topic).compactMap(Int.init)
        #expect(values.count == 480)
        for task in 0..<8 {
            #expect(values.filter { $0 / 1000 == task } == (0..<60).map { task * 1000 + $0 })
        }
        await producer.close(within: .seconds(5))
    }

    @Test("a sender does not wait for a timer: a hundred reports, one after the other, come at once")
    func latency() async throws {
        let broker = try await SharedBroker.broker
        let topic = try await topic(broker)
        let producer = try KafkaProducer(broker.configuration(), logger: quiet)
        _ = try await producer.send([message(topic, 0)])
        let start = ContinuousClock.now
        for number in 1...100 { _ = try await producer.send([message(topic, number)]) }
        // A loop that polls ten times a second needs ten seconds.
        #expect(ContinuousClock.now - start < .seconds(8))
        await producer.close(within: .seconds(5))
    }

    @Test("after close, calls are refused")
    func closed() async throws {
        let broker = try await SharedBroker.broker
        let producer = try KafkaProducer(broker.configuration(), logger: quiet)
        await producer.close(within: .seconds(1))
        #expect(try await failure { _ = try await producer.send([message("any", 1)]) } == .closed)
    }

    @Test("errors of the broker that pass are overcome: each message once, in order")
    func passingErrors() async throws {
        let cluster = try TestBrokerProcess()
        let topic = freshTopic()
        try cluster.createTopic(topic, partitions: 1)
        let producer = try KafkaProducer(cluster.configuration(), logger: quiet)
        _ = try await producer.send([message(topic, 0)])
        // NOT_LEADER_OR_FOLLOWER, REQUEST_TIMED_OUT, NOT_ENOUGH_REPLICAS
        for (code, first) in [(6, 1), (7, 11), (19, 21)] {
            try cluster.fail(api: 0, code: code, count: 2)
            _ = try await producer.send((first..<first + 10).map { message(topic, $0) })
        }
        #expect(try await readAll(cluster.configuration(), topic) == (0...30).map(String.init))
        await producer.close(within: .seconds(5))
    }

    @Test("a topic that is known beforehand takes messages, also after the client was replaced")
    func known() async throws {
        let cluster = try TestBrokerProcess()
        let topic = freshTopic()
        try cluster.createTopic(topic, partitions: 1)
        let producer = try KafkaProducer(cluster.configuration(), logger: quiet)
        producer.know(topic)
        producer.know(topic)
        _ = try await producer.send([message(topic, 0)])
        // OUT_OF_ORDER_SEQUENCE_NUMBER is fatal to an idempotent producer.
        try cluster.fail(api: 0, code: 45, count: 1)
        #expect(try await failure { _ = try await producer.send([message(topic, 1)]) } != nil)
        #expect(
            try await eventually { try await failure { _ = try await producer.send([message(topic, 2)]) } == nil })
        await producer.close(within: .seconds(5))
        producer.know(topic)
    }

    @Test("a message that the broker refuses is refused, and the next one goes through")
    func refused() async throws {
        let cluster = try TestBrokerProcess()
        let topic = freshTopic()
        try cluster.createTopic(topic, partitions: 1)
        let producer = try KafkaProducer(cluster.configuration(), logger: quiet)
        try cluster.fail(api: 0, code: 10, count: 1)
        #expect(try await failure { _ = try await producer.send([message(topic, 1)]) } == .refused)
        _ = try await producer.send([message(topic, 2)])
        #expect(try await readAll(cluster.configuration(), topic).last == "2")
        await producer.close(within: .seconds(5))
    }

    @Test("a cancelled sender waits no longer, and what it holds is given back")
    func cancellation() async throws {
        let cluster = try TestBrokerProcess()
        let topic = freshTopic()
        try cluster.createTopic(topic, partitions: 1)
        let producer = try KafkaProducer(cluster.configuration(), maximumInFlight: 1, logger: quiet)
        _ = try await producer.send([message(topic, 0)])
        try cluster.delay(milliseconds: 1500)
        let first = Task { try await failure { _ = try await producer.send([message(topic, 1)]) } }
        let waiting = Task { try await failure { _ = try await producer.send([message(topic, 2)]) } }
        try await Task.sleep(for: .milliseconds(50))
        let start = ContinuousClock.now
        first.cancel()
        waiting.cancel()
        #expect(try await first.value == .cancelled)
        #expect(try await waiting.value == .cancelled)
        #expect(ContinuousClock.now - start < .seconds(1))
        try cluster.delay(milliseconds: 0)
        _ = try await producer.send([message(topic, 3)])
        await producer.close(within: .seconds(5))
    }

    @Test("a cluster that does not answer is told in time, and sending works again when it is back")
    func outage() async throws {
        let cluster = try TestBrokerProcess()
        let topic = freshTopic()
        try cluster.createTopic(topic, partitions: 1)
        let producer = try KafkaProducer(
            cluster.configuration(properties: ["message.timeout.ms": "800"]), logger: quiet)
        // A busy machine may need longer than that for the first connection; only the outage is bounded here.
        #expect(
            try await eventually { try await failure { _ = try await producer.send([message(topic, 0)]) } == nil })
        try cluster.down()
        let kind = try await failure { _ = try await producer.send([message(topic, 1)]) }
        #expect(kind == .unavailable || kind == .interrupted)
        try cluster.up()
        #expect(
            try await eventually { try await failure { _ = try await producer.send([message(topic, 2)]) } == nil })
        await producer.close(within: .seconds(5))
    }

    @Test("closing does not outlast its deadline when the cluster is gone; who waits is told")
    func closeInOutage() async throws {
        let cluster = try TestBrokerProcess()
        let topic = freshTopic()
        try cluster.createTopic(topic, partitions: 1)
        let producer = try KafkaProducer(cluster.configuration(), logger: quiet)
        _ = try await producer.send([message(topic, 0)])
        try cluster.down()
        let sender = Task { try await failure { _ = try await producer.send([message(topic, 1)]) } }
        try await Task.sleep(for: .milliseconds(50))
        let start = ContinuousClock.now
        await producer.close(within: .milliseconds(500))
        #expect(ContinuousClock.now - start < .seconds(4))
        #expect(try await sender.value == .interrupted)
    }

    // The test broker writes its log to disk about once a second, so a kill loses the newest messages, confirmed or
    // not; a relay notices that by the end offsets. Here only what was confirmed after the last start is counted: one
    // message is under way at a time, and the broker's word for it may have come before the kill and be noted after it.
    @Test("a broker killed with SIGKILL under load: sending goes on by itself, in order, without a new process of ours")
    func brokerKilled() async throws {
        let broker = try await TestKafka()
        let topic = try await topic(broker)
        let producer = try KafkaProducer(broker.configuration(), logger: quiet)
        let confirmed = Mutex<[Int]>([])
        let load = Task {
            for number in 0..<100_000 where !Task.isCancelled {
                while try await failure({ _ = try await producer.send([message(topic, number)]) }) != nil {
                    try await Task.sleep(for: .milliseconds(20))
                }
                confirmed.withLock { $0.append(number) }
            }
        }
        var started = 0
        for _ in 0..<3 {
            let before = confirmed.withLock { $0.count }
            #expect(try await eventually { confirmed.withLock { $0.count } > before + 300 })
            try await broker.kill()
            started = confirmed.withLock { $0.count }
            try await broker.start()
        }
        #expect(try await eventually(within: .seconds(60)) { confirmed.withLock { $0.count } > started + 300 })
        load.cancel()
        _ = await load.result
        let stored = try await readAll(broker.configuration(), topic).compactMap(Int.init)
        let expected = confirmed.withLock { Array($0.dropFirst(started + 1)) }
        #expect(Set(expected).subtracting(stored).isEmpty)
        let later = stored.filter { $0 > started }
        #expect(later == later.sorted())
        await producer.close(within: .seconds(5))
    }

    @Test("a broker that lost its whole log gets messages again without a new process of ours")
    func logLost() async throws {
        let broker = try await TestKafka()
        let topic = try await topic(broker)
        let producer = try KafkaProducer(
            broker.configuration(properties: ["message.timeout.ms": "2000"]), logger: quiet)
        _ = try await producer.send((0..<50).map { message(topic, $0) })
        try await broker.kill()
        try broker.wipe()
        try await broker.start()
        try await KafkaAdmin(broker.configuration(), logger: quiet).ensureTopic(topic, partitions: 1)
        #expect(
            try await eventually(within: .seconds(60)) {
                try await failure { _ = try await producer.send([message(topic, 100)]) } == nil
            })
        #expect(try await readAll(broker.configuration(), topic).last == "100")
        await producer.close(within: .seconds(5))
    }
}
