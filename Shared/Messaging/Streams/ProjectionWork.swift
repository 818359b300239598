import Async
import ContractCore
import Flow
import Following
import FoundationEssentials
import Kafka
import Logging
import Metrics
import Postgres
import Vocabulary

/// Carries out what a `StreamReader` decides, round by round; lives in one task.
final class ProjectionWork {
    private static let headsPartition = TopicPartition(Topic.heads, 0)
    /// As many records as one round takes.
    private static let fetch = 256

    private let projections: [String: Projection]
    private let units: [WorkUnit: ProjectionUnit]
    private let gate: ProjectionGate
    private let database: Database
    private let channel: String
    private let consumer: KafkaConsumer
    private let producer: KafkaProducer
    private let admin: KafkaAdmin
    private let trust: EventTrust
    private let seal: RecordSealer
    private let leases: LeaseKeeper
    private let hearing: Hearing
    private let health: FlowHealth
    private let timing: FlowTiming
    private let clock: FlowClock
    private let logger: Logger
    private let metrics: ProjectionMetrics

    private var reader: StreamReader
    private var inspector: RecordInspector
    private var freshness = ControlFreshness()
    /// What the consumer reads.
    private var assigned: Set<TopicPartition> = []
    private var nextUpkeep: Moment?
    private var nextComparison: Moment?

    init(
        projections: [Projection], gate: ProjectionGate, database: Database, channel: String,
        consumer: KafkaConsumer, producer: KafkaProducer, admin: KafkaAdmin, trust: EventTrust, leases: LeaseKeeper,
        hearing: Hearing, health: FlowHealth, timing: FlowTiming, clock: FlowClock, logger: Logger
    ) {
        self.projections = Dictionary(uniqueKeysWithValues: projections.map { ($0.name, $0) })
        units = Dictionary(uniqueKeysWithValues: projections.flatMap(\.units).map { ($0.work, $0) })
        self.gate = gate
        self.database = database
        self.channel = channel
        self.consumer = consumer
        self.producer = producer
        self.admin = admin
        self.trust = trust
        seal = RecordSealer(trust)
        inspector = RecordInspector(trust)
        self.leases = leases
        self.hearing = hearing
        self.health = health
        self.timing = timing
        self.clock = clock
        self.logger = logger
        metrics = ProjectionMetrics(projections)
        reader = StreamReader(
            timing: timing, forgetful: Set(projections.filter(\.isForgetful).map(\.name)))
    }

    func run() async {
        let topics = Set(projections.values.map(\.source.topic)).union([Topic.heads])
        guard await Topics.wait(for: topics, admin, report: { note($0) }) else { return }
        while !Task.isCancelled {
            do {
                try await round()
                note(nil)
            } catch {
                if Task.isCancelled { return }
                note("\(error)")
                guard await pause(.milliseconds(200)) else { return }
            }
        }
    }

    private func note(_ problem: String?) {
        guard health.note(problem) else { return }
        if let problem {
            logger.warning("projections cannot move now", metadata: ["error": "\(problem)"])
        } else {
            logger.notice("projections move again")
        }
    }

    private func round() async throws {
        var held: [ProjectionUnit: Int64] = [:]
        for (work, epoch) in leases.held {
            if let unit = units[work] { held[unit] = epoch }
        }
        try await perform(reader.hold(held))
        if !assigned.contains(Self.headsPartition) {
            try await seek([TopicPartitionOffset(Self.headsPartition, .end)])
        }
        let batch = try await consumer.next(max: Self.fetch, within: .milliseconds(200))
        if batch.records.count == Self.fetch { reader.fetchedInFull(at: clock()) }
        try await repair(batch.problems)
        try await apply(batch.records)
        let now = clock()
        if nextUpkeep.map({ now >= $0 }) ?? true {
            nextUpkeep = now + min(timing.heads, timing.firstRetry) / 2
            reader.bound(by: try await ends(of: reader.rewound))
            try await perform(reader.tick(at: now))
            try await retryParked()
            try await noteCatchUp()
            try await compare(at: now)
            metrics.record(reader.progress.values)
        }
    }

    /// Looks whether the database went back in time under this instance, as often as sources say their heads.
    private func compare(at now: Moment) async throws {
        guard nextComparison.map({ now >= $0 }) ?? true else { return }
        nextComparison = now + timing.heads
        let names = Array(projections.keys)
        reader.compared(
            with: try await database.read { session in try ProjectionStore.sequences(of: names, in: session) })
    }

    // MARK: - What the reader decided

    private func perform(_ actions: [StreamReader.Action]) async throws {
        for action in actions {
            switch action {
            case .adopt(let units): try await adopt(units)
            case .read(let place, let start):
                let offset: TopicPartitionOffset.Place =
                    switch start {
                    case .beginning: .beginning
                    case .after(let offset): .offset(offset.saturatingAdding(1))
                    }
                try await seek([TopicPartitionOffset(partition(place), offset)])
            case .stopReading(let place):
                if assigned.remove(partition(place)) != nil { try await consumer.remove([partition(place)]) }
            case .recordState(let unit): try await recordState(of: unit)
            case .skip(let unit, let number): try await skip(unit, to: number)
            case .requestResend(let unit, let from): try await requestResend(unit, from: from)
            }
        }
    }

