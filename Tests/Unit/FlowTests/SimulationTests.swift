import Async
import ContractCore
import Flow
import FoundationEssentials
import TestBasics
import Testing
import Vocabulary

/// Instances of a source and of a service that follows it, a broker and two databases, in time that is made up.
struct Simulation: Sendable {
    static let partitions = 3

    let planted: PlantedFault
    private var random: SeededRandom
    private var now = Moment(.zero)
    private var broker = SimulatedBroker()
    private var source = SimulatedOutbox()
    private var follower = SimulatedProjections()
    private var relays: [UUID: SimulatedRelay] = [:]
    private var runners: [UUID: SimulatedRunner] = [:]
    private var pausedUntil: [UUID: Moment] = [:]
    private var backups: (source: SimulatedOutbox, follower: SimulatedProjections)?
    private var rebuildDue: (projection: String, at: Moment)?
    /// The last fault that anybody can still feel.
    private var lastFault = Moment(.zero)
    private var logLost = Moment(.seconds(-1000))

    private var lastCount: [ProjectionUnit: (count: Int, since: Moment)] = [:]

    private(set) var steps = 0
    private(set) var faults: [String: Int] = [:]
    private(set) var violations: [String] = []
    private(set) var applied = 0

    private var timing: FlowTiming {
        var timing = FlowTiming()
        timing.longestResend = .seconds(12)
        return timing
    }

    init(seed: UInt64, planted: PlantedFault = .none) {
        self.planted = planted
        random = SeededRandom(seed: seed)
        source.leases.register([SimulatedRelay.scope], partitions: Self.partitions)
        follower.leases.register(Set(Self.units(["a", "b", "c"]).map(\.work.scope)), partitions: Self.partitions)
        for _ in 0..<2 { startRelay() }
        for _ in 0..<2 { startRunner() }
    }

    private static func units(_ projections: [String]) -> [ProjectionUnit] {
        projections.flatMap { projection in
            (0..<Int32(partitions)).map {
                ProjectionUnit(projection: projection, source: .mandateRegistry, partition: $0)
            }
        }
    }

    /// Runs with faults, and then without, until everything has had the time to heal.
    mutating func run(steps count: Int) {
        while steps < count, violations.isEmpty { step(faulty: true) }
        let quiet = now + .seconds(400)
        pausedUntil = [:]
        lastFault = now
        while now < quiet, violations.isEmpty { step(faulty: false) }
        if violations.isEmpty { checkHealed() }
    }

    private mutating func step(faulty: Bool) {
        steps += 1
        now = now + .milliseconds(Int.random(in: 1...30, using: &random))
        if random.oneIn(8) {
            let partition = Int32.random(in: 0..<Int32(Self.partitions), using: &random)
            if faulty { source.write(EventID(random.uuid()), to: partition) }
        }
        if faulty, random.oneIn(400) { fault() }
        if let due = rebuildDue, now >= due.at { rebuild(due.projection) }
        let ids = (Array(relays.keys) + Array(runners.keys)).sorted()
        guard let id = ids.randomElement(using: &random), pausedUntil[id].map({ now >= $0 }) ?? true else { return }
        let before = follower.effects
        relays[id]?.step(&source, &broker, at: now, &random)
        runners[id]?.step(&follower, &broker, at: now, &random, faulty: faulty, planted)
        checkEffects(since: before)
        if broker.contradictions > 0 { violations.append("two events were told under one number") }
        if random.oneIn(50) { checkOwners() }
        if random.oneIn(50) { checkCertainty() }
    }

    // MARK: - Faults

    private mutating func startRelay() {
        let id = random.uuid()
        relays[id] = SimulatedRelay(id, timing: timing, partitions: Self.partitions, broker: broker, at: now)
    }

    /// One of three versions of the program: two projections, another two, or all three.
    private mutating func startRunner() {
        let id = random.uuid()
        let version = [["a", "b"], ["a", "b", "c"], ["b", "c"]].randomElement(using: &random) ?? []
        runners[id] = SimulatedRunner(
            id, units: Self.units(version), timing: timing, partitions: Self.partitions, broker: broker, at: now)
    }

