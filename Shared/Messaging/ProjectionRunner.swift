package import Contracts
package import FoundationEssentials
package import Kafka
package import Logging
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
    private let logger: Logger
    private let timing: MessagingTiming
    private let leases: LeaseKeeper
    private let units: [String: ProjectionUnit]
    private let caughtUp = Mutex(false)
    private let heard: @Sendable (EventSource) -> Void

    /// Makes the runner of a service; to be run once.
    ///
    /// - Parameters:
    ///   - projections: Their names are unique.
    ///   - gate: Where readers wait; told of each move.
    ///   - database: The service's database.
    ///   - kafka: The cluster.
    ///   - instance: Tells this process from others of the service.
    ///   - logger: Where parked events, gaps and losses are told.
    ///   - heard: Told each time a source says where it stands.
    package init(
        projections: [Projection], gate: ProjectionGate, database: Database, kafka: KafkaConfiguration,
        instance: UUID = UUID(), timing: MessagingTiming = MessagingTiming(), logger: Logger,
        heard: @escaping @Sendable (EventSource) -> Void = { _ in }
    ) {
        precondition(Set(projections.map(\.name)).count == projections.count, "projections have unique names")
        self.projections = projections
        self.gate = gate
        self.database = database
        self.kafka = kafka
        self.logger = logger
        self.timing = timing
        self.heard = heard
        let units = projections.flatMap { projection in
            (0..<Int32(Topic.partitions)).map {
                ProjectionUnit(projection: projection.name, source: projection.source, partition: $0)
            }
        }
        self.units = Dictionary(uniqueKeysWithValues: units.map { ($0.lease, $0) })
        self.leases = LeaseKeeper(
            group: ProjectionUnit.leaseGroup, units: units.map(\.lease), database: database, owner: instance,
            life: timing.leaseLife, logger: logger)
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

    /// Projects until shutdown; then it gives its leases back.
    package func run() async throws {
        guard !projections.isEmpty else {
            try? await gracefulShutdown()
            return
        }
        let consumer = try KafkaConsumer(kafka, logger: logger)
        let producer = try KafkaProducer(kafka, logger: logger)
        let admin = try KafkaAdmin(kafka, logger: logger)
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in await leases.run {} }
                group.addTask { [self] in await hearOthers() }
                group.addTask { [self] in
                    let work = ProjectionWork(
                        projections: projections, units: units, gate: gate, database: database, channel: channel,
                        consumer: consumer, producer: producer, admin: admin, leases: leases, timing: timing,
                        logger: logger, heard: heard)
                    await work.run()
                }
            }
        }
        await leases.release()
        await consumer.close(within: .seconds(2))
        await producer.close(within: .seconds(2))
    }

    private var channel: String { "position_\(database.configuration.schema)" }

    /// Looks at positions that are waited for when another instance moved some.
    private func hearOthers() async {
        for await _ in database.listen(channel) {
            let awaited = gate.board.awaited
            if !awaited.isEmpty { await gate.refresh(awaited) }
        }
    }
}