    private func adopt(_ units: [ProjectionUnit: Int64]) async throws {
        let found = try await database.transaction { session in try ProjectionStore.adopt(units, in: session) }
        gate.advance(Dictionary(uniqueKeysWithValues: found.map { ($0.unit, $0.sequence) }))
        try await perform(reader.adopted(found))
    }

    /// Moves the consumer; where librdkafka cannot seek, the partition is assigned afresh.
    private func seek(_ places: [TopicPartitionOffset]) async throws {
        let again = places.map(\.partition).filter(assigned.contains)
        if !again.isEmpty { try await consumer.remove(again) }
        assigned.subtract(again)
        try await consumer.add(places)
        assigned.formUnion(places.map(\.partition))
    }

    private func skip(_ unit: ProjectionUnit, to number: Int64) async throws {
        guard let progress = reader.progress[unit] else { return }
        do {
            try await database.transaction { session in
                try ProjectionStore.skip(progress, to: number, in: session)
            }
        } catch is Fenced {
            return reader.conflicted(unit)
        }
        reader.skipped(unit, to: number)
        gate.advance([unit: number])
        hearing.moved([unit.source])
        logger.info(
            "events that do not matter any more are passed over",
            metadata: ["projection": "\(unit.projection)", "partition": "\(unit.partition)", "to": "\(number)"])
    }

    private func recordState(of unit: ProjectionUnit) async throws {
        guard let progress = reader.progress[unit] else { return }
        do {
            try await database.transaction { session in try ProjectionStore.recordState(progress, in: session) }
        } catch is Fenced {
            return reader.conflicted(unit)
        }
        let metadata: Logger.Metadata = [
            "projection": "\(unit.projection)", "source": "\(unit.source.rawValue)",
            "partition": "\(unit.partition)", "sequence": "\(progress.sequence)",
        ]
        switch progress.halt {
        case nil: logger.notice("a partition moves again", metadata: metadata)
        case .gap:
            logger.error(
                "an event is missing and is asked for; what depends on the partition is refused meanwhile",
                metadata: metadata)
        case .diverged:
            logger.error(
                "a source tells another past than before; what depends on the partition is refused until they agree",
                metadata: metadata)
        case .uncertain:
            logger.warning(
                "a source is not sure of a partition; what depends on it is refused meanwhile", metadata: metadata)
        }
    }

    private func requestResend(_ unit: ProjectionUnit, from sequence: Int64) async throws {
        let request = ResendRequest(
            origin: EventOrigin(source: unit.source, environment: trust.environment), partition: unit.partition,
            from: sequence, reader: trust.name, projection: unit.projection, time: OutboxRelay.now())
        _ = try await producer.send(
            try seal.messages(
                [(Array(unit.source.rawValue.utf8), Array(try JSONEncoder().encode(request)))], topic: Topic.resend,
                partition: 0))
    }

    private func repair(_ problems: [KafkaBatch.Problem]) async throws {
        for problem in problems {
            switch problem {
            case .offsetOutOfRange(Self.headsPartition):
                try await seek([TopicPartitionOffset(Self.headsPartition, .end)])
            case .offsetOutOfRange(let partition):
                guard let place = place(partition) else { continue }
                logger.warning(
                    "the broker's log does not reach the position, it is read from its beginning",
                    metadata: ["topic": "\(partition.topic)", "partition": "\(partition.partition)"])
                try await perform(reader.outOfRange(place))
            case .partition(let partition, let error):
                logger.debug("reading meets an error", metadata: ["partition": "\(partition)", "error": "\(error)"])
            case .client(let error):
                logger.debug("the cluster is not reached", metadata: ["error": "\(error)"])
            }
        }
    }

    private func partition(_ place: Positions.Place) -> TopicPartition {
        TopicPartition(place.source.topic, place.partition)
    }

    private func place(_ partition: TopicPartition) -> Positions.Place? {
        projections.values.map(\.source).first { $0.topic == partition.topic }
            .map { Positions.Place($0, partition.partition) }
    }
}

// MARK: - Applying

extension ProjectionWork {
    private struct Job: Sendable {
        let applier: ProjectionApplier
        let run: [ReadEvent]
        let plan: StreamReader.Plan
    }

    /// Hands the records to the projections, partitions beside each other.
    private func apply(_ records: [KafkaRecord]) async throws {
        var events: [Positions.Place: [ReadEvent]] = [:]
        for record in records {
            if record.topic == Topic.heads {
                try await hear(record)
            } else if let place = place(TopicPartition(record.topic, record.partition)) {
                reader.saw(record.offset, of: place, at: clock())
                if let event = read(record, of: place.source) { events[place, default: []].append(event) }
            }
        }
        var moved: Set<EventSource> = []
        for jobs in jobs(events).chunked(by: 4) { moved.formUnion(try await carryOut(jobs)) }
        if moved.isEmpty { return }
        hearing.moved(moved)
        if leases.members > 1 {
            let channel = channel
            _ = try await database.read { session in try session.execute("SELECT pg_notify(\(channel), '')") }
        }
    }

