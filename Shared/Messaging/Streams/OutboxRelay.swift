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
import Vocabulary

/// Sends what is in the outbox of one source to its topic, in the order of each partition, at least once.
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
    private let restatement: Restatement
    private let settling = Signal()
    private let working: FlowHealth
    private let history: FlowHealth
    private let backlog = Guarded(OutboxBacklog.none)

    /// Makes the relay of a service; to be run once.
    ///
    /// - Parameters:
    ///   - outbox: The service's outbox, whose wake-up calls it answers.
    ///   - database: The service's database.
    ///   - kafka: The cluster.
    ///   - trust: By what the service signs, and whose requests it answers.
    ///   - restatement: How it corrects what it told before its database went back in time.
    ///   - instance: Tells this process from others of the service.
    ///   - logger: Where changes of its state are told.
    package init(
        outbox: Outbox, database: Database, kafka: KafkaConfiguration, trust: EventTrust, restatement: Restatement,
        instance: UUID = UUID(), timing: FlowTiming = FlowTiming(), logger: Logger
    ) {
        let clock = FlowClock()
        self.outbox = outbox
        self.database = database
        self.kafka = kafka
        self.trust = trust
        self.restatement = restatement
        self.logger = logger
        self.timing = timing
        self.clock = clock
        working = FlowHealth(clock: clock)
        history = FlowHealth(clock: clock)
        leases = LeaseKeeper(
            scopes: [Self.scope(of: outbox.source)], database: database, instance: instance, life: timing.leaseLife,
            clock: clock,
            logger: logger)
    }

    /// What the leases of sending a source are called.
    static func scope(of source: EventSource) -> String { "outbox/\(source.rawValue)" }

    /// Has what was committed sent now.
    package func wake() { outbox.signal.raise() }

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
                group.addTask { [self] in await prune() }
                group.addTask { [self] in await settle() }
                group.addTask { [self] in
                    let restoring = RestoreWork(
                        outbox: outbox, database: database, admin: admin, kafka: kafka, trust: trust,
                        restatement: restatement, settling: settling, timing: timing, clock: clock, logger: logger)
                    let work = RelayWork(
                        outbox: outbox, database: database, channel: channel, producer: producer, admin: admin,
                        kafka: kafka, trust: trust, leases: leases, requests: requests,
                        health: working, history: history, restoring: restoring, timing: timing,
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

    private var channel: String { Self.channel(of: database) }

    /// On which processes of a service call each other's relays.
    static func channel(of database: Database) -> String { "outbox_\(database.configuration.schema)" }

    /// Has what was committed sent now by the instances that serve: for a process that sends nothing itself.
    package static func callOthers(on database: Database) async throws {
        let channel = channel(of: database)
        _ = try await database.read { session in try session.execute("SELECT pg_notify(\(channel), '')") }
    }

    /// Removes what was sent and does not matter any more, of a stream whose events are not kept for ever.
    private func prune() async {
        guard let keeping = outbox.keeping else { return }
        let source = outbox.source
        repeat {
            var removed = 1
            while removed > 0, !Task.isCancelled {
                do {
                    removed = try await database.transaction { session in
                        try OutboxStore.prune(source, keeping: keeping, in: session)
                    }
                } catch {
                    logger.debug("old events were not removed now", metadata: ["error": "\(error)"])
                    removed = 0
                }
            }
        } while await pause(.seconds(60))
    }

    /// Ends what came back to life with a restored database; apart from the relay, which goes on meanwhile.
    private func settle() async {
        for await _ in settling.stream {
            do {
                let found = try await database.read { session in try RestorationStore.unsettled(in: session) }
                guard let found else { continue }
                try await restatement.settle(found)
                let now = Self.now()
                try await database.transaction { session in
                    try RestorationStore.settle(found, at: now, in: session)
                }
                logger.notice(
                    "what came back to life with the restored database is ended", metadata: ["of": "\(found)"])
                outbox.signal.nudge()
            } catch {
                // Asked again at the next pass of the relay.
                if Task.isCancelled { return }
                logger.error("a restoration cannot be settled now", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Measures what waits, by the clock and not by success: the figures rise when nothing can be sent.
    private func measureBacklog() async {
        let dimensions = [("source", outbox.source.rawValue)]
        let events = Gauge(label: "toegang_outbox_unsent", dimensions: dimensions)
        let age = Gauge(label: "toegang_outbox_unsent_age_seconds", dimensions: dimensions)
        repeat {
            guard
                let found = try? await database.read({ [source = outbox.source] session in
                    try OutboxStore.backlog(of: source, in: session)
                })
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
    private let requests = Guarded<[Int32: Int64]>([:])

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
