import ContractCore
import EventOutbox
import EventSignatures
import Kafka
import Logging
import Vocabulary

/// Reads what this service told others: its own, proven events in the broker's log of one partition.
final class ToldLog {
    private let consumer: KafkaConsumer
    private let place: TopicPartition
    private let origin: EventOrigin
    private let end: Int64
    private var inspector: RecordInspector
    private var next: Int64

    /// Begins to read from an offset, up to the end as it is now.
    init(
        _ origin: EventOrigin, partition: Int32, from start: Int64, to end: Int64, kafka: KafkaConfiguration,
        trust: EventTrust, logger: Logger
    ) async throws {
        self.origin = origin
        self.end = end
        place = TopicPartition(origin.source.topic, partition)
        next = start
        inspector = RecordInspector(trust)
        consumer = try KafkaConsumer(kafka, headers: [SignatureHeader.name], logger: logger)
        try await consumer.assign([TopicPartitionOffset(place, start <= 0 ? .beginning : .offset(start))])
    }

    /// The next events, at most so many; empty at the end.
    ///
    /// - Throws: `KafkaError.unavailable` when the broker does not go on for ten seconds.
    func events(max: Int) async throws(KafkaError) -> [ToldEvent] {
        var quietSince = ContinuousClock.now
        while next < end {
            let records = try await read(max)
            if let last = records.last {
                next = last.offset.saturatingAdding(1)
                quietSince = .now
            } else if ContinuousClock.now - quietSince > .seconds(10) {
                throw KafkaError(.unavailable, "the log of \(place) is not read to its end")
            }
            let events = records.compactMap { event(in: $0) }
            if !events.isEmpty { return events }
        }
        return []
    }

    private func read(_ max: Int) async throws(KafkaError) -> [KafkaRecord] {
        let batch = try await consumer.next(max: max, within: .seconds(1))
        if batch.problems.contains(.offsetOutOfRange(place)) {
            // Retention took what lay at the recorded place.
            try await consumer.assign([TopicPartitionOffset(place, .beginning)])
        }
        return batch.records
    }

    func close() async { await consumer.close(within: .seconds(2)) }

    private func event(in record: KafkaRecord) -> ToldEvent? {
        guard let event = try? ToldEvent(value: record.value, offset: record.offset),
            event.attributes.source == origin.source,
            inspector.admits(record, from: event.attributes.origin, by: origin.source.owner)
        else { return nil }
        return event
    }
}
