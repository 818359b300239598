import ContractCore
import Flow
import FoundationEssentials
import TestBasics
import Vocabulary

/// The broker: logs that can be lost, and control messages.
struct SimulatedBroker {
    struct Log {
        var first: Int64 = 0
        var records: [EventPlace] = []
        var end: Int64 { first + Int64(records.count) }
    }

    var logs: [Int32: Log] = [:]
    /// Every event that was ever told, by partition, in the order of numbers: what the readers have to arrive at.
    var told: [Int32: [EventPlace]] = [:]
    var heads: [SourceHeads] = []
    var requests: [ResendRequest] = []
    /// Two events were told under one number.
    var contradictions = 0

    /// Stores an event and answers its offset.
    mutating func append(_ event: EventPlace, to partition: Int32) -> Int64 {
        var log = logs[partition] ?? Log()
        let offset = log.end
        log.records.append(
            EventPlace(sequence: event.sequence, id: event.id, previous: event.previous, offset: offset))
        logs[partition] = log
        let known = told[partition] ?? []
        if event.sequence == Int64(known.count) + 1 {
            told[partition, default: []].append(event)
        } else if event.sequence <= Int64(known.count), known[Int(event.sequence) - 1].id != event.id {
            contradictions += 1
        }
        return offset
    }

    /// Loses a log, or its end.
    mutating func lose(_ partition: Int32, all: Bool) {
        var log = all ? Log() : logs[partition] ?? Log()
        log.records.removeLast(min(3, log.records.count))
        logs[partition] = log
    }
}

/// How far an instance has read a log of which it takes over what it finds; gone with the instance.
struct SimulatedReading {
    var next: Int64
    var gap: EventPlace?
    var isFromBeginning = false
}

/// The database of a source.
struct SimulatedOutbox {
    var chains: [Int32: [EventPlace]] = [:]
    var sent: [Int32: StreamSender.Sent] = [:]
    var leases = SimulatedLeases()

    mutating func write(_ id: EventID, to partition: Int32) {
        let chain = chains[partition] ?? []
        chains[partition, default: []].append(
            EventPlace(
                sequence: Int64(chain.count) + 1, id: id, previous: chain.last?.id, offset: -1))
    }

    func position(of partition: Int32) -> StreamSender.Sent {
        sent[partition] ?? StreamSender.Sent(partition: partition, sequence: 0, offset: -1)
    }

    /// Events that were taken over and are to be corrected, and by which event each was.
    var uncorrected: [Int32: [EventID]] = [:]
    var corrections: [EventID: EventID] = [:]
    /// For the oracle: what the database had and lost.
    var lost: Set<EventID> = []

    /// Takes over a part of what was told; true when that was all, and nothing is missing.
    mutating func adopt(
        _ partition: Int32, from broker: SimulatedBroker, limit: Int, _ reading: inout SimulatedReading?
    ) -> Bool {
        let position = position(of: partition)
        let log = broker.logs[partition] ?? SimulatedBroker.Log()
        var place = reading ?? SimulatedReading(next: log.end <= position.offset ? 0 : position.offset + 1)
        let told = Array(log.records.filter { $0.offset >= place.next }.prefix(limit))
        guard let last = told.last else {
            // The recorded offset may belong to a log that was lost and filled again: it is read from its beginning.
            let again = place.gap != nil && !place.isFromBeginning
            reading = again ? SimulatedReading(next: 0, isFromBeginning: true) : nil
            return place.gap == nil
        }
        let chain = chains[partition] ?? []
        let known = Dictionary(chain.map { ($0.id, $0.sequence) }) { first, _ in first }
        let plan = Adoption(told, known: known, sent: position.sequence, open: place.gap)
        if let first = plan.adopted.first {
            let own = chain.dropFirst(Int(first.sequence) - 1)
            chains[partition] = Array(chain.prefix(Int(first.sequence) - 1)) + plan.adopted
            for event in own { write(event.id, to: partition) }
            uncorrected[partition, default: []] += plan.adopted.map(\.id)
        }
        (place.next, place.gap) = (last.offset + 1, plan.gap)
        reading = place
        sent[partition] = StreamSender.Sent(
            partition: partition, sequence: max(position.sequence, plan.reached),
            offset: plan.gap == nil ? last.offset : position.offset)
        return false
    }

