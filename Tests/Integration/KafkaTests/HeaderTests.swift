import Kafka
import TestStream
import Testing

@Suite("Headers")
struct HeaderTests {
    private func send(_ messages: [[KafkaHeader]], _ broker: TestKafka) async throws -> String {
        let topic = freshTopic()
        try await KafkaAdmin(broker.configuration(), logger: quiet).ensureTopic(topic, partitions: 1)
        let producer = try KafkaProducer(broker.configuration(), logger: quiet)
        _ = try await producer.send(
            messages.map { KafkaMessage(topic: topic, partition: 0, key: [1], value: [2], headers: $0) })
        await producer.close(within: .seconds(5))
        return topic
    }

    private func read(
        _ topic: String, _ broker: TestKafka, names: [String], count: Int
    ) async throws -> [KafkaRecord] {
        let consumer = try KafkaConsumer(broker.configuration(), headers: names, logger: quiet)
        try await consumer.assign([TopicPartitionOffset(TopicPartition(topic, 0), .beginning)])
        var records: [KafkaRecord] = []
        let deadline = ContinuousClock.now + .seconds(20)
        while records.count < count, ContinuousClock.now < deadline {
            records += try await consumer.next(max: 100, within: .seconds(1)).records
        }
        await consumer.close(within: .seconds(5))
        return records
    }

    @Test("every byte of a header arrives, zeros and what is no text among them")
    func binary() async throws {
        let broker = try await SharedBroker.broker
        let every = (0...255).map(UInt8.init)
        let topic = try await send([[KafkaHeader("proof", every), KafkaHeader("empty", [])]], broker)
        let record = try #require(try await read(topic, broker, names: ["proof", "empty"], count: 1).first)
        #expect(record.headers == ["proof": every, "empty": []])
        #expect(record.value == [2])
    }

    @Test("only the headers that were asked for are read, each message has its own, and of two the last one counts")
    func chosen() async throws {
        let broker = try await SharedBroker.broker
        let topic = try await send(
            [
                [KafkaHeader("proof", [1]), KafkaHeader("other", [9]), KafkaHeader("proof", [2])], [],
                [KafkaHeader("proof", [3])],
            ], broker)
        let records = try await read(topic, broker, names: ["proof"], count: 3)
        #expect(records.map(\.headers) == [["proof": [2]], [:], ["proof": [3]]])
        #expect(try await read(topic, broker, names: [], count: 3).allSatisfy { $0.headers.isEmpty })
    }
}
