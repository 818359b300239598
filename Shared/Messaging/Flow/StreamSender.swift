package import ContractCore
import Vocabulary

/// What an instance sends of a source's outbox, and what is to be done about the broker's log.
package struct StreamSender: Sendable {
    /// How far a partition was sent.
    package struct Sent: Hashable, Sendable {
        package let partition: Int32
        /// The number of the last event that was sent.
        package let sequence: Int64
        /// The offset that it got; -1 when nothing was sent, or the broker lost its log.
        package let offset: Int64

        /// Describes how far a partition was sent.
        package init(partition: Int32, sequence: Int64, offset: Int64) {
            self.partition = partition
            self.sequence = sequence
            self.offset = offset
        }
    }

    private struct Partition: Sendable {
        let epoch: Int64
        /// The number of the event that was sent last.
        var sequence: Int64
        var offset: Int64
        /// Whether the broker's log was compared with the outbox since the lease came; nothing is sent before.
        var checked: Bool
    }

    private let timing: FlowTiming
    private var partitions: [Int32: Partition] = [:]
    private var requests: [Int32: Int64] = [:]
    private var answered: [Int32: Moment] = [:]
    private var nextComparison: Moment?
    private var schedule: HeadSchedule
    /// Whether the topics were found as the contract wants them since the last failure.
    package private(set) var topicsVerified = false

    /// An instance that sends nothing yet.
    package init(timing: FlowTiming) {
        self.timing = timing
        schedule = HeadSchedule(all: timing.allHeads)
    }

    /// The partitions that may be sent.
    package var sending: [Int32] { partitions.filter(\.value.checked).keys.sorted() }

    /// The partitions that are ours and wait to be checked: their readers are told that they are uncertain.
    package var unchecked: [Int32] { partitions.filter { !$0.value.checked }.keys.sorted() }

    /// The fencing token of a partition that is ours.
    package func epoch(of partition: Int32) -> Int64? { partitions[partition]?.epoch }

    /// Lets go of partitions whose lease went, and tells those to adopt whose lease is new.
    package mutating func hold(_ leases: [Int32: Int64]) -> [Int32: Int64] {
        for (partition, known) in partitions where leases[partition] != known.epoch { partitions[partition] = nil }
        return leases.filter { partitions[$0.key] == nil }
    }

    /// Takes over how far partitions were sent before.
    package mutating func adopted(_ found: [Sent], under epochs: [Int32: Int64]) {
        for state in found {
            guard let epoch = epochs[state.partition] else { continue }
            partitions[state.partition] = Partition(
                epoch: epoch, sequence: state.sequence, offset: state.offset, checked: false)
        }
    }

    /// What lies in the broker's log of these partitions is what the outbox has: they may be sent.
    package mutating func checked(_ found: [Int32]) {
        for partition in found { partitions[partition]?.checked = true }
    }

    /// Takes note of offsets that events got, in the order of sending.
    ///
    /// - Returns: What is to be marked as sent, and the partitions whose log the broker lost: offsets only grow.
    package mutating func delivered(_ events: [Sent]) -> (mark: [Sent], lost: Set<Int32>) {
        var (last, lost) = ([Int32: Sent](), Set<Int32>())
        for event in events {
            if event.offset <= partitions[event.partition]?.offset ?? -1 { lost.insert(event.partition) }
            partitions[event.partition]?.offset = event.offset
            partitions[event.partition]?.sequence = event.sequence
            last[event.partition] = event
        }
        return (last.values.sorted { $0.partition < $1.partition }, lost)
    }

    /// Somebody else sends these partitions now.
    package mutating func fenced(_ gone: Set<Int32>) {
        for partition in gone { partitions[partition] = nil }
    }

    /// The partitions of which the database wants to have something else sent than what follows on what this instance
    /// sent: it went back in time under us, so they are to be adopted and checked anew.
    ///
    /// - Parameter first: The first number to be sent of each partition.
    package func displaced(_ first: [Int32: Int64]) -> Set<Int32> {
        Set(
            first.filter { partition, sequence in
                partitions[partition].map { $0.sequence.saturatingAdding(1) != sequence } ?? true
            }.keys)
    }

    /// A partition is sent again from a number on.
    package mutating func rewound(_ partition: Int32, to sequence: Int64) {
        guard let known = partitions[partition]?.sequence else { return }
        partitions[partition]?.sequence = min(known, sequence.saturatingSubtracting(1))
    }

    /// The broker lost a partition's log: whatever offset comes next is right.
    package mutating func forgetLog(of partition: Int32) { partitions[partition]?.offset = -1 }

    // MARK: - Comparing the log

    /// The partitions of which the database says that less was sent than this instance sent: it went back in time under
    /// us, though it has nothing to send yet, so they are to be adopted and checked anew.
    package func wentBack(_ sent: [Sent]) -> Set<Int32> {
        Set(
            sent.filter { state in
                partitions[state.partition].map { state.sequence < $0.sequence } ?? false
            }.map(\.partition))
    }

    /// The partitions whose log goes on behind what this instance sent, which nobody else sends.
    package func overrun(_ sent: [Sent], ends: [Int32: Int64]) -> [Sent] {
        sent.filter { state in
            guard let partition = partitions[state.partition], partition.checked, let end = ends[state.partition]
            else { return false }
            return end.saturatingSubtracting(1) > max(state.offset, partition.offset)
        }
    }

    /// Whether topics and ends of logs are to be compared with what was sent.
    package func isComparisonDue(at now: Moment) -> Bool {
        guard topicsVerified, let nextComparison else { return true }
        return now >= nextComparison
    }

    /// The topics are, or are not, as the contract wants them.
    package mutating func verified(topics: Bool) { topicsVerified = topics }

    /// Compares what was sent with the offsets that the broker gives next.
    ///
    /// - Returns: The partitions whose log, or the end of it, the broker lost.
    package mutating func compare(_ sent: [Sent], ends: [Int32: Int64], at now: Moment) -> [Int32] {
        nextComparison = now + timing.heads
        return sent.filter { state in
            guard partitions[state.partition] != nil, let end = ends[state.partition] else { return false }
            return end <= state.offset
        }.map(\.partition)
    }

    // MARK: - Requests

    /// A reader misses events from a number on.
    package mutating func requested(_ partition: Int32, from sequence: Int64) {
        requests[partition] = min(requests[partition] ?? .max, max(1, sequence))
    }

    /// The partitions to be sent again, with their first numbers.
    ///
    /// Several readers miss the same event at the same time, so a partition is sent again at most once in half the time
    /// after which they ask anew.
    package mutating func takeRequests(at now: Moment) -> [Int32: Int64] {
        let due = requests.filter { request in
            guard partitions[request.key]?.checked == true else { return false }
            return answered[request.key].map { now - $0 >= timing.resend / 2 } ?? true
        }
        // What is not ours is answered by its owner, who got the request too.
        requests = [:]
        for partition in due.keys { answered[partition] = now }
        return due
    }

    // MARK: - Heads

    /// Whether heads are to be published.
    package mutating func areHeadsDue(at now: Moment) -> Bool { schedule.isDue(every: timing.heads, at: now) }

    /// The heads to be published of those that partitions of ours have.
    package mutating func choose(from heads: [SourceHeads.Head], at now: Moment) -> [SourceHeads.Head] {
        schedule.choose(from: heads, at: now)
    }
}

/// Which heads are published when: a changed one for ten seconds, all of them every few seconds.
package struct HeadSchedule: Sendable {
    private let all: Duration
    private var last: [Int32: (sequence: Int64, since: Moment)] = [:]
    private var next: Moment?
    private var nextAll: Moment?

    /// A schedule by which all heads are due at first, and then after each `all`.
    package init(all: Duration) { self.all = all }

    package mutating func isDue(every interval: Duration, at now: Moment) -> Bool {
        if let next, now < next { return false }
        next = now + interval
        return true
    }

    package mutating func choose(from heads: [SourceHeads.Head], at now: Moment) -> [SourceHeads.Head] {
        let everything = nextAll.map { now >= $0 } ?? true
        if everything { nextAll = now + all }
        return heads.filter { head in
            if last[head.partition]?.sequence != head.last { last[head.partition] = (head.last, now) }
            let since = last[head.partition]?.since ?? now
            return everything || now - since < .seconds(10)
        }
    }
}
