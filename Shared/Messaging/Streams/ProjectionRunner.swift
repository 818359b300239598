import Async
import ContractCore
import EventSignatures
package import Flow
package import Following
package import FoundationEssentials
package import Kafka
package import Logging
import Metrics
package import Postgres
import ServiceLifecycle
import Synchronization

/// Feeds a service's projections from the sources' topics.
///
/// The instances of the service share the partitions by leases; effects and positions commit together, so each event
/// has its effect once, whatever is killed when.
package final class ProjectionRunner: Service {
    /// Where readers wait for positions.
    package let gate: ProjectionGate

    private let projections: [Projection]
    private let database: Database
    private let kafka: KafkaConfiguration
    private let trust: EventTrust
    private let logger: Logger
    private let timing: FlowTiming
    private let clock: FlowClock
    private let leases: LeaseKeeper
    private let caughtUp = Mutex(false)
    private let working: FlowHealth
    private let hearing: Hearing

    /// Makes the runner of a service; to be run once.
    ///
    /// - Parameters:
    ///   - projections: Their names are unique.
    ///   - gate: Where readers wait; told of each move.
    ///   - database: The service's database.
    ///   - kafka: The cluster.
    ///   - trust: Whose events are believed, and by what the service signs its requests.
    ///   - instance: Tells this process from others of the service.
    ///   - logger: Where parked events, gaps and losses are told.
    package init(
        projections: [Projection], gate: ProjectionGate, database: Database, kafka: KafkaConfiguration,
        trust: EventTrust, instance: UUID = UUID(), timing: FlowTiming = FlowTiming(), logger: Logger
    ) {
        precondition(Set(projections.map(\.name)).count == projections.count, "projections have unique names")
        let clock = FlowClock()
        self.projections = projections
        self.gate = gate
        self.database = database
        self.kafka = kafka
        self.trust = trust
        self.logger = logger
        self.timing = timing
        self.clock = clock
        working = FlowHealth(clock: clock)
        hearing = Hearing(Set(projections.map(\.source)), clock: clock)
        leases = LeaseKeeper(
            scopes: projections.map { ProjectionUnit.scope($0.name, $0.source) }, database: database,
            instance: instance, life: timing.leaseLife, clock: clock, logger: logger)
    }

    /// Whether every projection has once seen everything that was there; a service is not ready before.
    package func isCaughtUp() async throws -> Bool {
        if projections.isEmpty || caughtUp.withLock({ $0 }) { return true }
        let projections = projections
        let reached = try await database.read { session in
            try projections.allSatisfy { projection in
                try ProjectionStore.caughtUpCount(of: projection, in: session) == Int64(Topic.partitions)
            }
        }
        if reached { caughtUp.withLock { $0 = true } }
        return reached
    }

    /// What is amiss, in words that name projections, sources and partitions; nil when all sources are followed.
    ///
    /// - Throws: `PostgresError`.
    package func problem() async throws -> String? {
        var parts = hearing.silent(for: timing.silence).map { source, partitions, time in
            "\(source.rawValue) is not heard since \(time.components.seconds) s (\(FollowingReport.list(partitions)))"
        }
        if let problem = working.problem(lasting: timing.silence / 5) {
            parts.append("projections do not move: \(problem)")
        }
        let followed = projections.map(\.followed)
        parts += try await database.read { session in try FollowingReport.read(followed, in: session) }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// Projects until shutdown; then it gives its leases back.
    package func run() async throws {
        guard !projections.isEmpty else {
            try? await gracefulShutdown()
            return
        }
        let consumer = try KafkaConsumer(kafka, headers: [SignatureHeader.name], logger: logger)
        let producer = try KafkaProducer(kafka, logger: logger)
        let admin = try KafkaAdmin(kafka, logger: logger)
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in await leases.run {} }
                group.addTask { [self] in
                    for await _ in database.listen(channel) { gate.ask() }
                }
                group.addTask { [self] in
                    repeat { hearing.measure() } while await pause(timing.heads)
                }
                group.addTask { [self] in
                    let work = ProjectionWork(
                        projections: projections, gate: gate, database: database, channel: channel,
                        consumer: consumer, producer: producer, admin: admin, trust: trust, leases: leases,
                        hearing: hearing,
                        health: working, timing: timing, clock: clock, logger: logger)
                    await work.run()
                }
            }
        }
        await leases.release()
        await consumer.close(within: .seconds(2))
        await producer.close(within: .seconds(2))
    }

    private var channel: String { "position_\(database.configuration.schema)" }
}

/// When the sources were last heard of; told by the runner's task, asked by health and metrics.
final class Hearing: Sendable {
    private let clock: FlowClock
    private let state: Mutex<SourceHearing>
    private let gauges: [EventSource: Gauge]

    init(_ sources: Set<EventSource>, clock: FlowClock) {
        self.clock = clock
        state = Mutex(SourceHearing(sources, partitions: Topic.partitions, from: clock()))
        gauges = Dictionary(
            uniqueKeysWithValues: sources.map { source in
                (source, Gauge(label: "toegang_source_silence_seconds", dimensions: [("source", source.rawValue)]))
            })
    }

    func hear(_ heads: SourceHeads) {
        state.withLock { $0.hear(heads, at: clock()) }
    }

    func silent(for time: Duration) -> [(source: EventSource, partitions: [Int32], time: Duration)] {
        let now = clock()
        return state.withLock { state in
            state.silent(for: time, at: now).sorted { $0.key.rawValue < $1.key.rawValue }
                .map { ($0.key, $0.value, state.silence(of: $0.key, at: now)) }
        }
    }

    /// Records how long the sources have been silent, by the clock and not by success.
    func measure() {
        let now = clock()
        for (source, gauge) in gauges {
            gauge.record(state.withLock { $0.silence(of: source, at: now) }.inMilliseconds / 1000)
        }
    }
}