    private mutating func fault() {
        lastFault = max(lastFault, now)
        let relay = relays.keys.sorted().randomElement(using: &random)
        let runner = runners.keys.sorted().randomElement(using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0: crash("relay killed", relay)
        case 1, 2: crash("runner killed", runner)
        case 3: pause("relay paused", relay)
        case 4, 5: pause("runner paused", runner)
        case 6:
            note("instance added")
            if relays.count < 3 { startRelay() }
            if runners.count < 4 { startRunner() }
        case 7:
            guard runners.count > 1, let runner else { return }
            note("runner stopped in good order")
            follower.leases.leave(runner, at: now)
            runners[runner] = nil
        case 8, 9:
            // A log is lost only while the source knows all that was told: no double fault.
            guard backups == nil || now - logLost > .seconds(60), isSourceWhole else { return }
            note("log lost")
            logLost = now
            let partition = Int32.random(in: 0..<Int32(Self.partitions), using: &random)
            broker.lose(partition, all: Bool.random(using: &random))
        case 10:
            rebuildDue = (["a", "b", "c"].randomElement(using: &random) ?? "a", now + .seconds(5))
            for id in runners.keys { pausedUntil[id] = now + .seconds(6) }
            lastFault = now + .seconds(6)
        default: restoreOrBackUp()
        }
    }

    private var isSourceWhole: Bool {
        broker.told.allSatisfy { partition, events in
            let chain = source.chains[partition] ?? []
            return chain.count >= events.count && zip(chain, events).allSatisfy { $0.id == $1.id }
        }
    }

    private mutating func note(_ fault: String) { faults[fault, default: 0] += 1 }

    private mutating func crash(_ fault: String, _ id: UUID?) {
        guard let id else { return }
        note(fault)
        if relays.removeValue(forKey: id) != nil { startRelay() }
        if runners.removeValue(forKey: id) != nil { startRunner() }
    }

    private mutating func pause(_ fault: String, _ id: UUID?) {
        guard let id else { return }
        note(fault)
        pausedUntil[id] = now + .milliseconds(Int.random(in: 500...9000, using: &random))
        lastFault = max(lastFault, pausedUntil[id] ?? now)
    }

