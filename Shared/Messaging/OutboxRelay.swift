import ContractCore
package import FoundationEssentials
package import Kafka
package import Logging
package import Postgres
import ServiceLifecycle
import Synchronization

/// Sends what is in the outbox to the source's topic, in the order of each partition, at least once.
///
/// The instances of a service share the partitions by leases. The relay is woken by commits of its own process, by
/// notifications of other processes, and twice a second in any case. It sees to the topics, compares the broker's log
/// with what it sent, and fills it again from the outbox where it was lost.
package final class OutboxRelay: Service {
    private let outbox: Outbox
    private let database: Database
    private let kafka: KafkaConfiguration
    private let logger: Logger
    private let timing: MessagingTiming
    private let leases: LeaseKeeper
    private let requests = ResendInbox()

    /// Makes the relay of a service; to be run once.
    ///
    /// - Parameters:
    ///   - outbox: The service's outbox, whose wake-up calls it answers.
    ///   - database: The service's database.
    ///   - kafka: The cluster.
    ///   - instance: Tells this process from others of the service.
    ///   - logger: Where changes of its state are told.
    package init(
        outbox: Outbox, database: Database, kafka: KafkaConfiguration, instance: UUID = UUID(),
        timing: MessagingTiming = MessagingTiming(), logger: Logger
    ) {
        self.outbox = outbox
        self.database = database
        self.kafka = kafka
        self.logger = logger
        self.timing = timing
        self.leases = LeaseKeeper(
            group: "relay", units: (0..<Topic.partitions).map(String.init), database: database, owner: instance,
            life: timing.leaseLife, logger: logger)
    }

    /// Has what was committed sent now.
    package func wake() { outbox.wake() }

    /// Relays until shutdown; then it gives its leases back.
    package func run() async throws {
        let producer = try KafkaProducer(kafka, logger: logger)
        let admin = try KafkaAdmin(kafka, logger: logger)
        let consumer = try KafkaConsumer(kafka, logger: logger)
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in await leases.run { [outbox] in outbox.signal.nudge() } }
                group.addTask { [self] in
                    for await _ in database.listen(channel) { outbox.signal.nudge() }
                }
                group.addTask { [self] in
                    while await pause(timing.outboxPoll) { outbox.signal.nudge() }
                }
                group.addTask { [self] in await takeRequests(consumer, admin) }
                group.addTask { [self] in
                    let work = RelayWork(
                        outbox: outbox, database: database, channel: channel, producer: producer, admin: admin,
                        leases: leases, requests: requests, timing: timing, logger: logger)
                    await work.run()
                }
            }
        }
        await leases.release()
        await consumer.close(within: .seconds(2))
        await producer.close(within: .seconds(2))
    }

    private var channel: String { "outbox_\(database.configuration.schema)" }

    /// Reads requests to send a partition again; what was asked while nobody listened is asked again.
    private func takeRequests(_ consumer: KafkaConsumer, _ admin: KafkaAdmin) async {
        let partition = TopicPartition(Topic.resend, 0)
        guard await Topics.wait(for: Topic.resend, admin) else { return }
        repeat {
            do {
                try await consumer.assign([TopicPartitionOffset(partition, .end)])
                while !Task.isCancelled {
                    let batch = try await consumer.next(max: 100, within: .seconds(5))
                    take(batch.records)
                    if batch.problems.contains(.offsetOutOfRange(partition)) {
                        try await consumer.assign([TopicPartitionOffset(partition, .end)])
                    }
                }
            } catch {
                if error.kind == .cancelled || error.kind == .closed { return }
                logger.error("requests to send again cannot be read now", metadata: ["error": "\(error)"])
            }
        } while await pause(.seconds(1))
    }

    private func take(_ records: [KafkaRecord]) {
        for record in records {
            guard let request = try? JSONDecoder().decode(ResendRequest.self, from: Data(record.value)),
                request.source == outbox.source, (0..<Int32(Topic.partitions)).contains(request.partition)
            else { continue }
            requests.add(request)
            outbox.signal.nudge()
        }
    }
}

/// The first missing number by partition, as readers asked for it.
final class ResendInbox: Sendable {
    private let requests = Mutex<[Int32: Int64]>([:])

    func add(_ request: ResendRequest) {
        requests.withLock { requests in
            requests[request.partition] = min(requests[request.partition] ?? .max, max(1, request.from))
        }
    }

    func take() -> [Int32: Int64] {
        requests.withLock { requests in
            defer { requests = [:] }
            return requests
        }
    }
}

/// The contract's topics at the broker.
enum Topics {
    /// Sees to it that a source's topic and the two control topics are there with the contract's partitions.
    static func ensure(_ source: EventSource, _ admin: KafkaAdmin) async throws(KafkaError) {
        try await admin.ensureTopic(source.topic, partitions: Topic.partitions)
        try await admin.ensureTopic(Topic.heads, partitions: 1)
        try await admin.ensureTopic(Topic.resend, partitions: 1)
    }

    /// Waits until a topic has the contract's partitions; false when the task was cancelled.
    ///
    /// Its being there is not enough: a broker may have made it by itself, with one partition.
    static func wait(for topic: String, _ admin: KafkaAdmin) async -> Bool {
        let partitions = topic == Topic.heads || topic == Topic.resend ? 1 : Topic.partitions
        while !Task.isCancelled {
            if (try? await admin.partitionCount(of: topic)) == partitions { return true }
            guard await pause(.milliseconds(200)) else { return false }
        }
        return false
    }
}
