package import ContractCore
package import FoundationEssentials
import Vocabulary

/// What an instance reads, where its projections stand, and what is to be done about that.
///
/// Where they stand is written in the database, together with the effects; this value is what the instance remembers of
/// it for as long as it holds the leases.
package struct StreamReader: Sendable {
    /// Where reading of a partition starts.
    package enum Start: Hashable, Sendable {
        case beginning
        case after(Int64)
    }

    /// What is to be done outside.
    package enum Action: Hashable, Sendable {
        /// Ask the database where these partitions, whose leases are new, stand.
        case adopt([ProjectionUnit: Int64])
        /// Read a partition from a place on, instead of wherever it is read now.
        case read(Positions.Place, from: Start)
        case stopReading(Positions.Place)
        /// Write down that a partition is halted, or moves again.
        case recordState(ProjectionUnit)
        /// Write down that a projection does without what came up to a number, and tell so by ``skipped(_:to:)``.
        case skip(ProjectionUnit, to: Int64)
        /// Ask the source to publish a partition again from a number on.
        case requestResend(ProjectionUnit, from: Int64)
    }

    /// Events that a projection is to handle, and what is wrong after them.
    package struct Plan: Hashable, Sendable {
        package let progress: PartitionProgress
        /// Indices into the events that were handed in.
        package let run: [Int]
        package let missing: PartitionProgress.Halt?
    }

    private let timing: FlowTiming
    /// The projections that need no event which its source does not keep any more.
    private let forgetful: Set<String>
    /// Where the partitions that are ours stand.
    package private(set) var progress: [ProjectionUnit: PartitionProgress] = [:]
    private var reading: Set<Positions.Place> = []
    /// The offset up to which each partition was read.
    private var seen: [Positions.Place: Int64] = [:]
    /// The partitions that are read again from the beginning, up to where they had been read before.
    ///
    /// Until they are there, nothing is missed in them, and nothing has them read from the beginning once more.
    private var rewinding: [Positions.Place: Rewind] = [:]
    /// Until when the broker has more than was fetched, so that what does not come may only be waiting its turn.
    private var busyUntil: Moment?

    private struct Rewind: Hashable, Sendable {
        var target: Int64
        /// When something of the partition was last read.
        var moved: Moment
    }

    /// An instance that reads nothing yet.
    package init(timing: FlowTiming, forgetful: Set<String> = []) {
        self.timing = timing
        self.forgetful = forgetful
    }

    /// Lets go of what is ours no more, and asks to adopt what is new.
    package mutating func hold(_ leases: [ProjectionUnit: Int64]) -> [Action] {
        for unit in progress.keys where leases[unit] != progress[unit]?.epoch { progress[unit] = nil }
        let new = leases.filter { progress[$0.key] == nil }
        let unwanted = reading.subtracting(progress.keys.map(\.place)).subtracting(new.keys.map(\.place))
        reading.subtract(unwanted)
        for place in unwanted { rewinding[place] = nil }
        return unwanted.sorted().map(Action.stopReading) + (new.isEmpty ? [] : [.adopt(new)])
    }

    /// Takes over where adopted partitions stand, and reads them from there.
    package mutating func adopted(_ found: [PartitionProgress]) -> [Action] {
        for item in found { progress[item.unit] = item }
        return Set(found.map(\.unit.place)).sorted().map { read($0) }
    }

    /// What each projection has to do with events of a partition, in the order in which they were read.
    package func plan(_ events: [EventPlace], of place: Positions.Place) -> [Plan] {
        guard reading.contains(place) else { return [] }
        return units(at: place).compactMap { progress[$0] }.map { progress in
            let (run, missing) = progress.plan(events)
            return Plan(progress: progress, run: run, missing: missing)
        }
    }

    /// Takes note of a record that was read, whatever it was.
    package mutating func saw(_ offset: Int64, of place: Positions.Place, at now: Moment) {
        seen[place] = max(seen[place] ?? -1, offset)
        rewinding[place]?.moved = now
    }

    /// Takes note of a fetch that brought as much as it may: there is more.
    package mutating func fetchedInFull(at now: Moment) { busyUntil = now + timing.patience }

    /// Takes over how far a projection came with its plan.
    package mutating func moved(
        to progress: PartitionProgress, missing: PartitionProgress.Halt?, at now: Moment
    ) -> [Action] {
        let unit = progress.unit
        guard self.progress[unit]?.epoch == progress.epoch else { return [] }
        self.progress[unit] = progress
        guard let missing, rewinding[unit.place] == nil else { return [] }
        return act(on: unit, at: now) { $0.miss(missing, at: now, $1) }
    }

    /// Somebody else moved the position, or owns it: to be adopted afresh if the lease is still ours.
    package mutating func conflicted(_ unit: ProjectionUnit) { progress[unit] = nil }

    /// Compares with how far the database says that projections came.
    ///
    /// Where that is less than this instance wrote, the database went back in time under it, though nothing new came to be
    /// written: to be adopted afresh.
    package mutating func compared(with found: [ProjectionUnit: Int64]) {
        for (unit, sequence) in found where progress[unit].map({ sequence < $0.sequence }) ?? false { conflicted(unit) }
    }

    /// The effects of a partition could not be written now: it is read again from where its projections stand.
    package mutating func failed(_ unit: ProjectionUnit) -> [Action] {
        progress[unit] == nil ? [] : [read(unit.place)]
    }

    /// The broker's log does not reach to where a partition was to be read.
    package mutating func outOfRange(_ place: Positions.Place) -> [Action] {
        reading.contains(place) ? [read(place, from: .beginning)] : []
    }

    /// The aggregate's parked events are handled.
    package mutating func unparked(_ key: UUID, of unit: ProjectionUnit) {
        progress[unit]?.parkedKeys.remove(key)
    }

    /// Takes note of a source's heads.
    package mutating func hear(_ heads: SourceHeads, at now: Moment) -> [Action] {
        skips(heads)
            + heads.heads.flatMap { head in
                units(at: Positions.Place(heads.source, head.partition)).flatMap { unit in
                    act(on: unit, at: now) { $0.hear(head.last, head.eventId, at: now, $1) }
                }
            }
            + heads.uncertain.flatMap { partition in
                units(at: Positions.Place(heads.source, partition)).flatMap { unit in
                    act(on: unit, at: now) { progress, _ in progress.hearUncertain() }
                }
            }
    }

    /// A projection does without what came up to a number, as was decided and written down.
    package mutating func skipped(_ unit: ProjectionUnit, to number: Int64) { progress[unit]?.skip(to: number) }

    private func skips(_ heads: SourceHeads) -> [Action] {
        heads.heads.flatMap { head in
            let before = head.first.saturatingSubtracting(1)
            return units(at: Positions.Place(heads.source, head.partition))
                .filter { forgetful.contains($0.projection) && progress[$0].map { $0.sequence < before } ?? false }
                .map { Action.skip($0, to: before) }
        }
    }

    /// Goes on with what the clock asks for.
    package mutating func tick(at now: Moment) -> [Action] {
        for (place, rewind) in rewinding
        where seen[place] ?? -1 >= rewind.target || now - rewind.moved > timing.patience {
            rewinding[place] = nil
            for unit in units(at: place) { progress[unit]?.renewPatience(at: now) }
        }
        let isBusy = busyUntil.map { now < $0 } ?? false
        return progress.keys.sorted().flatMap { unit in
            if rewinding[unit.place] != nil {
                return act(on: unit, at: now) { $0.tickWhileRewinding(at: now, $1) }
            }
            if isBusy, progress[unit]?.isSearching == false {
                progress[unit]?.renewPatience(at: now)
                return []
            }
            return act(on: unit, at: now) { $0.tick(at: now, $1) }
        }
    }

    /// The partitions that are read again from the beginning.
    package var rewound: [Positions.Place] { rewinding.keys.sorted() }

    /// Takes note of the offsets that the broker gives next: a log that was lost may end before where it was read to.
    package mutating func bound(by ends: [Positions.Place: Int64]) {
        for (place, end) in ends {
            guard let rewind = rewinding[place] else { continue }
            rewinding[place]?.target = min(rewind.target, end.saturatingSubtracting(1))
        }
    }

    /// The partitions that have not once seen everything that was there.
    package var waitingForCatchUp: [ProjectionUnit] {
        progress.values.filter { !$0.caughtUp }.map(\.unit).sorted()
    }

    /// Which of the partitions that have not yet caught up have, given the offsets that the broker gives next.
    package func caughtUp(ends: [Positions.Place: Int64]) -> [ProjectionUnit] {
        waitingForCatchUp.filter { unit in
            guard let end = ends[unit.place], let current = progress[unit] else { return false }
            return max(seen[unit.place] ?? -1, current.offset) >= end.saturatingSubtracting(1)
        }
    }

    /// Takes note of partitions of which it is written down that they have caught up.
    package mutating func noted(caughtUp units: [ProjectionUnit]) {
        for unit in units { progress[unit]?.caughtUp = true }
    }

    private func units(at place: Positions.Place) -> [ProjectionUnit] {
        progress.keys.filter { $0.place == place }.sorted()
    }

    private mutating func act(
        on unit: ProjectionUnit, at now: Moment,
        _ change: (inout PartitionProgress, FlowTiming) -> [PartitionProgress.Action]
    ) -> [Action] {
        guard var current = progress[unit] else { return [] }
        let actions = change(&current, timing)
        progress[unit] = current
        return actions.compactMap { action in
            switch action {
            case .recordState: return .recordState(unit)
            case .requestResend(let from): return .requestResend(unit, from: from)
            case .reread: return rewind(unit.place, at: now)
            }
        }
    }

    /// Reads a partition again from its beginning, unless that is being done.
    private mutating func rewind(_ place: Positions.Place, at now: Moment) -> Action? {
        guard rewinding[place] == nil else { return nil }
        let reached = units(at: place).compactMap { progress[$0]?.offset }.max() ?? -1
        let target = max(reached, seen[place] ?? -1)
        defer { rewinding[place] = Rewind(target: target, moved: now) }
        return read(place, from: .beginning)
    }

    /// Reads a partition from a place; unless it is named, from where the projection that is furthest behind stands.
    private mutating func read(_ place: Positions.Place, from start: Start? = nil) -> Action {
        reading.insert(place)
        seen[place] = nil
        let lowest = units(at: place).compactMap { progress[$0]?.offset }.min() ?? -1
        return .read(place, from: start ?? (lowest < 0 ? .beginning : .after(lowest)))
    }
}
