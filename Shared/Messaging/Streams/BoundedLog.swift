import Kafka
import Logging
import Vocabulary

/// Reads one partition of a topic from an offset up to a place behind it, once.
final class BoundedLog {
    private let consumer: KafkaConsumer
    private let place: TopicPartition
    private let end: Int64
    private var next: Int64

    /// Begins to read.
    ///
    /// - Parameters:
    ///   - start: The first offset; 0 or less for the beginning.
    ///   - end: The offset behind the last one.
    ///   - headers: The headers that are wanted.
    init(
        _ place: TopicPartition, from start: Int64, to end: Int64, headers: [String], kafka: KafkaConfiguration,
        logger: Logger
    ) async throws {
        self.place = place
        self.end = end
        next = start
        consumer = try KafkaConsumer(kafka, headers: headers, logger: logger)
        try await consumer.assign([TopicPartitionOffset(place, start <= 0 ? .beginning : .offset(start))])
    }

    /// The next records, at most so many; empty at the end.
    ///
    /// - Throws: `KafkaError.unavailable` when the broker does not go on for ten seconds.
    func records(max: Int) async throws(KafkaError) -> [KafkaRecord] {
        let start = ContinuousClock.now
        while next < end {
            let records = try await read(max)
            if let last = records.last {
                next = last.offset.saturatingAdding(1)
                return records
            }
            if ContinuousClock.now - start > .seconds(10) {
                throw KafkaError(.unavailable, "the log of \(place) is not read to its end")
            }
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
}
