/// What an instance does about the partitions of its source in which others know more than the database does.
///
/// First it listens whether another one speaks in its name: then the database is a copy, and sends nothing. If nobody
/// does, the database was restored: what was told is taken over, and then corrected. Nothing of such a partition is sent
/// before that is done, and its readers are told that it is uncertain.
package struct Restoration: Sendable {
    /// What is to be done next.
    package enum Action: Hashable, Sendable {
        /// Find out what was said in our name since the listening began.
        case judge
        /// Take over what was told of a partition, a part of it at a time.
        case adopt(Int32)
        /// Correct what was told of a partition, a part of it at a time.
        case correct(Int32)
    }

    /// How another database that sends in our name was noticed.
    package enum Rival: Hashable, Sendable {
        /// It was there first: this one keeps silent.
        case speaks
        /// It wrote behind what we sent.
        case wrote
    }

    private enum Phase: Hashable, Sendable { case listening, adopting, correcting }

    private struct Partition: Hashable, Sendable {
        let epoch: Int64
        var phase: Phase
    }

    /// For so long is listened: another instance says all of its heads at least twice in that time.
    private let patience: Duration
    private var partitions: [Int32: Partition] = [:]
    private var listensUntil: Moment?
    /// What another database does in the name of this source; nothing is sent any more, until the process is started
    /// anew.
    package private(set) var rival: Rival?

    /// Nothing to be restored is known of.
    package init(timing: FlowTiming) { patience = timing.allHeads * 2 }

    /// The partitions that nothing is sent of.
    package var doubted: [Int32] { partitions.keys.sorted() }

    /// Whether a partition is being restored under a lease.
    package func covers(_ partition: Int32, epoch: Int64?) -> Bool { partitions[partition]?.epoch == epoch }

    /// Forgets partitions that are not ours any more, or under another lease.
    package mutating func hold(_ epoch: (Int32) -> Int64?) {
        partitions = partitions.filter { $0.value.epoch == epoch($0.key) }
        if !partitions.values.contains(where: { $0.phase == .listening }) { listensUntil = nil }
    }

    /// Others know more of a partition than the database does.
    ///
    /// - Returns: Whether listening begins with it.
    package mutating func found(_ partition: Int32, epoch: Int64, at now: Moment) -> Bool {
        partitions[partition] = Partition(epoch: epoch, phase: .listening)
        let begins = listensUntil == nil
        listensUntil = listensUntil ?? now + patience
        return begins
    }

    /// A part of a partition is to be corrected, from a restoration that another instance began.
    package mutating func resumed(_ partition: Int32, epoch: Int64) {
        partitions[partition] = Partition(epoch: epoch, phase: .correcting)
    }

    /// An event that the database does not know appeared behind one that this instance sent.
    package mutating func overrun() { rival = .wrote }

    /// Whether another one spoke in our name while we listened.
    package mutating func judged(spoke: Bool) {
        listensUntil = nil
        guard !spoke else {
            rival = rival ?? .speaks
            return
        }
        for (partition, state) in partitions where state.phase == .listening {
            partitions[partition]?.phase = .adopting
        }
    }

    /// All that was told of a partition is part of the outbox.
    package mutating func adopted(_ partition: Int32) { partitions[partition]?.phase = .correcting }

    /// All that was told of a partition and is not so any more is corrected.
    package mutating func corrected(_ partition: Int32) { partitions[partition] = nil }

    /// The log of a partition was lost, and with it what was told there.
    package mutating func lostLog(of partition: Int32) {
        guard partitions[partition]?.phase != .correcting else { return }
        partitions[partition] = nil
        if !partitions.values.contains(where: { $0.phase == .listening }) { listensUntil = nil }
    }

    /// What is to be done now; nil when there is nothing, or something is to be waited for.
    ///
    /// - Parameter isSettled: Whether what rests on the database alone, and is told to nobody, was made safe: nothing is
    ///   called certain before.
    package func next(at now: Moment, isSettled: Bool) -> Action? {
        guard rival == nil else { return nil }
        if let listensUntil, now >= listensUntil { return .judge }
        if let partition = first(.adopting) { return .adopt(partition) }
        return isSettled ? first(.correcting).map(Action.correct) : nil
    }

    private func first(_ phase: Phase) -> Int32? {
        partitions.filter { $0.value.phase == phase }.keys.min()
    }
}
