import Async
import ContractCore
package import EventOutbox
import EventSignatures
package import Flow
package import FoundationEssentials
package import Kafka
package import Logging
import Metrics
package import Postgres
import ServiceLifecycle
import Synchronization
import Vocabulary

/// Sends what is in the outbox to the source's topic, in the order of each partition, at least once.
///
/// The instances of a service share the partitions by leases. The relay is woken by commits of its own process, by
/// notifications of other processes, and twice a second in any case. It sees to the topics, compares the broker's log
/// with what it sent, and fills it again from the outbox where it was lost.
package final class OutboxRelay: Service {
    private let outbox: Outbox
    private let database: Database
    private let kafka: KafkaConfiguration
    private let trust: EventTrust
    private let logger: Logger
    private let timing: FlowTiming
    private let clock: FlowClock
    private let leases: LeaseKeeper
    private let requests = ResendInbox()
    private let working: FlowHealth
    private let history: FlowHealth
    private let backlog = Mutex(OutboxBacklog.none)

    /// Makes the relay of a service; to be run once.
    ///
    /// - Parameters:
    ///   - outbox: The service's outbox, whose wake-up calls it answers.
    ///   - database: The service's database.
    ///   - kafka: The cluster.
    ///   - trust: By what the service signs, and whose requests it answers.
    ///   - instance: Tells this process from others of the service.
    ///   - logger: Where changes of its state are told.
    package init(
        outbox: Outbox, database: Database, kafka: KafkaConfiguration, trust: EventTrust, instance: UUID = UUID(),
        timing: FlowTiming = FlowTiming(), logger: Logger
    ) {
        let clock = FlowClock()
        self.outbox = outbox
        self.database = database
        self.kafka = kafka
        self.trust = trust
        self.logger = logger
        self.timing = timing
        self.clock = clock
        working = FlowHealth(clock: clock)
        history = FlowHealth(clock: clock)
        leases = LeaseKeeper(
            scopes: [Self.scope], database: database, instance: instance, life: timing.leaseLife, clock: clock,
            logger: logger)
    }

    /// What the leases of sending are called.
    static let scope = "outbox"

    /// Has what was committed sent now.
    package func wake() { outbox.wake() }

    /// What is amiss, in words; nil when events are sent.
    package func problem() -> String? {
        let waiting = backlog.withLock { $0 }
        var parts: [String] = []
        if waiting.events > 0, .seconds(waiting.age) > timing.silence / 2 {
            parts.append("\(waiting.events) events of \(outbox.source.rawValue) wait, since \(Int(waiting.age)) s")
        }
        if let problem = working.problem(lasting: timing.silence / 5) {
            parts.append("events of \(outbox.source.rawValue) are not sent: \(problem)")
        }
        if let problem = history.problem(lasting: .zero) { parts.append(problem) }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// Relays until shutdown; then it gives its leases back.
    package func run() async throws {
        let producer = try KafkaProducer(kafka, logger: logger)
        let admin = try KafkaAdmin(kafka, logger: logger)
        let consumer = try KafkaConsumer(kafka, headers: [SignatureHeader.name], logger: logger)
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in await leases.run { [outbox] in outbox.signal.nudge() } }
                group.addTask { [self] in
                    for await _ in database.listen(channel) { outbox.signal.nudge() }
                }
                group.addTask { [self] in
                    while await pause(timing.outboxPoll) { outbox.signal.nudge() }
                }
                group.addTask { [self] in await readRequests(consumer, admin) }
                group.addTask { [self] in await measureBacklog() }
                group.addTask { [self] in
                    let work = RelayWork(
                        outbox: outbox, database: database, channel: channel, producer: producer, admin: admin,
                        kafka: kafka, trust: trust, leases: leases, requests: requests,
                        health: working, history: history, timing: timing,
                        clock: clock, logger: logger)
                    await work.run()
                }
            }
        }
        await leases.release()
        await consumer.close(within: .seconds(2))
        await producer.close(within: .seconds(2))
    }

    /// The system's clock: messages are compared with it that other machines sent.
    static func now() -> Instant {
        Instant(microseconds: Int64((Date.now.timeIntervalSince1970 * 1_000_000).rounded(.down)))
    }

    private var channel: String { "outbox_\(database.configuration.schema)" }

    /// Measures what waits, by the clock and not by success: the figures rise when nothing can be sent.
    private func measureBacklog() async {
        let dimensions = [("source", outbox.source.rawValue)]
        let events = Gauge(label: "toegang_outbox_unsent", dimensions: dimensions)
        let age = Gauge(label: "toegang_outbox_unsent_age_seconds", dimensions: dimensions)
        repeat {
            guard
                let found = try? await database.read({ session in try OutboxStore.backlog(in: session) })
            else { continue }
            backlog.withLock { $0 = found }
            events.record(found.events)
            age.record(found.age)
        } while await pause(timing.heads)
    }

    /// Reads requests to send a partition again; what was asked while nobody listened is asked again.
    private func readRequests(_ consumer: KafkaConsumer, _ admin: KafkaAdmin) async {
        let partition = TopicPartition(Topic.resend, 0)
        guard await Topics.wait(for: [Topic.resend], admin, report: { _ in }) else { return }
        var inspector = RecordInspector(trust)
        repeat {
            do {
                try await consumer.assign([TopicPartitionOffset(partition, .end)])
                while !Task.isCancelled {
                    let batch = try await consumer.next(max: 100, within: .seconds(5))
                    collect(batch.records, &inspector)
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

    private func collect(_ records: [KafkaRecord], _ inspector: inout RecordInspector) {
        for record in records {
            guard let request = try? JSONDecoder().decode(ResendRequest.self, from: Data(record.value)),
                request.source == outbox.source, (0..<Int32(Topic.partitions)).contains(request.partition),
                inspector.admits(record, from: request.origin, by: request.reader)
            else { continue }
            guard ControlFreshness.isOfNow(request.time, at: Self.now()) else {
                inspector.refuse(.notOfNow)
                continue
            }
            requests.add(request)
            outbox.signal.nudge()
        }
    }
}

/// The first missing number by partition, as readers asked for it since they were last fetched.
final class ResendInbox: Sendable {
    private let requests = Mutex<[Int32: Int64]>([:])

    func add(_ request: ResendRequest) {
        requests.withLock { requests in
            requests[request.partition] = min(requests[request.partition] ?? .max, max(1, request.from))
        }
    }

    func fetch() -> [Int32: Int64] {
        requests.withLock { requests in
            defer { requests = [:] }
            return requests
        }
    }
}
