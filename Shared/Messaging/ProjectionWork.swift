import Contracts
import FoundationEssentials
import Kafka
import Logging
import Metrics
import Postgres
import Vocabulary

/// What a projection runner does, round by round; lives in one task.
final class ProjectionWork {
    static let headsPartition = TopicPartition(Topic.heads, 0)

    let projections: [String: Projection]
    let units: [String: ProjectionUnit]
    let gate: ProjectionGate
    let database: Database
    let channel: String
    let consumer: KafkaConsumer
    let producer: KafkaProducer
    let admin: KafkaAdmin
    let leases: LeaseKeeper
    let timing: MessagingTiming
    let logger: Logger
    let heard: @Sendable (EventSource) -> Void
    let metrics: ProjectionMetrics

    /// Where the partitions that are ours stand.
    var progress: [ProjectionUnit: PartitionProgress] = [:]
    /// What the consumer reads.
    var reading: Set<TopicPartition> = []
    /// The offset up to which each partition was read.
    var seen: [TopicPartition: Int64] = [:]
    var nextChores = ContinuousClock.now
    private var healthy = true

    init(
        projections: [Projection], units: [String: ProjectionUnit], gate: ProjectionGate, database: Database,
        channel: String, consumer: KafkaConsumer, producer: KafkaProducer, admin: KafkaAdmin, leases: LeaseKeeper,
        timing: MessagingTiming, logger: Logger, heard: @escaping @Sendable (EventSource) -> Void
    ) {
        self.projections = Dictionary(uniqueKeysWithValues: projections.map { ($0.name, $0) })
        self.units = units
        self.gate = gate
        self.database = database
        self.channel = channel
        self.consumer = consumer
        self.producer = producer
        self.admin = admin
        self.leases = leases
        self.timing = timing
        self.logger = logger
        self.heard = heard
        self.metrics = ProjectionMetrics(projections)
    }

    func run() async {
        for topic in Set(projections.values.map(\.source.topic)).union([Topic.heads]) {
            guard await Topics.wait(for: topic, admin) else { return }
        }
        while !Task.isCancelled {
            do {
                try await round()
                if !healthy { logger.notice("projections move again") }
                healthy = true
            } catch {
                if Task.isCancelled { return }
                if healthy { logger.warning("projections cannot move now", metadata: ["error": "\(error)"]) }
                healthy = false
                guard await pause(.milliseconds(200)) else { return }
            }
        }
    }

    private func round() async throws {
        try await adopt()
        let batch = try await consumer.next(max: 256, within: .milliseconds(200))
        try await mend(batch.problems)
        try await apply(batch.records)
        if ContinuousClock.now >= nextChores {
            nextChores = .now + min(timing.heads, timing.firstRetry) / 2
            try await chores()
        }
    }

    /// Takes over units whose lease is new, and lets go of those whose lease went.
    private func adopt() async throws {
        var held: [ProjectionUnit: Int64] = [:]
        for (lease, epoch) in leases.held {
            if let unit = units[lease] { held[unit] = epoch }
        }
        for unit in progress.keys where held[unit] == nil { progress[unit] = nil }
        let new = held.filter { progress[$0.key]?.epoch != $0.value }
        if !new.isEmpty {
            let adopted = try await database.transaction { session in try ProjectionStore.adopt(new, in: session) }
            for item in adopted {
                progress[item.unit] = item
                gate.board.advance(item.unit, to: item.sequence)
            }
            try await read(Set(adopted.map { partition(of: $0.unit) }))
        }
        let wanted = Set(progress.keys.map(partition)).union([Self.headsPartition])
        if !reading.contains(Self.headsPartition) {
            try await consumer.add([TopicPartitionOffset(Self.headsPartition, .end)])
            reading.insert(Self.headsPartition)
        }
        let unwanted = reading.subtracting(wanted)
        if !unwanted.isEmpty {
            try await consumer.remove(Array(unwanted))
            reading.subtract(unwanted)
        }
    }

    /// Has the consumer read partitions from where the projection that is furthest behind stands.
    func read(_ partitions: Set<TopicPartition>) async throws {
        let places = partitions.map { TopicPartitionOffset($0, start(of: $0)) }
        try await go(to: places)
    }

    /// Moves the consumer; where librdkafka cannot seek, the partition is assigned afresh.
    func go(to places: [TopicPartitionOffset]) async throws {
        let again = places.map(\.partition).filter(reading.contains)
        if !again.isEmpty { try await consumer.remove(again) }
        reading.subtract(again)
        try await consumer.add(places)
        reading.formUnion(places.map(\.partition))
        for place in places { seen[place.partition] = nil }
    }

