import ContractCore
import Flow
import FoundationEssentials
import TestBasics
import Vocabulary

/// A mistake that is made on purpose, to see that the oracle finds it.
enum PlantedFault: Sendable {
    case none
    /// Effects are written without asking whether the lease is still held.
    case noFence
    /// An event is taken for the next one although others are missing before it.
    case gapsIgnored
    /// A rebuild forgets the position and not the effects.
    case rebuildKeepsEffects
}

/// The database of a service that follows a source.
struct SimulatedProjections {
    struct Position {
        var sequence: Int64 = 0
        var lastID: EventID?
        var offset: Int64 = -1
        var halt: PartitionProgress.Halt?
        var caughtUp = false
    }

    var positions: [ProjectionUnit: Position] = [:]
    /// The events that had their effect, in its order, since the last rebuild.
    var effects: [ProjectionUnit: [EventID]] = [:]
    var leases = SimulatedLeases()

    func adopt(_ unit: ProjectionUnit, epoch: Int64) -> PartitionProgress? {
        guard leases.isHeld(unit.work, epoch: epoch) else { return nil }
        let position = positions[unit] ?? Position()
        return PartitionProgress(
            unit: unit, epoch: epoch, sequence: position.sequence, lastID: position.lastID, offset: position.offset,
            halt: position.halt, caughtUp: position.caughtUp)
    }

    /// Effects and position in one transaction; false when the lease or the position is another's.
    mutating func commit(
        _ events: ArraySlice<EventPlace>, from progress: PartitionProgress, to moved: PartitionProgress,
        _ planted: PlantedFault
    ) -> Bool {
        let unit = progress.unit
        let position = positions[unit] ?? Position()
        if planted != .noFence {
            guard leases.isHeld(unit.work, epoch: progress.epoch), position.sequence == progress.sequence,
                position.lastID == progress.lastID
            else { return false }
        }
        positions[unit] = Position(
            sequence: moved.sequence, lastID: moved.lastID, offset: max(position.offset, moved.offset),
            halt: moved.halt, caughtUp: position.caughtUp)
        effects[unit, default: []] += events.map(\.id)
        return true
    }

    mutating func recordState(_ progress: PartitionProgress) {
        guard leases.isHeld(progress.unit.work, epoch: progress.epoch) else { return }
        positions[progress.unit, default: Position()].halt = progress.halt
    }

    mutating func rebuild(_ units: [ProjectionUnit], at now: Moment, by owner: UUID, _ planted: PlantedFault) -> Bool {
        guard let scope = units.first?.work.scope, leases.takeAll(scope, for: owner, at: now) else { return false }
        for unit in units {
            positions[unit] = Position()
            if planted != .rebuildKeepsEffects { effects[unit] = [] }
        }
        leases.leave(owner, at: now)
        return true
    }

    /// Whether what is known of a partition counts as reliable, as `Doubts` asks it.
    func isCertain(_ unit: ProjectionUnit, at now: Moment) -> Bool {
        guard let position = positions[unit], position.halt == nil else { return false }
        return leases.isFollowed(unit.work, at: now)
    }
}

/// An instance of a service that follows a source; each call of `step` does one thing, so it can be cut off anywhere.
struct SimulatedRunner {
    private struct Job {
        var progress: PartitionProgress
        var events: ArraySlice<EventPlace>
        let missing: PartitionProgress.Halt?
    }

    var holder: SimulatedHolder
    private let units: [WorkUnit: ProjectionUnit]
    private var reader: StreamReader
    private var cursors: [Positions.Place: Int64] = [:]
    private var heardHeads: Int
    private var jobs: [Job] = []
    private var nextTick: Moment

    init(
        _ id: UUID, units: [ProjectionUnit], timing: FlowTiming, partitions: Int, broker: SimulatedBroker,
        at now: Moment
    ) {
        let member = LeaseMember(id: id, scopes: Set(units.map(\.work.scope)))
        holder = SimulatedHolder(member, partitions: partitions, life: timing.leaseLife, at: now)
        reader = StreamReader(timing: timing)
        self.units = Dictionary(uniqueKeysWithValues: units.map { ($0.work, $0) })
        heardHeads = broker.heads.count
        nextTick = now
    }