    private mutating func rebuild(_ projection: String) {
        rebuildDue = nil
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            if follower.rebuild(Self.units([projection]), at: now, by: random.uuid(), planted) { note("rebuild") }
        }
    }

    /// Keeps a copy of both databases, or puts one of them back, with all its instances started anew.
    private mutating func restoreOrBackUp() {
        guard let copy = backups else {
            if isSourceWhole { backups = (source, follower) }
            return
        }
        backups = nil
        if Bool.random(using: &random) {
            // A log that was lost since the copy has lost what the source told: that would be a double fault.
            guard isLogWhole else { return }
            let known = Set(source.chains.values.flatMap { $0.map(\.id) })
            let lost = source.lost
            source = copy.source
            let kept = Set(source.chains.values.flatMap { $0.map(\.id) })
            source.lost = lost.union(known.subtracting(kept))
            // A standby takes over without the last commits, under the living instances; or all are started anew.
            guard Bool.random(using: &random) else { return note("source restored under living relays") }
            note("source restored")
            for id in relays.keys.sorted() {
                relays[id] = nil
                startRelay()
            }
        } else {
            follower = copy.follower
            guard Bool.random(using: &random) else { return note("follower restored under living runners") }
            note("follower restored")
            for id in runners.keys.sorted() {
                runners[id] = nil
                startRunner()
            }
        }
    }

    private var isLogWhole: Bool {
        broker.told.allSatisfy { partition, events in
            let known = Set((broker.logs[partition]?.records ?? []).map(\.id))
            return events.allSatisfy { known.contains($0.id) }
        }
    }

    // MARK: - The oracle

    /// Each event has its effect once, in order, and no other event has one.
    private mutating func checkEffects(since before: [ProjectionUnit: [EventID]]) {
        for (unit, effects) in follower.effects where effects.count > before[unit]?.count ?? 0 {
            applied += effects.count - (before[unit]?.count ?? 0)
            let told = broker.told[unit.partition] ?? []
            let start = before[unit]?.count ?? 0
            for (index, effect) in effects.enumerated().dropFirst(start) {
                if index >= told.count || told[index].id != effect {
                    violations.append("\(unit.work): effect \(index + 1) is not that of event \(index + 1)")
                    return
                }
            }
        }
    }

    /// Nothing that a living instance knows is left to nobody for long.
    private mutating func checkOwners() {
        guard now - lastFault > .seconds(20) else { return }
        for unit in follower.leases.orphans(at: now) + source.leases.orphans(at: now) {
            violations.append("\(unit) is left to nobody")
        }
    }

    /// What counts as certain and is not complete is on its way: it moves.
    private mutating func checkCertainty() {
        for unit in Self.units(["a", "b", "c"]) {
            let count = follower.effects[unit]?.count ?? 0
            let lag = (broker.told[unit.partition]?.count ?? 0) - count
            guard lag > 0, follower.isCertain(unit, at: now), lastCount[unit]?.count == count else {
                lastCount[unit] = (count, now)
                continue
            }
            guard now - max(lastFault, lastCount[unit]?.since ?? now) > .seconds(60) else { continue }
            violations.append("\(unit.work) counts as certain, lacks \(lag) events and does not move")
        }
    }

    /// What was told of a lost time is corrected by an event that comes after it.
    private mutating func checkCorrected(_ partition: Int32, _ chain: [EventPlace]) {
        let numbers = Dictionary(chain.map { ($0.id, $0.sequence) }) { first, _ in first }
        for event in chain where source.lost.contains(event.id) {
            let correction = source.corrections[event.id].flatMap { numbers[$0] } ?? 0
            if correction <= event.sequence {
                violations.append("partition \(partition): event \(event.sequence) was told, is lost and not corrected")
                return
            }
        }
    }

    private mutating func checkHealed() {
        for partition in 0..<Int32(Self.partitions) {
            let (chain, told) = (source.chains[partition] ?? [], broker.told[partition] ?? [])
            if chain.map(\.id) != told.map(\.id) {
                violations.append("partition \(partition): \(told.count) events told of \(chain.count)")
            }
            checkCorrected(partition, chain)
        }
        let alive = Set(runners.values.flatMap(\.holder.member.scopes))
        for unit in Self.units(["a", "b", "c"]) where alive.contains(unit.work.scope) {
            let effects = follower.effects[unit]?.count ?? 0
            if effects != source.chains[unit.partition]?.count ?? 0 || !follower.isCertain(unit, at: now) {
                let halt = follower.positions[unit]?.halt?.rawValue ?? "-"
                violations.append("\(unit.work) did not heal: \(effects) effects, halted \(halt)")
            }
        }
    }
}

/// One at a time and on a thread of its own: it counts for seconds, and tests of deadlines share the pool's few threads.
@Suite("Simulation of senders and readers under faults", .serialized)
struct SimulationTests {
    @Test(
        "each event has its effect once and in order, nothing is left to nobody, and everything heals",
        arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func faults(seed: UInt64) async {
        let simulation = await onThread {
            var simulation = Simulation(seed: seed)
            simulation.run(steps: 60_000)
            return simulation
        }
        let faults = simulation.faults.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        print(
            "measured simulation: seed \(seed), \(simulation.steps) steps, \(simulation.applied) effects, faults:",
            faults.joined(separator: ", "))
        #expect(simulation.violations == [])
        #expect(simulation.applied > 5000)
        #expect(simulation.faults.count >= 9)
    }

    @Test(
        "the oracle finds a mistake that is made on purpose",
        arguments: [PlantedFault.noFence, .gapsIgnored, .rebuildKeepsEffects])
    func planted(fault: PlantedFault) async {
        let found = await onThread {
            (1...10).contains { seed in
                var simulation = Simulation(seed: UInt64(seed), planted: fault)
                simulation.run(steps: 20_000)
                return !simulation.violations.isEmpty
            }
        }
        #expect(found)
    }
}