    /// The event in a record; nil for what is none, or not proven, which is counted and passed over.
    private func read(_ record: KafkaRecord, of source: EventSource) -> ReadEvent? {
        guard let event = try? IncomingEvent(partition: record.partition, rawData: record.value) else {
            metrics.undecodable.increment()
            logger.debug(
                "a message is no event",
                metadata: ["topic": "\(record.topic)[\(record.partition)]", "offset": "\(record.offset)"])
            return nil
        }
        guard event.source == source, inspector.admits(record, from: event.attributes.origin, by: source.owner)
        else { return nil }
        return ReadEvent(event: event, offset: record.offset)
    }

    private func hear(_ record: KafkaRecord) async throws {
        guard let heads = try? JSONDecoder().decode(SourceHeads.self, from: Data(record.value)) else {
            metrics.undecodable.increment()
            return
        }
        guard inspector.admits(record, from: heads.origin, by: heads.source.owner) else { return }
        guard let heads = freshness.news(in: heads, at: OutboxRelay.now()) else { return inspector.refuse(.notOfNow) }
        hearing.hear(heads)
        try await perform(reader.hear(heads, at: clock()))
    }

    private func jobs(_ events: [Positions.Place: [ReadEvent]]) -> [Job] {
        events.flatMap { place, events in
            reader.plan(events.map(\.place), of: place).compactMap { plan in
                projections[plan.progress.unit.projection].map { projection in
                    Job(applier: applier(of: projection), run: plan.run.map { events[$0] }, plan: plan)
                }
            }
        }
    }

    private func applier(of projection: Projection) -> ProjectionApplier {
        ProjectionApplier(projection: projection, database: database, timing: timing, logger: logger)
    }

    /// Answers the sources of what moved.
    private func carryOut(_ jobs: [Job]) async throws -> Set<EventSource> {
        let results = await withTaskGroup(
            of: (StreamReader.Plan, PartitionProgress, ProjectionApplier.Outcome, ProjectionApplier.Counts).self
        ) { group in
            for job in jobs {
                group.addTask {
                    let (progress, outcome, counts) = await job.applier.apply(job.run, to: job.plan.progress)
                    return (job.plan, progress, outcome, counts)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var moved: Set<EventSource> = []
        for (plan, progress, outcome, counts) in results {
            let unit = progress.unit
            // What was not committed now may be of a database that went back.
            if progress.sequence > plan.progress.sequence {
                moved.insert(unit.source)
                gate.advance([unit: progress.sequence])
            }
            metrics.count(counts, unit.projection)
            switch outcome {
            case .done:
                try await perform(reader.moved(to: progress, missing: plan.missing, at: clock()))
            case .conflict:
                // Adopted afresh in the next round, if the lease is still ours.
                reader.conflicted(unit)
            case .unavailable(let text):
                logger.warning("an effect could not be written now", metadata: ["error": "\(text)"])
                try await perform(reader.moved(to: progress, missing: nil, at: clock()) + reader.failed(unit))
                _ = await pause(.milliseconds(200))
            }
        }
        return moved
    }

    // MARK: - Upkeep

    private func retryParked() async throws {
        for current in reader.progress.values where !current.parkedKeys.isEmpty {
            guard let projection = projections[current.unit.projection] else { continue }
            let unit = current.unit
            let due = try await database.read { session in try ParkedStore.due(of: unit, in: session) }
            for key in due {
                do {
                    guard try await applier(of: projection).retry(key, current) else { continue }
                    reader.unparked(key, of: unit)
                    logger.notice(
                        "parked events of an aggregate are handled", metadata: ["projection": "\(unit.projection)"])
                } catch is Fenced {
                    reader.conflicted(unit)
                    break
                }
            }
        }
    }

    /// The offsets that the broker gives next.
    private func ends(of places: [Positions.Place]) async throws -> [Positions.Place: Int64] {
        guard !places.isEmpty else { return [:] }
        let ends = try await admin.endOffsets(of: Array(Set(places.map(partition))))
        return Dictionary(
            uniqueKeysWithValues: ends.compactMap { partition, end in place(partition).map { ($0, end) } })
    }

    /// Writes down which partitions have seen all that was there, the first time they have.
    private func noteCatchUp() async throws {
        let waiting = reader.waitingForCatchUp
        guard !waiting.isEmpty else { return }
        let reached = reader.caughtUp(ends: try await ends(of: waiting.map(\.place)))
        guard !reached.isEmpty else { return }
        let progress = reached.compactMap { reader.progress[$0] }
        try await database.transaction { session in try ProjectionStore.caughtUp(progress, in: session) }
        reader.noted(caughtUp: reached)
    }
}

extension Array {
    fileprivate func chunked(by size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