    private func start(of partition: TopicPartition) -> TopicPartitionOffset.Place {
        let offsets = progress.values.filter { self.partition(of: $0.unit) == partition }.map(\.offset)
        guard let lowest = offsets.min(), lowest >= 0 else { return .beginning }
        return .offset(lowest.saturatingAdding(1))
    }

    func partition(of unit: ProjectionUnit) -> TopicPartition {
        TopicPartition(unit.source.topic, unit.partition)
    }

    private func mend(_ problems: [KafkaBatch.Problem]) async throws {
        for problem in problems {
            switch problem {
            case .offsetOutOfRange(let partition) where partition == Self.headsPartition:
                try await go(to: [TopicPartitionOffset(partition, .end)])
            case .offsetOutOfRange(let partition) where reading.contains(partition):
                logger.warning(
                    "the broker's log does not reach the position, it is read from its beginning",
                    metadata: ["topic": "\(partition.topic)", "partition": "\(partition.partition)"])
                try await go(to: [TopicPartitionOffset(partition, .beginning)])
            case .offsetOutOfRange: break
            case .partition(let partition, let error):
                logger.debug("reading meets an error", metadata: ["partition": "\(partition)", "error": "\(error)"])
            case .client(let error):
                logger.debug("the cluster is not reached", metadata: ["error": "\(error)"])
            }
        }
    }
}

// MARK: - Applying

extension ProjectionWork {
    private struct Job: Sendable {
        let applier: ProjectionApplier
        let events: [ReadEvent]
        let progress: PartitionProgress
    }

    /// Hands the records to the projections, partitions beside each other.
    private func apply(_ records: [KafkaRecord]) async throws {
        var byPartition: [TopicPartition: [ReadEvent]] = [:]
        for record in records {
            let partition = TopicPartition(record.topic, record.partition)
            guard reading.contains(partition) else { continue }
            if partition == Self.headsPartition {
                try await see(record)
                continue
            }
            seen[partition] = record.offset
            guard let event = try? IncomingEvent(partition: record.partition, rawData: record.value) else {
                metrics.undecodable.increment()
                logger.error(
                    "a message is no event", metadata: ["partition": "\(partition)", "offset": "\(record.offset)"])
                continue
            }
            byPartition[partition, default: []].append(ReadEvent(event: event, offset: record.offset))
        }
        var moved = false
        for job in jobs(byPartition).chunked(by: 4) {
            moved = try await carryOut(job) || moved
        }
        if moved, leases.members > 1 {
            let channel = channel
            _ = try await database.read { session in try session.execute("SELECT pg_notify(\(channel), '')") }
        }
    }

    private func jobs(_ events: [TopicPartition: [ReadEvent]]) -> [Job] {
        progress.values.compactMap { progress in
            guard let events = events[partition(of: progress.unit)],
                let projection = projections[progress.unit.projection]
            else { return nil }
            return Job(applier: applier(of: projection), events: events, progress: progress)
        }
    }

    func applier(of projection: Projection) -> ProjectionApplier {
        ProjectionApplier(projection: projection, database: database, timing: timing, logger: logger)
    }

    private func carryOut(_ jobs: [Job]) async throws -> Bool {
        let results = await withTaskGroup(
            of: (PartitionProgress, ProjectionApplier.Outcome, ProjectionApplier.Counts).self
        ) { group in
            for job in jobs {
                group.addTask { await job.applier.apply(job.events, to: job.progress) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var moved = false
        for (progress, outcome, counts) in results {
            moved = moved || progress.sequence > self.progress[progress.unit]?.sequence ?? 0
            self.progress[progress.unit] = progress
            gate.board.advance(progress.unit, to: progress.sequence)
            metrics.count(counts, progress.unit.projection)
            try await react(to: outcome, progress)
        }
        return moved
    }

    private func react(to outcome: ProjectionApplier.Outcome, _ progress: PartitionProgress) async throws {
        switch outcome {
        case .done: break
        case .gap: try await miss(progress.unit)
        case .diverged: try await halt(progress.unit, .diverged)
        case .conflict:
            // Taken over afresh in the next round, if the lease is still ours.
            self.progress[progress.unit] = nil
        case .unavailable(let text):
            logger.warning("an effect could not be written now", metadata: ["error": "\(text)"])
            try await read([partition(of: progress.unit)])
            _ = await pause(.milliseconds(200))
        }
    }
}

extension Array {
    fileprivate func chunked(by size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
