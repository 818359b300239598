import Kafka
import TestStream
import Testing

@Suite("Topics")
struct AdminTests {
    @Test("a topic that is not there has no partition count, and asking does not create it")
    func missing() async throws {
        let admin = try KafkaAdmin(try await SharedBroker.broker.configuration(), logger: quiet)
        let topic = freshTopic()
        #expect(try await admin.partitionCount(of: topic) == nil)
        #expect(try await admin.partitionCount(of: topic) == nil)
        #expect(try await admin.offsets(of: topic) == [:])
    }

    @Test("of no partition nothing is asked, and nothing is found")
    func ofNothing() async throws {
        let admin = try KafkaAdmin(try await SharedBroker.broker.configuration(), logger: quiet)
        #expect(try await admin.endOffsets(of: []) == [:])
    }

    @Test("ensuring a topic creates it with its partitions, and is harmless when repeated")
    func create() async throws {
        let admin = try KafkaAdmin(try await SharedBroker.broker.configuration(), logger: quiet)
        let topic = freshTopic()
        try await admin.ensureTopic(topic, partitions: 32)
        try await admin.ensureTopic(topic, partitions: 32)
        #expect(try await admin.partitionCount(of: topic) == 32)
        let offsets = try await admin.offsets(of: topic)
        #expect(offsets.count == 32)
        #expect(offsets.values.allSatisfy { $0 == 0..<0 })
    }

    @Test("a topic that the broker made by itself, with one partition, gets the missing ones")
    func extend() async throws {
        let admin = try KafkaAdmin(try await SharedBroker.broker.configuration(), logger: quiet)
        let topic = freshTopic()
        try await admin.ensureTopic(topic, partitions: 1)
        try await admin.ensureTopic(topic, partitions: 8)
        #expect(try await admin.partitionCount(of: topic) == 8)
    }

    @Test("a topic with too many partitions is refused")
    func tooMany() async throws {
        let admin = try KafkaAdmin(try await SharedBroker.broker.configuration(), logger: quiet)
        let topic = freshTopic()
        try await admin.ensureTopic(topic, partitions: 4)
        #expect(try await failure { try await admin.ensureTopic(topic, partitions: 3) } == .refused)
    }

    @Test("several instances ensure the same topic at once")
    func race() async throws {
        let configuration = try await SharedBroker.broker.configuration()
        let topic = freshTopic()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await KafkaAdmin(configuration, logger: quiet).ensureTopic(topic, partitions: 32)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await KafkaAdmin(configuration, logger: quiet).partitionCount(of: topic) == 32)
    }

    @Test("a broker that is not there is told as unavailable, within the time given")
    func unreachable() async throws {
        let admin = try KafkaAdmin(KafkaConfiguration(bootstrap: "127.0.0.1:1", clientID: "test"), logger: quiet)
        let kind = try await failure { _ = try await admin.partitionCount(of: "any", within: .milliseconds(300)) }
        #expect(kind == .unavailable)
    }

    @Test("an unknown property is told by name")
    func property() throws {
        let configuration = KafkaConfiguration(
            bootstrap: "127.0.0.1:1", clientID: "test", properties: ["no.such.property": "1"])
        do {
            _ = try KafkaProducer(configuration, logger: quiet)
            Issue.record("the property was accepted")
        } catch {
            #expect(error.kind == .configuration)
            #expect(error.text.contains("no.such.property"))
        }
    }
}

@Suite("Two suites on one cluster")
struct TopicPrefixTests {
    @Test("a prefix keeps topics apart, and neither side sees it in a name")
    func prefix() async throws {
        let broker = try await SharedBroker.broker
        let topic = freshTopic()
        let (ours, theirs) = (prefixed("ours.", broker), prefixed("theirs.", broker))
        for cluster in [ours, theirs] {
            try await KafkaAdmin(cluster, logger: quiet).ensureTopic(topic, partitions: 2)
        }
        let producer = try KafkaProducer(ours, logger: quiet)
        producer.know(topic)
        _ = try await producer.send([message(topic, 7, partition: 1)])
        await producer.close(within: .seconds(5))

        #expect(try await readAll(ours, topic, partition: 1) == ["7"])
        #expect(try await readAll(theirs, topic, partition: 1) == [])
        #expect(try await readAll(broker.configuration(), "ours." + topic, partition: 1) == ["7"])
        let plain = try KafkaAdmin(broker.configuration(), logger: quiet)
        #expect(try await plain.partitionCount(of: topic) == nil)
        let ends = try await KafkaAdmin(ours, logger: quiet).endOffsets(of: [TopicPartition(topic, 1)])
        #expect(ends == [TopicPartition(topic, 1): 1])
    }

    private func prefixed(_ prefix: String, _ broker: TestKafka) -> KafkaConfiguration {
        var cluster = broker.configuration()
        cluster.topicPrefix = prefix
        return cluster
    }
}
