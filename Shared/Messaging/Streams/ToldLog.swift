import ContractCore
import EventOutbox
import EventSignatures
import FoundationEssentials
import Kafka
import Logging
import Vocabulary

/// Reads what this service told others: its own, proven events in the broker's log of one partition.
final class ToldLog {
    private let log: BoundedLog
    private let origin: EventOrigin
    private var inspector: RecordInspector

    /// Begins to read from an offset, up to the end as it is now.
    init(
        _ origin: EventOrigin, partition: Int32, from start: Int64, to end: Int64, kafka: KafkaConfiguration,
        trust: EventTrust, logger: Logger
    ) async throws {
        self.origin = origin
        inspector = RecordInspector(trust)
        log = try await BoundedLog(
            TopicPartition(origin.source.topic, partition), from: start, to: end, headers: [SignatureHeader.name],
            kafka: kafka, logger: logger)
    }

    /// The next events, at most so many; empty at the end.
    ///
    /// - Throws: `KafkaError.unavailable` when the broker does not go on for ten seconds.
    func events(max: Int) async throws(KafkaError) -> [ToldEvent] {
        while true {
            let records = try await log.records(max: max)
            if records.isEmpty { return [] }
            let events = records.compactMap { event(in: $0) }
            if !events.isEmpty { return events }
        }
    }

    func close() async { await log.close() }

    private func event(in record: KafkaRecord) -> ToldEvent? {
        guard let event = try? ToldEvent(value: record.value, offset: record.offset),
            event.attributes.source == origin.source,
            inspector.admits(record, from: event.attributes.origin, by: origin.source.owner)
        else { return nil }
        return event
    }
}

/// Which events were said to be the last ones of a source, by whoever has its key.
enum SpokenHeads {
    /// Reads the heads of a source that lie between two offsets of the topic of heads.
    static func events(
        of origin: EventOrigin, from start: Int64, to end: Int64, kafka: KafkaConfiguration, trust: EventTrust,
        logger: Logger
    ) async throws -> Set<EventID> {
        guard start < end else { return [] }
        let log = try await BoundedLog(
            TopicPartition(Topic.heads, 0), from: start, to: end, headers: [SignatureHeader.name], kafka: kafka,
            logger: logger)
        do {
            let heads = try await read(log, origin, trust)
            await log.close()
            return heads
        } catch {
            await log.close()
            throw error
        }
    }

    private static func read(
        _ log: BoundedLog, _ origin: EventOrigin, _ trust: EventTrust
    ) async throws(KafkaError) -> Set<EventID> {
        var inspector = RecordInspector(trust)
        var found: Set<EventID> = []
        while true {
            let records = try await log.records(max: 200)
            if records.isEmpty { return found }
            for record in records {
                guard let heads = try? JSONDecoder().decode(SourceHeads.self, from: Data(record.value)),
                    heads.source == origin.source,
                    inspector.admits(record, from: heads.origin, by: origin.source.owner)
                else { continue }
                found.formUnion(heads.heads.compactMap(\.eventId))
            }
        }
    }
}
