import ContractCore
import Flow
import FoundationEssentials
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

    /// The source reads what it told others and takes it over; its own events that nobody has read go behind that.
    mutating func adopt(_ partition: Int32, from broker: SimulatedBroker) {
        let own = chains[partition] ?? []
        let told = (broker.logs[partition]?.records ?? []).reduce(into: [Int64: EventPlace]()) { known, event in
            known[event.sequence] = known[event.sequence] ?? event
        }
        let sentNumber = Int(position(of: partition).sequence)
        var next = Int64(sentNumber) + 1
        var chain = Array(own.prefix(sentNumber))
        while let event = told[next], event.previous == chain.last?.id {
            chain.append(EventPlace(sequence: next, id: event.id, previous: event.previous, offset: -1))
            next += 1
        }
        guard chain.count > sentNumber else { return }
        let adopted = Set(chain.map(\.id))
        chains[partition] = chain
        for event in own.dropFirst(sentNumber) where !adopted.contains(event.id) { write(event.id, to: partition) }
    }
}

/// An instance of the service that owns the events; each call of `step` does one thing, so it can be cut off anywhere.
struct SimulatedRelay {
    static let scope = "outbox"

    private enum Work {
        case none
        case toSend([Int32: [EventPlace]])
        case toMark([StreamSender.Sent])
    }

    var holder: SimulatedHolder
    private var sender: StreamSender
    private var work = Work.none
    private var readRequests: Int

    init(_ id: UUID, timing: FlowTiming, partitions: Int, broker: SimulatedBroker, at now: Moment) {
        let member = LeaseMember(id: id, scopes: [Self.scope])
        holder = SimulatedHolder(member, partitions: partitions, life: timing.leaseLife, at: now)
        sender = StreamSender(timing: timing)
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
        for partition in sender.unchecked where !random.oneIn(3) {
            guard isMine(partition, database) else { continue }
            database.adopt(partition, from: broker)
            sender.checked([partition])
        }
        for request in broker.requests[min(readRequests, broker.requests.count)...] {
            sender.requested(request.partition, from: request.from)
        }
        readRequests = broker.requests.count
        for (partition, from) in sender.takeRequests(at: now) { sendAgain(partition, from: from, false, &database) }
        send(&database, &broker, &random)
        if sender.areHeadsDue(at: now) { publishHeads(database, &broker, at: now) }
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
            if !random.oneIn(50) { work = .toMark(sent) }
        case .toMark(let sent):
            work = .none
            let (mark, lost) = sender.delivered(sent)
            for state in mark {
                if isMine(state.partition, database) {
                    database.sent[state.partition] = state
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
    }

    private mutating func sendAgain(
        _ partition: Int32, from: Int64, _ logLost: Bool, _ database: inout SimulatedOutbox
    ) {
        guard isMine(partition, database) else { return sender.fenced([partition]) }
        let old = database.position(of: partition)
        database.sent[partition] = StreamSender.Sent(
            partition: partition, sequence: min(old.sequence, from - 1), offset: logLost ? -1 : old.offset)
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
