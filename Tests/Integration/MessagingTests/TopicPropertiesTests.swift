import Async
import CRdKafka
import ContractCore
import EventOutbox
import Kafka
import Streams
import TestBasics
import TestEvents
import TestStore
import TestStream
import Testing

/// What the broker itself says of the topics that a service made.
///
/// The broker of the tests is one process: it refuses a replication beyond 1, so all that shows of it here is that its
/// number arrives, and whether replicas are waited for cannot be seen.
@Suite("Topics at the broker")
struct TopicPropertiesTests {
    private func relay(_ source: EventSource, _ writer: Writer, _ kafka: KafkaConfiguration) -> Running {
        let outbox = Outbox(source: source, environment: writer.environment)
        return Running(
            OutboxRelay(
                outbox: outbox, database: writer.database.database, kafka: kafka, trust: .test(source.owner),
                restatement: thingRestatement, timing: quick, logger: quiet))
    }

    @Test("topics are made with the retention, the clean-up and the replicas in sync that are configured")
    func made() async throws {
        let (writer, broker) = try await (Writer(), TestKafka())
        var kafka = broker.configuration()
        kafka.topics.eventRetention = .seconds(7 * 86_400)
        kafka.topics.controlRetention = .seconds(3600)
        let relays = [EventSource.mandateRegistry, .access].map { relay($0, writer, kafka) }
        let expected: [String: Int] = [
            EventSource.mandateRegistry.topic: 7 * 86_400, EventSource.access.topic: 86_400, Topic.heads: 3600,
            Topic.resend: 3600,
        ]
        for (topic, seconds) in expected {
            let wanted = [
                "retention.ms": "\(seconds * 1000)", "min.insync.replicas": "1", "cleanup.policy": "delete",
            ]
            let agrees = try await eventually(within: .seconds(20)) {
                await describe(topic, at: broker.bootstrap, wanted.keys.sorted()) == wanted
            }
            let found = await describe(topic, at: broker.bootstrap, wanted.keys.sorted())
            #expect(agrees && found == wanted, "\(topic)")
        }
        for relay in relays { try await relay.stop() }
    }

    @Test("events are kept for ever unless a retention is configured; a replication that the broker lacks is refused")
    func others() async throws {
        let (writer, broker) = try await (Writer(), TestKafka())
        let sending = relay(.mandateRegistry, writer, broker.configuration())
        let topic = EventSource.mandateRegistry.topic
        #expect(
            try await eventually(within: .seconds(20)) {
                await describe(topic, at: broker.bootstrap, ["retention.ms"]) == ["retention.ms": "-1"]
            })
        try await sending.stop()
        let admin = try KafkaAdmin(broker.configuration(), logger: quiet)
        await #expect(throws: KafkaError.self) {
            try await admin.ensureTopic("test.replicated", partitions: 1, replication: 3)
        }
        #expect(try await admin.partitionCount(of: "test.replicated") == nil)
    }
}

/// Some properties of a topic, as the broker answers them; empty when there is no such topic.
private func describe(_ topic: String, at bootstrap: String, _ names: [String]) async -> [String: String] {
    await onThread { properties(of: topic, at: bootstrap).filter { names.contains($0.key) } }
}

private func properties(of topic: String, at bootstrap: String) -> [String: String] {
    var text = [CChar](repeating: 0, count: 512)
    let configuration = rd_kafka_conf_new()
    rd_kafka_conf_set(configuration, "bootstrap.servers", bootstrap, &text, text.count)
    guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &text, text.count) else { return [:] }
    defer { rd_kafka_destroy(client) }
    let queue = rd_kafka_queue_new(client)
    defer { rd_kafka_queue_destroy(queue) }
    var resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)
    defer { rd_kafka_ConfigResource_destroy(resource) }
    rd_kafka_DescribeConfigs(client, &resource, 1, nil, queue)
    guard let event = rd_kafka_queue_poll(queue, 5000) else { return [:] }
    defer { rd_kafka_event_destroy(event) }
    var count = 0
    guard let result = rd_kafka_event_DescribeConfigs_result(event),
        let resources = rd_kafka_DescribeConfigs_result_resources(result, &count), count == 1
    else { return [:] }
    let entries = rd_kafka_ConfigResource_configs(resources[0], &count)
    let all = (0..<count).compactMap { index -> (String, String)? in
        guard let entry = entries?[index], let name = rd_kafka_ConfigEntry_name(entry),
            let value = rd_kafka_ConfigEntry_value(entry)
        else { return nil }
        return (String(cString: name), String(cString: value))
    }
    return Dictionary(all) { first, _ in first }
}