    /// Corrects a part of what was taken over; true when nothing is left.
    mutating func correct(_ partition: Int32, by id: EventID, limit: Int) -> Bool {
        let some = (uncorrected[partition] ?? []).prefix(limit)
        guard !some.isEmpty else { return true }
        for event in some { corrections[event] = id }
        uncorrected[partition]?.removeFirst(some.count)
        write(id, to: partition)
        return false
    }

    /// Whether the log has, behind what was sent, an event that the database does not know.
    func isBehind(_ partition: Int32, _ broker: SimulatedBroker) -> Bool {
        let position = position(of: partition)
        let log = broker.logs[partition] ?? SimulatedBroker.Log()
        let start = log.end <= position.offset ? -1 : position.offset
        let known = Set((chains[partition] ?? []).map(\.id))
        return log.records.contains { $0.offset > start && !known.contains($0.id) }
    }
}

/// An instance of the service that owns the events; each call of `step` does one thing, so it can be cut off anywhere.
struct SimulatedRelay {
    static let scope = "outbox"

    private enum Work {
        case none
        case toSend([Int32: [EventPlace]])
        case toMark([StreamSender.Sent], ids: [Int32: EventID])
    }

    var holder: SimulatedHolder
    private var sender: StreamSender
    private var restoration: Restoration
    private var readings: [Int32: SimulatedReading] = [:]
    private var work = Work.none
    private var readRequests: Int

    init(_ id: UUID, timing: FlowTiming, partitions: Int, broker: SimulatedBroker, at now: Moment) {
        let member = LeaseMember(id: id, scopes: [Self.scope])
        holder = SimulatedHolder(member, partitions: partitions, life: timing.leaseLife, at: now)
        sender = StreamSender(timing: timing)
        restoration = Restoration(timing: timing)
        readRequests = broker.requests.count
    }

    mutating func step(
        _ database: inout SimulatedOutbox, _ broker: inout SimulatedBroker, at now: Moment, _ random: inout SeededRandom
    ) {
        holder.step(&database.leases, at: now)
        let held = holder.held(at: now).map { ($0.key.partition, $0.value) }
        let new = sender.hold(Dictionary(uniqueKeysWithValues: held))
        sender.adopted(new.keys.map { database.position(of: $0) }, under: new)
        if sender.isComparisonDue(at: now) { compare(&database, broker, at: now) }
        restore(&database, broker, at: now, &random)
        for request in broker.requests[min(readRequests, broker.requests.count)...] {
            sender.requested(request.partition, from: request.from)
        }
        readRequests = broker.requests.count
        for (partition, from) in sender.takeRequests(at: now) { sendAgain(partition, from: from, false, &database) }
        send(&database, &broker, &random)
        if sender.areHeadsDue(at: now) { publishHeads(database, &broker, at: now) }
    }

    /// Does at most one thing about what was told and is not known; each may be the last before a crash.
    private mutating func restore(
        _ database: inout SimulatedOutbox, _ broker: SimulatedBroker, at now: Moment, _ random: inout SeededRandom
    ) {
        for partition in sender.unchecked where !restoration.covers(partition, epoch: sender.epoch(of: partition)) {
            let waits = random.oneIn(3)
            guard let epoch = sender.epoch(of: partition), isMine(partition, database), !waits else { continue }
            if database.isBehind(partition, broker) {
                _ = restoration.found(partition, epoch: epoch, at: now)
            } else if database.uncorrected[partition]?.isEmpty == false {
                restoration.resumed(partition, epoch: epoch)
            } else {
                sender.checked([partition])
            }
        }
        let epochs = sender
        restoration.hold { epochs.epoch(of: $0) }
        let doubted = restoration.doubted
        readings = readings.filter { doubted.contains($0.key) }
        switch restoration.next(at: now, isSettled: !random.oneIn(5)) {
        case .judge: restoration.judged(spoke: false)
        case .adopt(let partition):
            guard isMine(partition, database) else { return sender.fenced([partition]) }
            if database.adopt(partition, from: broker, limit: 4, &readings[partition]) {
                restoration.adopted(partition)
            }
        case .correct(let partition):
            guard isMine(partition, database), let epoch = sender.epoch(of: partition) else {
                return sender.fenced([partition])
            }
            guard database.correct(partition, by: EventID(random.uuid()), limit: 3) else { return }
            sender.adopted([database.position(of: partition)], under: [partition: epoch])
            sender.checked([partition])
            restoration.corrected(partition)
        case nil: break
        }
    }

