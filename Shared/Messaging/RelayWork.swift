import ContractCore
import FoundationEssentials
import Kafka
import Logging
import Metrics
import Postgres
import Vocabulary

/// What a relay does each time it is woken; lives in one task.
final class RelayWork {
    private let outbox: Outbox
    private let database: Database
    private let channel: String
    private let producer: KafkaProducer
    private let admin: KafkaAdmin
    private let leases: LeaseKeeper
    private let requests: ResendInbox
    private let timing: MessagingTiming
    private let logger: Logger
    private let relayed: Counter
    private let unsent: Gauge

    /// The partitions that are ours, with the epochs of their leases.
    private var epochs: [Int32: Int64] = [:]
    /// The highest offset that our messages got, by partition.
    private var offsets: [Int32: Int64] = [:]
    private var topicsChecked = false
    private var nextCheck = ContinuousClock.now
    private var sentAgain: [Int32: ContinuousClock.Instant] = [:]
    private var heads: HeadsSchedule
    private var healthy = true

    init(
        outbox: Outbox, database: Database, channel: String, producer: KafkaProducer, admin: KafkaAdmin,
        leases: LeaseKeeper, requests: ResendInbox, timing: MessagingTiming, logger: Logger
    ) {
        self.outbox = outbox
        self.database = database
        self.channel = channel
        self.producer = producer
        self.admin = admin
        self.leases = leases
        self.requests = requests
        self.timing = timing
        self.logger = logger
        self.heads = HeadsSchedule(all: timing.allHeads)
        let dimensions = [("source", outbox.source.rawValue)]
        relayed = Counter(label: "toegang_outbox_relayed_total", dimensions: dimensions)
        unsent = Gauge(label: "toegang_outbox_unsent", dimensions: dimensions)
    }

    func run() async {
        for await _ in outbox.signal.stream {
            if Task.isCancelled { return }
            do {
                try await pass()
                if !healthy { logger.notice("outbox is sent again") }
                healthy = true
            } catch {
                if Task.isCancelled { return }
                if healthy { logger.warning("outbox cannot be sent now", metadata: ["error": "\(error)"]) }
                healthy = false
                // A lost log shows itself first as failing messages.
                topicsChecked = false
            }
        }
    }

    private func pass() async throws {
        let local = outbox.signal.takeLocal()
        try await adopt()
        if local { try await tellOthers() }
        if !topicsChecked || ContinuousClock.now >= nextCheck { try await compareLog() }
        try await answerRequests()
        while try await publish(), !Task.isCancelled {}
        try await publishHeads()
    }

    /// Takes over partitions whose lease is new, and lets go of those whose lease went.
    private func adopt() async throws {
        var held: [Int32: Int64] = [:]
        for (unit, epoch) in leases.held {
            if let partition = Int32(unit) { held[partition] = epoch }
        }
        let new = held.filter { epochs[$0.key] != $0.value }
        for partition in epochs.keys where held[partition] == nil {
            epochs[partition] = nil
            offsets[partition] = nil
        }
        guard !new.isEmpty else { return }
        let states = try await database.transaction { session in try OutboxStore.adopt(new, in: session) }
        for state in states {
            epochs[state.partition] = new[state.partition]
            offsets[state.partition] = state.offset
        }
    }

    /// Sends one batch; false when there was nothing.
    private func publish() async throws -> Bool {
        let partitions = Array(epochs.keys)
        guard !partitions.isEmpty else { return false }
        let events = try await database.read { session in try OutboxStore.pending(partitions, in: session) }
        guard !events.isEmpty else { return false }
        let topic = outbox.source.topic
        let given = try await producer.send(
            events.map { event in
                KafkaMessage(
                    topic: topic, partition: event.partition, key: Array(event.key.uuidString.lowercased().utf8),
                    value: Array(event.envelope.utf8),
                    headers: [KafkaHeader("content-type", text: "application/cloudevents+json")])
            })
        var sent: [Int32: RelayState] = [:]
        var lost: Set<Int32> = []
        for (event, offset) in zip(events, given) {
            if offset <= offsets[event.partition] ?? -1 { lost.insert(event.partition) }
            let state = RelayState(partition: event.partition, sequence: event.sequence, offset: offset)
            sent[event.partition] = state
            offsets[event.partition] = offset
        }
        let (states, epochs) = (Array(sent.values), epochs)
        let marked = try await database.transaction { session in
            try OutboxStore.mark(states, epochs: epochs, in: session)
        }
        relayed.increment(by: events.count)
        for partition in sent.keys where !marked.contains(partition) { self.epochs[partition] = nil }
        for partition in lost { try await refill(partition) }
        return true
    }

