import Async
import ContractCore
import EventOutbox
import Flow
import Following
import FoundationEssentials
import Kafka
import Logging
import Metrics
import Postgres
import Vocabulary

/// Carries out what a `StreamSender` decides, each time it is woken; lives in one task.
final class RelayWork {
    private let outbox: Outbox
    private let database: Database
    private let channel: String
    private let producer: KafkaProducer
    private let admin: KafkaAdmin
    private let topics: TopicSettings
    private let told: UnknownTold
    private let seal: RecordSealer
    private let leases: LeaseKeeper
    private let requests: ResendInbox
    private let health: FlowHealth
    private let history: FlowHealth
    private let clock: FlowClock
    private let logger: Logger
    private let relayed: Counter
    private let restoring: RestoreWork
    private var sender: StreamSender
    /// Up to where the logs of partitions were looked through for what another one sent in our name.
    private var inspected: [Int32: Int64] = [:]

    init(
        outbox: Outbox, database: Database, channel: String, producer: KafkaProducer, admin: KafkaAdmin,
        kafka: KafkaConfiguration, trust: EventTrust, leases: LeaseKeeper, requests: ResendInbox,
        health: FlowHealth, history: FlowHealth, restoring: RestoreWork,
        timing: FlowTiming, clock: FlowClock, logger: Logger
    ) {
        self.outbox = outbox
        self.database = database
        self.channel = channel
        self.producer = producer
        self.admin = admin
        topics = kafka.topics
        told = UnknownTold(outbox: outbox, database: database, kafka: kafka, trust: trust, logger: logger)
        seal = RecordSealer(trust)
        self.history = history
        self.restoring = restoring
        self.leases = leases
        self.requests = requests
        self.health = health
        self.clock = clock
        self.logger = logger
        sender = StreamSender(timing: timing)
        relayed = Counter(
            label: "toegang_outbox_relayed_total", dimensions: [("source", outbox.source.rawValue)])
    }

    func run() async {
        await relay()
        await restoring.closeLog()
    }

    private func relay() async {
        for await _ in outbox.signal.stream {
            if Task.isCancelled { return }
            do {
                try await pass()
                if health.note(nil) { logger.notice("outbox is sent again") }
            } catch {
                if Task.isCancelled { return }
                if health.note("\(error)") {
                    logger.warning("outbox cannot be sent now", metadata: ["error": "\(error)"])
                }
                // A lost log shows itself first as failing messages.
                sender.verified(topics: false)
            }
        }
    }

    private func pass() async throws {
        let local = outbox.signal.takeLocal()
        try await adopt()
        if local { try await tellOthers() }
        if sender.isComparisonDue(at: clock()) { try await compareLog() }
        try await checkNew()
        try await answerRequests()
        while try await publish(), !Task.isCancelled {}
        try await publishHeads()
    }

    /// Takes over partitions whose lease is new, and lets go of those whose lease went.
    private func adopt() async throws {
        let held = leases.held.map { ($0.key.partition, $0.value) }
        let new = sender.hold(Dictionary(uniqueKeysWithValues: held))
        guard !new.isEmpty else { return }
        let found = try await database.read { [source = outbox.source] session in
            try OutboxStore.sent(Array(new.keys), of: source, in: session)
        }
        sender.adopted(found, under: new)
    }

    /// Looks at what lies in the log of partitions that were taken over, before anything is sent there.
    ///
    /// What the last owner sent and could not write down is known, and sent again; readers pass over it. What we told and
    /// the database does not know means that it was restored from a backup, or that another database sends in our name:
    /// nothing is sent over it, and readers are told that the partition is uncertain until it is taken over.
    private func checkNew() async throws {
        let waiting = sender.unchecked.filter { !restoring.state.covers($0, epoch: sender.epoch(of: $0)) }
        if !waiting.isEmpty { try await check(waiting) }
        try await restoring.advance(&sender)
        history.note(restoring.problem)
    }