    private mutating func send(
        _ database: inout SimulatedOutbox, _ broker: inout SimulatedBroker, _ random: inout SeededRandom
    ) {
        switch work {
        case .none:
            var events: [Int32: [EventPlace]] = [:]
            for partition in sender.sending {
                let from = Int(database.position(of: partition).sequence)
                let chain = database.chains[partition] ?? []
                if from < chain.count { events[partition] = Array(chain[from..<min(from + 100, chain.count)]) }
            }
            let displaced = sender.displaced(events.compactMapValues { $0.first?.sequence })
            guard displaced.isEmpty else { return sender.fenced(displaced) }
            if !events.isEmpty { work = .toSend(events) }
        case .toSend(let events):
            work = .none
            var sent: [StreamSender.Sent] = []
            for (partition, list) in events.sorted(by: { $0.key < $1.key }) {
                for event in list {
                    let offset = broker.append(event, to: partition)
                    sent.append(.init(partition: partition, sequence: event.sequence, offset: offset))
                }
            }
            // The broker's answer may be lost: then nothing is marked, and all is sent again.
            if !random.oneIn(50) { work = .toMark(sent, ids: events.compactMapValues { $0.last?.id }) }
        case .toMark(let sent, let ids):
            work = .none
            let (mark, lost) = sender.delivered(sent)
            for state in mark {
                if isMine(state.partition, database) {
                    let chain = database.chains[state.partition] ?? []
                    let known = chain.count >= Int(state.sequence) ? chain[Int(state.sequence) - 1].id : nil
                    if known == ids[state.partition] { database.sent[state.partition] = state }
                } else {
                    sender.fenced([state.partition])
                }
            }
            for partition in lost { refill(partition, &database) }
        }
    }

    private mutating func compare(_ database: inout SimulatedOutbox, _ broker: SimulatedBroker, at now: Moment) {
        sender.verified(topics: true)
        let mine = sender.sending + sender.unchecked
        let ends = Dictionary(uniqueKeysWithValues: mine.map { ($0, broker.logs[$0]?.end ?? 0) })
        for partition in sender.compare(mine.map { database.position(of: $0) }, ends: ends, at: now) {
            refill(partition, &database)
        }
    }

    private mutating func refill(_ partition: Int32, _ database: inout SimulatedOutbox) {
        sendAgain(partition, from: 1, true, &database)
        sender.forgetLog(of: partition)
        restoration.lostLog(of: partition)
        readings[partition] = nil
    }

    private mutating func sendAgain(
        _ partition: Int32, from: Int64, _ logLost: Bool, _ database: inout SimulatedOutbox
    ) {
        guard isMine(partition, database) else { return sender.fenced([partition]) }
        let old = database.position(of: partition)
        database.sent[partition] = StreamSender.Sent(
            partition: partition, sequence: min(old.sequence, from - 1), offset: logLost ? -1 : old.offset)
        sender.rewound(partition, to: from)
    }

    private mutating func publishHeads(
        _ database: SimulatedOutbox, _ broker: inout SimulatedBroker, at now: Moment
    ) {
        let all = sender.sending.map { partition in
            let chain = database.chains[partition] ?? []
            return SourceHeads.Head(partition: partition, last: Int64(chain.count), eventId: chain.last?.id)
        }
        broker.heads.append(
            SourceHeads(
                origin: origin, time: Instant(microseconds: 0), heads: sender.choose(from: all, at: now),
                uncertain: sender.unchecked))
    }

    private func isMine(_ partition: Int32, _ database: SimulatedOutbox) -> Bool {
        sender.epoch(of: partition).map { database.leases.isHeld(WorkUnit(Self.scope, partition), epoch: $0) } ?? false
    }
}
