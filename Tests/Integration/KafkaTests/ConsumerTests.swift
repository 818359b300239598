import Kafka
import TestBasics
import TestStream
import Testing
import Web

@Suite("Consumer")
struct ConsumerTests {
    private func filledTopic(_ broker: TestKafka, count: Int, partitions: Int = 1) async throws -> String {
        let topic = freshTopic()
        try await KafkaAdmin(broker.configuration(), logger: quiet).ensureTopic(topic, partitions: partitions)
        let producer = try KafkaProducer(broker.configuration(), logger: quiet)
        for partition in 0..<Int32(partitions) {
            _ = try await producer.send((0..<count).map { message(topic, $0, partition: partition) })
        }
        await producer.close(within: .seconds(5))
        return topic
    }

    private func read(
        _ consumer: KafkaConsumer, count: Int, within: Duration = .seconds(20)
    ) async throws -> [KafkaRecord] {
        var records: [KafkaRecord] = []
        let deadline = ContinuousClock.now + within
        while records.count < count, ContinuousClock.now < deadline {
            records += try await consumer.next(max: count - records.count, within: .seconds(1)).records
        }
        return records
    }

    @Test("reading starts at the offset given and goes on from there")
    func fromOffset() async throws {
        let broker = try await SharedBroker.broker
        let topic = try await filledTopic(broker, count: 100)
        let consumer = try KafkaConsumer(broker.configuration(), logger: quiet)
        try await consumer.assign([TopicPartitionOffset(TopicPartition(topic, 0), .offset(40))])
        #expect(try await read(consumer, count: 60).map(\.offset) == (40..<100).map(Int64.init))
        #expect(try await consumer.next(max: 10, within: .milliseconds(100)).records.isEmpty)
        await consumer.close(within: .seconds(5))
    }

    @Test("no more is taken than was asked for, and the rest comes later")
    func pull() async throws {
        let broker = try await SharedBroker.broker
        let topic = try await filledTopic(broker, count: 30)
        let consumer = try KafkaConsumer(broker.configuration(), logger: quiet)
        try await consumer.assign([TopicPartitionOffset(TopicPartition(topic, 0), .beginning)])
        let first = try await read(consumer, count: 7)
        #expect(first.map(\.offset) == Array(0..<7))
        #expect(try await read(consumer, count: 23).map(\.offset) == Array(7..<30))
        await consumer.close(within: .seconds(5))
    }

    @Test("partitions are added and removed while others are read")
    func addAndRemove() async throws {
        let broker = try await SharedBroker.broker
        let topic = try await filledTopic(broker, count: 20, partitions: 3)
        let consumer = try KafkaConsumer(broker.configuration(), logger: quiet)
        try await consumer.add([TopicPartitionOffset(TopicPartition(topic, 0), .beginning)])
        #expect(try await read(consumer, count: 20).allSatisfy { $0.partition == 0 })
        try await consumer.add([
            TopicPartitionOffset(TopicPartition(topic, 1), .offset(10)),
            TopicPartitionOffset(TopicPartition(topic, 2), .end),
        ])
        let second = try await read(consumer, count: 10)
        #expect(second.map(\.partition) == Array(repeating: 1, count: 10))
        #expect(second.map(\.offset) == Array(10..<20))
        try await consumer.remove([TopicPartition(topic, 0), TopicPartition(topic, 1)])
        let producer = try KafkaProducer(broker.configuration(), logger: quiet)
        _ = try await producer.send((0..<3).map { message(topic, 50, partition: Int32($0)) })
        let third = try await read(consumer, count: 1)
        #expect(third.map(\.partition) == [2])
        #expect(try await consumer.next(max: 10, within: .milliseconds(200)).records.isEmpty)
        await consumer.close(within: .seconds(5))
        await producer.close(within: .seconds(5))
    }

    @Test("an offset that the log does not have is told, and reading goes on where it is sought")
    func outOfRange() async throws {
        let broker = try await SharedBroker.broker
        let topic = try await filledTopic(broker, count: 5)
        let partition = TopicPartition(topic, 0)
        let consumer = try KafkaConsumer(broker.configuration(), logger: quiet)
        try await consumer.assign([TopicPartitionOffset(partition, .offset(1000))])
        var problems: [KafkaBatch.Problem] = []
        #expect(
            try await eventually {
                problems += try await consumer.next(max: 10, within: .seconds(1)).problems
                return problems.contains(.offsetOutOfRange(partition))
            })
        try await consumer.remove([partition])
        try await consumer.add([TopicPartitionOffset(partition, .beginning)])
        #expect(try await read(consumer, count: 5).map(\.offset) == Array(0..<5))
        await consumer.close(within: .seconds(5))
    }

    @Test("a cancelled pull returns at once and loses nothing")
    func cancellation() async throws {
        let broker = try await SharedBroker.broker
        let topic = try await filledTopic(broker, count: 0)
        let consumer = try KafkaConsumer(broker.configuration(), logger: quiet)
        let producer = try KafkaProducer(broker.configuration(), logger: quiet)
        try await consumer.assign([TopicPartitionOffset(TopicPartition(topic, 0), .beginning)])
        var numbers: [Int64] = []
        for number in 0..<20 {
            let pull = Task { try await consumer.next(max: 10, within: .seconds(20)).records }
            let start = ContinuousClock.now
            _ = try await producer.send([message(topic, number)])
            pull.cancel()
            if let records = try? await pull.value { numbers += records.map(\.offset) }
            #expect(ContinuousClock.now - start < .seconds(10))
        }
        numbers += try await read(consumer, count: 20 - numbers.count).map(\.offset)
        #expect(numbers == Array(0..<20))
        await consumer.close(within: .seconds(5))
        await producer.close(within: .seconds(5))
    }

    @Test("a broker that lost its log: the offset is out of range, and the new log is read from its beginning")
    func logLost() async throws {
        let broker = try await TestKafka()
        let topic = try await filledTopic(broker, count: 10)
        let partition = TopicPartition(topic, 0)
        let consumer = try KafkaConsumer(broker.configuration(), logger: quiet)
        try await consumer.assign([TopicPartitionOffset(partition, .beginning)])
        #expect(try await read(consumer, count: 10).count == 10)
        try await broker.kill()
        try broker.wipe()
        try await broker.start()
        try await KafkaAdmin(broker.configuration(), logger: quiet).ensureTopic(topic, partitions: 1)
        let producer = try KafkaProducer(broker.configuration(), logger: quiet)
        _ = try await producer.send((0..<3).map { message(topic, $0) })
        var problems: [KafkaBatch.Problem] = []
        #expect(
            try await eventually(within: .seconds(40)) {
                problems += try await consumer.next(max: 10, within: .seconds(1)).problems
                return problems.contains(.offsetOutOfRange(partition))
            })
        try await consumer.remove([partition])
        try await consumer.add([TopicPartitionOffset(partition, .beginning)])
        #expect(try await read(consumer, count: 3).map(\.offset) == [0, 1, 2])
        await consumer.close(within: .seconds(5))
        await producer.close(within: .seconds(5))
    }

    @Test("a consumer that is closed refuses, and closing twice is harmless")
    func closed() async throws {
        let broker = try await SharedBroker.broker
        let consumer = try KafkaConsumer(broker.configuration(), logger: quiet)
        await consumer.close(within: .seconds(5))
        await consumer.close(within: .seconds(5))
        #expect(try await failure { _ = try await consumer.next(max: 1, within: .seconds(1)) } == .closed)
    }
}
