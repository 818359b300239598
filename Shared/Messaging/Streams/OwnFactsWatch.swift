import Async
import ContractCore
package import EventOutbox
package import Flow
package import Kafka
package import Logging
package import Postgres
import ServiceLifecycle
import Vocabulary

/// Finds out whether a service may decide by what its own database says, and tells.
///
/// At its start each instance compares the log with the database by itself, since a lease of another one may have to lapse
/// before a relay does. From then on it asks the database ten times a second for what the relays write down as in doubt.
package final class OwnFactsWatch: Service {
    /// How often the database is asked.
    private static let interval = Duration.milliseconds(100)
    /// For so long a start waits for the broker.
    package static let patience = Duration.seconds(3)

    private let streams: [Outbox]
    private let database: Database
    private let kafka: KafkaConfiguration
    private let trust: EventTrust
    private let logger: Logger
    private let tell: @Sendable (_ decides: Bool) -> Void
    private let clock: FlowClock
    private let standing: Guarded<OwnStanding>
    private let looking: FlowHealth

    /// A watch over the streams of a service; to be run once.
    ///
    /// - Parameter tell: Is told again and again whether anything may be decided; until the first time nothing may.
    package init(
        streams: [Outbox], database: Database, kafka: KafkaConfiguration, trust: EventTrust, logger: Logger,
        patience: Duration = patience, tell: @escaping @Sendable (_ decides: Bool) -> Void
    ) {
        let clock = FlowClock()
        self.streams = streams
        self.database = database
        self.kafka = kafka
        self.trust = trust
        self.logger = logger
        self.tell = tell
        self.clock = clock
        standing = Guarded(OwnStanding(from: clock(), patience: patience))
        looking = FlowHealth(clock: clock)
    }

    /// How it stands.
    package var answer: OwnStanding.Answer { standing.withLock { $0.answer(at: clock()) } }

    /// Watches until shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in await look() }
                group.addTask { [self] in await ask() }
            }
        }
    }

    // MARK: - The database

    private func ask() async {
        var last: OwnStanding.Answer?
        repeat {
            do {
                let isCorrected = try await database.read { session in
                    try !AdoptionStore.areOwnFactsInDoubt(in: session)
                }
                standing.withLock { $0.asked(isCorrected: isCorrected) }
            } catch {
                // What needs the database fails by itself.
                logger.debug("whether own facts are in doubt is not known now", metadata: ["error": "\(error)"])
            }
            let answer = answer
            tell(answer.decides)
            if answer != last { log(answer) }
            last = answer
        } while await pause(Self.interval)
    }

    private func log(_ answer: OwnStanding.Answer) {
        switch answer {
        case .looking: logger.debug("the log is compared with the database before anything is decided")
        case .certain: logger.info("the database knows what was told: it decides")
        case .doubted:
            logger.error("the database does not know all that was told: nothing is decided until it is corrected")
        case .unlooked:
            logger.error(
                """
                the log cannot be compared with the database: it decides, and if it was restored from a backup, what \
                had ended since is taken for valid
                """)
        }
    }

    // MARK: - The log

    private func look() async {
        while standing.withLock(\.isToLook) {
            do {
                let toldMore = try await hasToldMore()
                standing.withLock { $0.looked(toldMore: toldMore) }
                looking.note(nil)
            } catch {
                if looking.note("\(error)") {
                    logger.warning("the log cannot be compared now", metadata: ["error": "\(error)"])
                }
            }
            guard standing.withLock(\.isToLook), await pause(.milliseconds(500)) else { return }
        }
    }

    private func hasToldMore() async throws -> Bool {
        let admin = try KafkaAdmin(kafka, logger: logger)
        for stream in streams where try await hasToldMore(stream, admin) { return true }
        return false
    }

    private func hasToldMore(_ stream: Outbox, _ admin: KafkaAdmin) async throws -> Bool {
        let source = stream.source
        // Without the topic nobody was told anything.
        guard try await admin.partitionCount(of: source.topic) != nil else { return false }
        let sent = try await database.read { session in
            try OutboxStore.sent(Array(0..<Int32(Topic.partitions)), of: source, in: session)
        }
        let ends = try await admin.endOffsets(of: sent.map { TopicPartition(source.topic, $0.partition) })
        let behind = sent.compactMap { state in
            ends[TopicPartition(source.topic, state.partition)].map { (state, $0) }
        }.filter { ToldStart.after($0.0.offset, end: $0.1) < $0.1 }
        let told = UnknownTold(outbox: stream, database: database, kafka: kafka, trust: trust, logger: logger)
        return try await any(of: behind, told)
    }

    /// Reads the partitions side by side: after a crash under load, many have an event that was not written down as sent.
    private func any(
        of behind: [(state: StreamSender.Sent, end: Int64)], _ told: UnknownTold
    ) async throws -> Bool {
        for start in stride(from: 0, to: behind.count, by: 8) {
            let found = try await withThrowingTaskGroup(of: Bool.self) { group in
                for item in behind[start..<min(start + 8, behind.count)] {
                    group.addTask { try await told.first(behind: item.state, to: item.end) != nil }
                }
                return try await group.reduce(false) { $0 || $1 }
            }
            if found { return true }
        }
        return false
    }
}