    private func check(_ partitions: [Int32]) async throws {
        let topic = outbox.source.topic
        let (sent, begun, doubted) = try await database.read { [source = outbox.source] session in
            (
                try OutboxStore.sent(partitions, of: source, in: session),
                try AdoptionStore.uncorrectedPartitions(partitions, of: source, in: session),
                try AdoptionStore.doubted(partitions, of: source, in: session)
            )
        }
        let ends = try await admin.endOffsets(of: partitions.map { TopicPartition(topic, $0) })
        for state in sent {
            guard let epoch = sender.epoch(of: state.partition) else { continue }
            let end = ends[TopicPartition(topic, state.partition)] ?? 0
            if let first = try await told.first(behind: state, to: end) {
                try await restoring.found(first, in: state.partition, epoch: epoch)
            } else if begun.contains(state.partition) {
                restoring.resumed(state.partition, epoch: epoch)
            } else {
                // The log was lost meanwhile, and with it what was told there.
                if doubted.contains(state.partition) { try await restoring.doubt(state.partition, false, epoch) }
                sender.checked([state.partition])
            }
        }
    }

    /// Looks at what lies behind what this instance sent: nobody else sends there but another database with our key.
    private func watch(_ sent: [StreamSender.Sent], _ ends: [Int32: Int64]) async throws {
        for state in sender.overrun(sent, ends: ends) {
            guard let end = ends[state.partition], inspected[state.partition] ?? 0 < end else { continue }
            let from = max(state.offset, (inspected[state.partition] ?? 0).saturatingSubtracting(1))
            let behind = StreamSender.Sent(partition: state.partition, sequence: state.sequence, offset: from)
            if let event = try await told.first(behind: behind, to: end) {
                restoring.overrun(by: event, in: state.partition)
            }
            inspected[state.partition] = end
        }
    }

    /// Sends one batch; false when there was nothing.
    private func publish() async throws -> Bool {
        let partitions = sender.sending
        guard !partitions.isEmpty, restoring.state.rival == nil else { return false }
        let events = try await database.read { [source = outbox.source] session in
            try OutboxStore.pending(partitions, of: source, in: session)
        }
        let first = Dictionary(events.map { ($0.partition, $0.sequence) }) { first, _ in first }
        let displaced = sender.displaced(first)
        guard displaced.isEmpty else {
            sender.fenced(displaced)
            outbox.signal.nudge()
            return false
        }
        guard !events.isEmpty else { return false }
        let topic = outbox.source.topic
        let offsets = try await producer.send(try messages(events, topic))
        let (mark, lost) = sender.delivered(
            zip(events, offsets).map { event, offset in
                StreamSender.Sent(partition: event.partition, sequence: event.sequence, offset: offset)
            })
        relayed.increment(by: events.count)
        let ids = Dictionary(events.map { ($0.partition, $0.id) }) { _, last in last }
        try await fenced(Set(mark.map(\.partition))) { [source = outbox.source] owned, session in
            try OutboxStore.mark(mark.filter { owned.contains($0.partition) }, ids: ids, of: source, in: session)
        }
        for partition in lost { try await refill(partition) }
        return true
    }

    /// Signs the events, which lie in the order of their partitions: one signature for each run of a partition.
    private func messages(_ events: [PendingEvent], _ topic: String) throws -> [KafkaMessage] {
        try Dictionary(grouping: events, by: \.partition).sorted { $0.key < $1.key }.flatMap { partition, events in
            try seal.messages(
                events.map { (Array($0.key.uuidString.lowercased().utf8), Array($0.envelope.utf8)) },
                topic: topic, partition: partition)
        }
    }

    /// Compares the topics and the broker's end offsets with what was sent.
    private func compareLog() async throws {
        let topic = outbox.source.topic
        if try await admin.partitionCount(of: topic) != Topic.partitions { sender.verified(topics: false) }
        if !sender.topicsVerified {
            try await Topics.ensure(outbox.source, admin, topics)
            producer.know(topic)
            sender.verified(topics: true)
        }
        let partitions = sender.sending + sender.unchecked
        // Offsets are read before the ends are asked for: the other way round a message of a moment ago looked lost.
        let sent = try await database.read { [source = outbox.source] session in
            try OutboxStore.sent(partitions, of: source, in: session)
        }
        let wentBack = sender.wentBack(sent)
        guard wentBack.isEmpty else {
            sender.fenced(wentBack)
            return outbox.signal.nudge()
        }
        let ends = try await admin.endOffsets(of: partitions.map { TopicPartition(topic, $0) })
        let byPartition = Dictionary(uniqueKeysWithValues: ends.map { ($0.key.partition, $0.value) })
        for partition in sender.compare(sent, ends: byPartition, at: clock()) { try await refill(partition) }
        if restoring.state.rival == nil { try await watch(sent, byPartition) }
    }

