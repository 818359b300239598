import Kafka
import Logging
import TestStream

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// One broker for the tests that only need topics of their own.
enum SharedBroker {
    static let task = Task { try await TestKafka() }
    static var broker: TestKafka { get async throws { try await task.value } }
}

/// A topic's name that no other test has.
func freshTopic() -> String { "test.\(UInt64.random(in: 0...UInt64.max))" }

func message(_ topic: String, _ number: Int, partition: Int32 = 0) -> KafkaMessage {
    KafkaMessage(topic: topic, partition: partition, key: [1, 2, 3], value: Array("\(number)".utf8))
}

/// Reads a whole partition, as far as it goes now.
func readAll(_ configuration: KafkaConfiguration, _ topic: String, partition: Int32 = 0) async throws -> [String] {
    let admin = try KafkaAdmin(configuration, logger: quiet)
    let end = try await admin.offsets(of: topic)[partition]?.upperBound ?? 0
    let consumer = try KafkaConsumer(configuration, logger: quiet)
    try await consumer.assign([TopicPartitionOffset(TopicPartition(topic, partition), .beginning)])
    var values: [String] = []
    var last: Int64 = -1
    let deadline = ContinuousClock.now + .seconds(30)
    while last + 1 < end, ContinuousClock.now < deadline {
        for record in try await consumer.next(max: 1000, within: .seconds(1)).records {
            values.append(String(decoding: record.value, as: UTF8.self))
            last = record.offset
        }
    }
    await consumer.close(within: .seconds(5))
    return values
}

/// The kind of error that a call throws; nil when it succeeds.
func failure(_ body: () async throws -> Void) async throws -> KafkaError.Kind? {
    do {
        try await body()
        return nil
    } catch let error as KafkaError {
        return error.kind
    }
}