    /// Compares the topic and the broker's end offsets with what was sent.
    private func compareLog() async throws {
        if try await admin.partitionCount(of: outbox.source.topic) != Topic.partitions { topicsChecked = false }
        if !topicsChecked {
            try await Topics.ensure(outbox.source, admin)
            producer.know(outbox.source.topic)
            topicsChecked = true
        }
        let partitions = Array(epochs.keys)
        guard !partitions.isEmpty else { return }
        // Offsets are read before the ends are asked for: the other way round a message of a moment ago looked lost.
        let states = try await database.read { session in try OutboxStore.states(partitions, in: session) }
        let topic = outbox.source.topic
        let ends = try await admin.endOffsets(of: partitions.map { TopicPartition(topic, $0) })
        for state in states {
            guard let end = ends[TopicPartition(topic, state.partition)], end <= state.offset else { continue }
            try await refill(state.partition)
        }
        nextCheck = .now + timing.heads
    }

    /// The broker lost the partition's log, or its end: all of it is sent again.
    private func refill(_ partition: Int32) async throws {
        guard let epoch = epochs[partition] else { return }
        logger.warning(
            "the broker lost events, they are sent again",
            metadata: ["topic": "\(outbox.source.topic)", "partition": "\(partition)"])
        try await database.transaction { session in
            try OutboxStore.sendAgain(partition, from: 1, logLost: true, epoch: epoch, in: session)
        }
        offsets[partition] = -1
    }

    private func answerRequests() async throws {
        for (partition, sequence) in requests.take() {
            guard let epoch = epochs[partition] else { continue }
            // Several readers miss the same event at the same time.
            if let last = sentAgain[partition], ContinuousClock.now - last < timing.resend / 2 { continue }
            sentAgain[partition] = .now
            logger.notice(
                "events are sent again on request",
                metadata: ["topic": "\(outbox.source.topic)", "partition": "\(partition)", "from": "\(sequence)"])
            try await database.transaction { session in
                try OutboxStore.sendAgain(partition, from: sequence, logLost: false, epoch: epoch, in: session)
            }
        }
    }

    private func publishHeads() async throws {
        guard heads.isDue(every: timing.heads), !epochs.isEmpty else { return }
        let partitions = Array(epochs.keys)
        let (current, behind) = try await database.read { session in
            try OutboxStore.heads(partitions, in: session)
        }
        unsent.record(behind)
        let due = heads.choose(from: current)
        guard !due.isEmpty else { return }
        let now = Instant(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000))
        let message = SourceHeads(source: outbox.source, time: now, heads: due)
        _ = try await producer.send(
            topic: Topic.heads, partition: 0, key: Array(outbox.source.rawValue.utf8),
            value: Array(try JSONEncoder().encode(message)))
    }

    /// Wakes the relays of other instances, outside any transaction that writes: a notification takes a lock of the
    /// whole server until its commit.
    private func tellOthers() async throws {
        let (own, channel) = (Array(epochs.keys), channel)
        guard own.count < Topic.partitions else { return }
        try await database.read { session in
            if try OutboxStore.othersHaveWork(except: own, in: session) {
                try session.execute("SELECT pg_notify(\(channel), '')")
            }
        }
    }
}

/// Which heads are published when: a changed one for ten seconds, all of them now and then.
struct HeadsSchedule {
    private let all: Duration
    private var last: [Int32: (sequence: Int64, since: ContinuousClock.Instant)] = [:]
    private var nextTime = ContinuousClock.now
    private var nextAll = ContinuousClock.now

    init(all: Duration) { self.all = all }

    mutating func isDue(every interval: Duration) -> Bool {
        guard ContinuousClock.now >= nextTime else { return false }
        nextTime = .now + interval
        return true
    }

    mutating func choose(from heads: [SourceHeads.Head], at now: ContinuousClock.Instant = .now) -> [SourceHeads.Head] {
        let everything = now >= nextAll
        if everything { nextAll = now + all }
        return heads.filter { head in
            let known = last[head.partition]
            if known?.sequence != head.sequence { last[head.partition] = (head.sequence, now) }
            let since = last[head.partition]?.since ?? now
            return everything || now - since < .seconds(10)
        }
    }
}
