import ContractCore
import EventOutbox
import Flow
import Kafka
import Logging
import Postgres

/// Finds what a source told others and its database does not know.
struct UnknownTold: Sendable {
    let outbox: Outbox
    let database: Database
    let kafka: KafkaConfiguration
    let trust: EventTrust
    let logger: Logger

    /// The first event of ours in the log, behind what was written down as sent, that the database does not know.
    ///
    /// An event is committed before it is sent: whoever else sends meanwhile, the database has what the log has.
    func first(behind state: StreamSender.Sent, to end: Int64) async throws -> ToldEvent? {
        let start = ToldStart.after(state.offset, end: end)
        guard start < end else { return nil }
        let log = try await ToldLog(
            outbox.origin, partition: state.partition, from: start, to: end, kafka: kafka, trust: trust,
            logger: logger)
        do {
            let first = try await first(in: log, of: state.partition)
            await log.close()
            return first
        } catch {
            await log.close()
            throw error
        }
    }

    private func first(in log: ToldLog, of partition: Int32) async throws -> ToldEvent? {
        while true {
            let events = try await log.events(max: 256)
            if events.isEmpty { return nil }
            let found = try await database.read { [source = outbox.source] session in
                try OutboxStore.unknown(events, in: partition, of: source, in: session).first
            }
            if let found { return found }
        }
    }
}