    mutating func step(
        _ database: inout SimulatedProjections, _ broker: inout SimulatedBroker, at now: Moment,
        _ random: inout SeededRandom, faulty: Bool, _ planted: PlantedFault
    ) {
        holder.step(&database.leases, at: now)
        if !jobs.isEmpty { return carryOut(&database, &broker, at: now, planted) }
        var held: [ProjectionUnit: Int64] = [:]
        for (work, epoch) in holder.held(at: now) {
            if let unit = units[work] { held[unit] = epoch }
        }
        perform(reader.hold(held), &database, &broker)
        for heads in broker.heads[heardHeads...] where !(faulty && random.oneIn(20)) {
            perform(reader.hear(heads, at: now), &database, &broker)
        }
        heardHeads = broker.heads.count
        for (place, cursor) in cursors.sorted(by: { $0.key < $1.key }) {
            poll(place, cursor, &database, &broker, at: now, &random, faulty: faulty, planted)
        }
        if now >= nextTick {
            nextTick = now + .milliseconds(500)
            let ends = Dictionary(uniqueKeysWithValues: cursors.keys.map { ($0, broker.logs[$0.partition]?.end ?? 0) })
            reader.bound(by: ends)
            perform(reader.tick(at: now), &database, &broker)
            let reached = reader.caughtUp(ends: ends)
            for unit in reached { database.positions[unit]?.caughtUp = true }
            reader.noted(caughtUp: reached)
            reader.compared(with: database.positions.mapValues(\.sequence))
        }
    }

    private mutating func poll(
        _ place: Positions.Place, _ cursor: Int64, _ database: inout SimulatedProjections,
        _ broker: inout SimulatedBroker, at now: Moment, _ random: inout SeededRandom, faulty: Bool,
        _ planted: PlantedFault
    ) {
        let log = broker.logs[place.partition] ?? SimulatedBroker.Log()
        guard cursor <= log.end, cursor >= log.first else {
            return perform(reader.outOfRange(place), &database, &broker)
        }
        var records = Array(log.records[Int(cursor - log.first)...].prefix(100))
        guard !records.isEmpty else { return }
        cursors[place] = cursor + Int64(records.count)
        if faulty {
            if random.oneIn(60) { records.append(records[0]) }
            if random.oneIn(60) { records.remove(at: Int.random(in: 0..<records.count, using: &random)) }
            if random.oneIn(60) { records.shuffle(using: &random) }
        }
        for record in records { reader.saw(record.offset, of: place, at: now) }
        if records.count >= 100 { reader.fetchedInFull(at: now) }
        for plan in reader.plan(records, of: place) {
            var run = plan.run.map { records[$0] }
            if planted == .gapsIgnored, run.isEmpty,
                let next = records.first(where: { $0.sequence > plan.progress.sequence })
            {
                run = [next]
            }
            jobs.append(Job(progress: plan.progress, events: run[...], missing: plan.missing))
        }
    }

    /// Writes a few effects; the rest comes with later steps, between which the instance may be paused or killed.
    private mutating func carryOut(
        _ database: inout SimulatedProjections, _ broker: inout SimulatedBroker, at now: Moment, _ planted: PlantedFault
    ) {
        var job = jobs.removeFirst()
        let chunk = job.events.prefix(20)
        guard !chunk.isEmpty else {
            return perform(reader.moved(to: job.progress, missing: job.missing, at: now), &database, &broker)
        }
        let moved = chunk.reduce(into: job.progress) { $0.advance(to: $1) }
        guard database.commit(chunk, from: job.progress, to: moved, planted) else {
            return reader.conflicted(job.progress.unit)
        }
        job.events = job.events.dropFirst(20)
        job.progress = moved
        jobs.insert(job, at: 0)
    }

    private mutating func perform(
        _ actions: [StreamReader.Action], _ database: inout SimulatedProjections, _ broker: inout SimulatedBroker
    ) {
        for action in actions {
            switch action {
            case .adopt(let units):
                let found = units.compactMap { database.adopt($0.key, epoch: $0.value) }
                for item in found where database.positions[item.unit] == nil {
                    database.positions[item.unit] = SimulatedProjections.Position()
                }
                perform(reader.adopted(found), &database, &broker)
            case .read(let place, let start):
                let log = broker.logs[place.partition] ?? SimulatedBroker.Log()
                switch start {
                case .beginning: cursors[place] = log.first
                case .after(let offset): cursors[place] = offset + 1
                }
            case .stopReading(let place): cursors[place] = nil
            case .recordState(let unit):
                if let progress = reader.progress[unit] { database.recordState(progress) }
            case .skip: preconditionFailure("the source of the simulation keeps every event")
            case .requestResend(let unit, let from):
                broker.requests.append(
                    ResendRequest(
                        origin: origin, partition: unit.partition, from: from, reader: "reader",
                        projection: unit.projection,
                        time: Instant(microseconds: 0)))
            }
        }
    }
}