    /// The broker lost the partition's log, or its end: all of it is sent again.
    private func refill(_ partition: Int32) async throws {
        logger.warning(
            "the broker lost events, they are sent again",
            metadata: ["topic": "\(outbox.source.topic)", "partition": "\(partition)"])
        try await sendAgain(partition, from: 1, logLost: true)
        sender.forgetLog(of: partition)
        // What was told there is gone with the log.
        restoring.lostLog(of: partition)
        inspected[partition] = nil
    }

    private func answerRequests() async throws {
        for (partition, sequence) in requests.fetch() { sender.requested(partition, from: sequence) }
        for (partition, sequence) in sender.takeRequests(at: clock()) {
            logger.notice(
                "events are sent again on request",
                metadata: ["topic": "\(outbox.source.topic)", "partition": "\(partition)", "from": "\(sequence)"])
            try await sendAgain(partition, from: sequence, logLost: false)
        }
    }

    private func sendAgain(_ partition: Int32, from sequence: Int64, logLost: Bool) async throws {
        try await fenced([partition]) { [source = outbox.source] _, session in
            try OutboxStore.sendAgain(partition, of: source, from: sequence, logLost: logLost, in: session)
        }
        sender.rewound(partition, to: sequence)
    }

    /// Writes about partitions as far as they are ours still, and lets go of the others.
    private func fenced(
        _ partitions: Set<Int32>, _ write: @Sendable (Set<Int32>, borrowing Session) throws -> Void
    ) async throws {
        let mine = partitions.compactMap { partition in
            sender.epoch(of: partition).map { (WorkUnit(OutboxRelay.scope(of: outbox.source), partition), $0) }
        }
        let epochs = Dictionary(uniqueKeysWithValues: mine)
        let owned = try await database.transaction { session in
            let owned = Set(try LeaseStore.held(epochs, in: session).map(\.partition))
            if !owned.isEmpty { try write(owned, session) }
            return owned
        }
        sender.fenced(partitions.subtracting(owned))
    }

    private func publishHeads() async throws {
        let now = clock()
        guard sender.areHeadsDue(at: now) else { return }
        // A copy keeps silent, so that the readers of the other hear that one alone.
        guard restoring.state.rival != .speaks else { return }
        let partitions = restoring.state.rival == nil ? sender.sending : []
        let current = try await database.read { [source = outbox.source] session in
            try OutboxStore.heads(partitions, of: source, in: session)
        }
        let due = sender.choose(from: current, at: now)
        let uncertain = restoring.state.rival == nil ? sender.unchecked : sender.unchecked + sender.sending
        guard !due.isEmpty || !uncertain.isEmpty else { return }
        try await send(SourceHeads(origin: outbox.origin, time: OutboxRelay.now(), heads: due, uncertain: uncertain))
    }

    private func send(_ heads: SourceHeads) async throws {
        _ = try await producer.send(
            try seal.messages(
                [(Array(outbox.source.rawValue.utf8), Array(try JSONEncoder().encode(heads)))], topic: Topic.heads,
                partition: 0))
    }

    /// Wakes the relays of other instances, outside any transaction that writes: a notification takes a lock of the
    /// whole server until its commit.
    private func tellOthers() async throws {
        let (own, channel) = (sender.sending, channel)
        guard own.count < Topic.partitions else { return }
        try await database.read { [source = outbox.source] session in
            if try OutboxStore.othersHaveWork(except: own, of: source, in: session) {
                try session.execute("SELECT pg_notify(\(channel), '')")
            }
        }
    }
}
