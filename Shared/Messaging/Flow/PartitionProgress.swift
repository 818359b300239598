import Async
package import FoundationEssentials
package import Vocabulary

/// What of an event decides whether it is the next.
package struct EventPlace: Hashable, Sendable {
    /// The event's number in its partition.
    package let sequence: Int64
    package let id: EventID
    /// The event before it in its partition; nil for the first.
    package let previous: EventID?
    /// Where in the broker's log it was read.
    package let offset: Int64

    /// Describes an event that was read.
    package init(sequence: Int64, id: EventID, previous: EventID?, offset: Int64) {
        self.sequence = sequence
        self.id = id
        self.previous = previous
        self.offset = offset
    }
}

/// How far a projection has come in one partition, as the owner of its lease knows it.
package struct PartitionProgress: Sendable, Hashable {
    /// Why what a partition tells cannot be relied on now.
    ///
    /// None needs a human: each ends by itself.
    package enum Halt: String, Sendable, CaseIterable {
        /// An event is missing; it is asked for until it comes.
        case gap
        /// The source tells another past than it told before; asked for and read again until the chains agree.
        case diverged
        /// The source itself is not sure of the partition; ends when the event of its next head is reached.
        case uncertain
    }

    /// What is to be done with an event.
    package enum Verdict: Sendable, Hashable {
        /// It is the one to handle.
        case next
        /// It, or another one with its number, was handled before.
        case old
        /// Events before it are missing.
        case gap
        /// It has the next number, and follows another event than the one that was handled last.
        case conflict
    }

    /// What is to be done about a partition.
    package enum Action: Sendable, Hashable {
        /// Read the broker's log of the partition again from its beginning.
        case reread
        /// Ask the source to publish the partition again from this number on.
        case requestResend(from: Int64)
        /// Write down that the partition is halted, or moves again.
        case recordState
    }

    /// The search for an event that is not where it should be.
    private struct Search: Hashable, Sendable {
        var backoff: Backoff
        var next: Moment
        var steps = 0
    }

    private struct Unreached: Hashable, Sendable {
        let position: Int64
        let since: Moment
    }

    package let unit: ProjectionUnit
    /// The fencing token under which the partition is worked on.
    package let epoch: Int64
    package private(set) var sequence: Int64
    /// The last event that was handled; nil where there is none, or where it was skipped.
    package private(set) var lastID: EventID?
    /// The highest offset that was read with an effect; -1 when there was none.
    package private(set) var offset: Int64
    package private(set) var halt: Halt?
    package var parkedKeys: Set<UUID>
    package var caughtUp: Bool
    /// The highest number that the source said it has.
    package private(set) var head: Int64 = 0
    private var laggingSince: Moment?
    private var search: Search?
    /// The number at which what the source was not sure of is certain again, once it has said so.
    private var certainFrom: Int64?
    /// A position of ours that the source's heads did not reach, and since when.
    private var unreached: Unreached?

    /// Describes where a partition stands when it is taken over.
    package init(
        unit: ProjectionUnit, epoch: Int64, sequence: Int64 = 0, lastID: EventID? = nil, offset: Int64 = -1,
        halt: Halt? = nil, parkedKeys: Set<UUID> = [], caughtUp: Bool = false
    ) {
        self.unit = unit
        self.epoch = epoch
        self.sequence = sequence
        self.lastID = lastID
        self.offset = offset
        self.halt = halt
        self.parkedKeys = parkedKeys
        self.caughtUp = caughtUp
    }

    /// How many events the source is known to have that were not handled.
    package var lag: Int64 { max(0, head.saturatingSubtracting(sequence)) }

    /// What an event is, seen from this position.
    package func verdict(on event: EventPlace) -> Verdict {
        if event.sequence <= sequence { return .old }
        if event.sequence.saturatingSubtracting(1) > sequence { return .gap }
        return event.previous == lastID || isAfterSkip ? .next : .conflict
    }

    /// Which of some events, in the order in which they were read, are to be handled, and what is wrong after those.
    ///
    /// A record that does not fit is passed over: the right one may lie behind it.
    package func plan(_ events: [EventPlace]) -> (run: [Int], missing: Halt?) {
        var (ahead, run, missing) = (self, [Int](), Halt?.none)
        for (index, event) in events.enumerated() {
            switch ahead.verdict(on: event) {
            case .old: break
            case .next:
                run.append(index)
                ahead.advance(to: event)
                missing = nil
            case .gap: missing = missing ?? .gap
            case .conflict: missing = .diverged
            }
        }
        return (run, missing)
    }

    /// Moves to an event; what was searched for is found by that.
    package mutating func advance(to event: EventPlace) {
        sequence = event.sequence
        lastID = event.id
        offset = max(offset, event.offset)
        if halt != .uncertain || certainFrom.map({ sequence >= $0 }) == true {
            halt = nil
            certainFrom = nil
        }
        laggingSince = nil
        search = nil
    }

    /// What came up to a number does not matter any more: the event behind it is the next, whatever it follows.
    package mutating func skip(to number: Int64) {
        guard number > sequence else { return }
        sequence = number
        lastID = nil
        if halt != .uncertain { halt = nil }
        laggingSince = nil
        search = nil
    }

    /// Whether the last event is not known, since it was skipped.
    private var isAfterSkip: Bool { lastID == nil && sequence > 0 }

    /// The next event is not where it should be.
    package mutating func miss(_ why: Halt, at now: Moment, _ timing: FlowTiming) -> [Action] {
        guard search == nil else { return tick(at: now, timing) }
        // The offset may belong to a log that was lost meanwhile, so first the log is read from its beginning.
        let first = why == .gap ? timing.resend : .zero
        search = Search(backoff: Backoff(first: timing.resend, longest: timing.longestResend), next: now + first)
        return (why == .gap ? [] : stop(why)) + [.reread]
    }

    /// Takes note of what the source says is its last event.
    ///
    /// A lower number than ours is late, since numbers never go back; unless it stays lower: then the source and the log
    /// lost the same, and the source tells another past under our numbers.
    package mutating func hear(
        _ last: Int64, _ id: EventID?, at now: Moment, _ timing: FlowTiming
    ) -> [Action] {
        guard last >= sequence else { return hearLower(last, at: now, timing) }
        unreached = nil
        head = max(head, last)
        if last > sequence {
            laggingSince = laggingSince ?? now
            // What corrects the doubtful facts is on its way.
            if halt == .uncertain { certainFrom = certainFrom ?? last }
            return []
        }
        let certain = halt == .uncertain ? resume() : []
        laggingSince = nil
        guard id == lastID || isAfterSkip else { return certain + miss(.diverged, at: now, timing) }
        search = nil
        return halt == nil ? certain : resume()
    }

    private mutating func hearLower(_ last: Int64, at now: Moment, _ timing: FlowTiming) -> [Action] {
        guard let unreached, last < unreached.position else {
            unreached = Unreached(position: sequence, since: now)
            return []
        }
        guard halt == nil, now - unreached.since > timing.allHeads * 4 else { return [] }
        return miss(.diverged, at: now, timing)
    }

    /// The source says that it is not sure of the partition: until the event of its next head is reached, nothing of it
    /// can be relied on.
    package mutating func hearUncertain() -> [Action] {
        certainFrom = nil
        return stop(.uncertain)
    }

    /// Goes on with what the clock asks for.
    package mutating func tick(at now: Moment, _ timing: FlowTiming) -> [Action] {
        guard var search else {
            guard let laggingSince, now - laggingSince > timing.patience else { return [] }
            return miss(.gap, at: now, timing)
        }
        guard now >= search.next else { return [] }
        search.next = now + search.backoff.step()
        search.steps += 1
        self.search = search
        let again: [Action] = search.steps.isMultiple(of: 4) ? [.reread] : []
        return (halt == nil ? stop(.gap) : []) + [.requestResend(from: sequence.saturatingAdding(1))] + again
    }

    /// The log is being read again from its beginning: what is known to be missing halts the partition meanwhile, and
    /// nothing else is done.
    package mutating func tickWhileRewinding(at now: Moment, _ timing: FlowTiming) -> [Action] {
        let due = search?.next ?? laggingSince.map { $0 + timing.patience }
        guard let due, now > due, halt == nil else { return [] }
        return stop(.gap)
    }

    /// Whether something that is missing is being searched for.
    package var isSearching: Bool { search != nil }

    /// Nothing could be read of the partition for a while, for a reason of ours: its patience starts anew.
    package mutating func renewPatience(at now: Moment) {
        if laggingSince != nil { laggingSince = now }
    }

    private mutating func stop(_ why: Halt) -> [Action] {
        guard halt != why, why == .uncertain || halt != .uncertain else { return [] }
        halt = why
        return [.recordState]
    }

    private mutating func resume() -> [Action] {
        guard halt != nil else { return [] }
        halt = nil
        certainFrom = nil
        return [.recordState]
    }
}
