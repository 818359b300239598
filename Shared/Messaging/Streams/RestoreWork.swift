import Async
import AuditTrail
import ContractCore
import EventOutbox
import Flow
import Following
import Kafka
import Logging
import Metrics
import Postgres
import Vocabulary

/// Carries out what a `Restoration` decides: takes over what was told, and corrects it; lives in the relay's task.
final class RestoreWork {
    /// As many events as one transaction takes over, and as many aggregates as one corrects: heads are locked for a few
    /// milliseconds only.
    private static let chunk = (adopt: 200, correct: 25)
    /// For so long other partitions wait for the restoration.
    private static let turn = Duration.milliseconds(250)

    private let outbox: Outbox
    private let database: Database
    private let admin: KafkaAdmin
    private let kafka: KafkaConfiguration
    private let trust: EventTrust
    private let restatement: Restatement
    private let settling: Signal
    private let clock: FlowClock
    private let logger: Logger
    private let adopted: Counter
    private let corrected: Counter
    private(set) var state: Restoration
    /// Where the heads begin that are said while we listen.
    private var listensFrom: Int64 = 0
    private var reading: (partition: Int32, log: ToldLog)?
    /// The partitions whose log is read from its beginning, since the recorded offset is not one of this log.
    private var fromBeginning: Set<Int32> = []
    /// The events of partitions whose predecessors were not met so far.
    private var gaps: [Int32: EventPlace] = [:]
    /// The partitions in which a correction failed, to be made one by one.
    private var careful: Set<Int32> = []

    init(
        outbox: Outbox, database: Database, admin: KafkaAdmin, kafka: KafkaConfiguration, trust: EventTrust,
        restatement: Restatement, settling: Signal, timing: FlowTiming, clock: FlowClock, logger: Logger
    ) {
        self.outbox = outbox
        self.database = database
        self.admin = admin
        self.kafka = kafka
        self.trust = trust
        self.restatement = restatement
        self.settling = settling
        self.clock = clock
        self.logger = logger
        state = Restoration(timing: timing)
        let dimensions = [("source", outbox.source.rawValue)]
        adopted = Counter(label: "toegang_outbox_adopted_total", dimensions: dimensions)
        corrected = Counter(label: "toegang_outbox_corrected_total", dimensions: dimensions)
    }

    /// What is amiss, in words; nil when nothing is.
    var problem: String? {
        let source = outbox.source.rawValue
        if state.rival != nil {
            return """
                another database sends in the name of \(source): nothing is sent by this one until the other is stopped \
                and this process is started anew
                """
        }
        guard !state.doubted.isEmpty else { return nil }
        return """
            \(FollowingReport.list(state.doubted)) of \(source): the log has events of ours that the database does not \
            know; it was restored, and takes them over
            """
    }

    /// The log of a partition has more of ours than the database knows.
    func found(_ first: ToldEvent, in partition: Int32, epoch: Int64) async throws {
        let end = try await headsEnd()
        try await doubt(partition, true, epoch)
        if state.found(partition, epoch: epoch, at: clock()) { listensFrom = end }
        logger.error(
            "we told more than the database knows: it was restored, or another one sends in its name",
            metadata: [
                "partition": "\(partition)", "offset": "\(first.offset)",
                "sequence": "\(first.attributes.sequence)", "event.id": "\(first.attributes.id)",
            ])
    }

    /// Writes down whether a partition is in doubt, for those who decide by the service's own facts.
    func doubt(_ partition: Int32, _ isDoubted: Bool, _ epoch: Int64) async throws {
        try await database.transaction { [source = outbox.source] session in
            try LeaseStore.fence(WorkUnit(OutboxRelay.scope(of: source), partition), epoch: epoch, in: session)
            try AdoptionStore.doubt(partition, of: source, isDoubted, in: session)
        }
    }

    /// What an earlier owner of the partition took over is still to be corrected.
    func resumed(_ partition: Int32, epoch: Int64) { state.resumed(partition, epoch: epoch) }

    /// Somebody wrote behind what this instance sent, and it is not in the database.
    func overrun(by event: ToldEvent, in partition: Int32) {
        state.overrun()
        logger.critical(
            "another database sends in our name: nothing is sent any more; stop the other one, then start this one anew",
            metadata: [
                "partition": "\(partition)", "offset": "\(event.offset)", "event.id": "\(event.attributes.id)",
            ])
    }

    func lostLog(of partition: Int32) { state.lostLog(of: partition) }

    /// Goes on for a while with what is to be done.
    func advance(_ sender: inout StreamSender) async throws {
        state.hold { sender.epoch(of: $0) }
        guard !state.doubted.isEmpty, state.rival == nil else { return }
        let isSettled = try await isSettled()
        if !isSettled { settling.nudge() }
        let end = clock() + Self.turn
        while let action = state.next(at: clock(), isSettled: isSettled) {
            do {
                try await carryOut(action, &sender)
            } catch is Fenced {
                sender.fenced(Self.partition(of: action))
                state.hold { sender.epoch(of: $0) }
            }
            guard clock() < end, !Task.isCancelled else {
                outbox.signal.nudge()
                return
            }
            if case .judge = action { return outbox.signal.nudge() }
        }
    }

    private static func partition(of action: Restoration.Action) -> Set<Int32> {
        switch action {
        case .judge: []
        case .adopt(let partition), .correct(let partition): [partition]
        }
    }

    private func carryOut(_ action: Restoration.Action, _ sender: inout StreamSender) async throws {
        switch action {
        case .judge: try await judge()
        case .adopt(let partition):
            guard let epoch = sender.epoch(of: partition) else { return }
            if try await adopt(partition, epoch) { state.adopted(partition) }
        case .correct(let partition):
            guard let epoch = sender.epoch(of: partition), try await correct(partition, epoch) else { return }
            try await doubt(partition, false, epoch)
            let found = try await database.read { [source = outbox.source] session in
                try OutboxStore.sent([partition], of: source, in: session)
            }
            sender.adopted(found, under: [partition: epoch])
            sender.checked([partition])
            state.corrected(partition)
            careful.remove(partition)
            logger.notice(
                "what was told and is not so any more is corrected, the partition is sent again",
                metadata: ["partition": "\(partition)"])
        }
    }

    // MARK: - Listening

    private func headsEnd() async throws -> Int64 {
        let place = TopicPartition(Topic.heads, 0)
        return try await admin.endOffsets(of: [place])[place] ?? 0
    }

    /// Whoever has the database knows each event that is said to be the last one; a copy does not.
    private func judge() async throws {
        let said = try await SpokenHeads.events(
            of: outbox.origin, from: listensFrom, to: headsEnd(), kafka: kafka, trust: trust, logger: logger)
        let now = OutboxRelay.now()
        let known = try await database.read { session in try OutboxStore.known(Array(said), in: session) }
        let spoke = !said.subtracting(known).isEmpty
        if spoke {
            logger.critical(
                """
                another database sends in our name, and this one does not know its events: it is a copy, and sends \
                nothing
                """)
        } else {
            try await database.transaction { session in try RestorationStore.begin(at: now, in: session) }
            settling.nudge()
        }
        state.judged(spoke: spoke)
    }

    private func isSettled() async throws -> Bool {
        try await database.read { session in try RestorationStore.unsettled(in: session) } == nil
    }

    // MARK: - Taking over

    /// Takes over the next part of what was told of a partition; true when that was all.
    private func adopt(_ partition: Int32, _ epoch: Int64) async throws -> Bool {
        let log = try await log(of: partition)
        let events: [ToldEvent]
        do {
            events = try await log.events(max: Self.chunk.adopt)
            if events.isEmpty {
                await closeLog()
                return try isWhole(partition)
            }
            let plan = try await write(events, partition, epoch)
            adopted.increment(by: plan.adopted.count)
            for event in plan.foreign { passOver(event, partition) }
            gaps[partition] = plan.gap
            return false
        } catch {
            await closeLog()
            throw error
        }
    }

    /// Whether nothing is missing of a log that was read to its end; false when it has to be read from its beginning.
    private func isWhole(_ partition: Int32) throws -> Bool {
        if let gap = gaps[partition] {
            // The log may have been lost and filled again since the backup: then the recorded offset lies elsewhere.
            guard fromBeginning.insert(partition).inserted else {
                throw ToldIncomplete(partition: partition, sequence: gap.sequence)
            }
            return false
        }
        fromBeginning.remove(partition)
        return true
    }

    private func write(_ events: [ToldEvent], _ partition: Int32, _ epoch: Int64) async throws -> Adoption {
        let entry = act.record(.adoptOutbox)
        let place = Positions.Place(outbox.source, partition)
        let (open, isWhole, corrects) = (gaps[partition], outbox.keeping == nil, restatement.restate != nil)
        return try await database.transaction { session in
            try LeaseStore.fence(
                WorkUnit(OutboxRelay.scope(of: place.source), partition), epoch: epoch, in: session)
            return try AdoptionStore.adopt(
                events, at: place, open: open, isWhole: isWhole, corrects: corrects, audit: entry, in: session)
        }
    }

    private func passOver(_ event: EventPlace, _ partition: Int32) {
        logger.error(
            "an event of another database that sent in our name has a number of ours; readers have the one they read first",
            metadata: [
                "partition": "\(partition)", "sequence": "\(event.sequence)", "event.id": "\(event.id)",
            ])
    }

    private func log(of partition: Int32) async throws -> ToldLog {
        if let reading, reading.partition == partition { return reading.log }
        await closeLog()
        let place = TopicPartition(outbox.source.topic, partition)
        let sent = try await database.read { [source = outbox.source] session in
            try OutboxStore.sent([partition], of: source, in: session)
        }
        let end = try await admin.endOffsets(of: [place])[place] ?? 0
        let offset = fromBeginning.contains(partition) ? -1 : sent.first?.offset ?? -1
        let log = try await ToldLog(
            outbox.origin, partition: partition, from: ToldStart.after(offset, end: end), to: end, kafka: kafka,
            trust: trust, logger: logger)
        reading = (partition, log)
        gaps[partition] = nil
        return log
    }

    /// Lets go of the log that is being read.
    func closeLog() async {
        await reading?.log.close()
        reading = nil
    }

    // MARK: - Correcting

    /// Corrects the next aggregates of a partition; true when none is left.
    private func correct(_ partition: Int32, _ epoch: Int64) async throws -> Bool {
        guard let restate = restatement.restate else { return true }
        do {
            let count = try await correct(partition, epoch, isCareful: careful.contains(partition), restate)
            corrected.increment(by: count)
            return count == 0
        } catch let error where Self.isAboutOne(error) {
            guard careful.contains(partition) else {
                careful.insert(partition)
                return false
            }
            // It cannot be read, so it is no fact: what was told of it is taken back, and nobody has to wait for it.
            logger.error(
                "an aggregate cannot be restated after the restoration, what was told of it is taken back",
                metadata: ["partition": "\(partition)", "error": "\(Self.kind(of: error))"])
            let count = try await correct(partition, epoch, isCareful: true) { _, _ in nil }
            corrected.increment(by: count)
            return false
        }
    }

    private func correct(
        _ partition: Int32, _ epoch: Int64, isCareful: Bool, _ restate: @escaping Restatement.Restate
    ) async throws -> Int {
        let (outbox, entry) = (outbox, act.record(.correctOutbox))
        let (place, takeBack) = (Positions.Place(outbox.source, partition), restatement.takeBack)
        return try await outbox.transaction(on: database) { session in
            try LeaseStore.fence(
                WorkUnit(OutboxRelay.scope(of: place.source), partition), epoch: epoch, in: session)
            let told = try AdoptionStore.uncorrected(
                place, limit: isCareful ? 1 : Self.chunk.correct, in: session)
            guard !told.isEmpty else { return 0 }
            let drafts = try told.flatMap { told in
                try restate(told, session).map { [$0] } ?? takeBack(told)
            }
            try AdoptionStore.corrected(told, of: place.source, in: session)
            try outbox.append(drafts, audit: entry, in: session)
            return told.count
        }
    }

    /// Whether an error is about what is to be corrected, and not about the database or the lease.
    private static func isAboutOne(_ error: any Error) -> Bool {
        if error is Fenced || error is CancellationError { return false }
        guard let error = error as? PostgresError else { return true }
        return !error.isUnavailable && !error.mayPass && error.kind != .cancelled
    }

    /// Says what kind of error it is without quoting data.
    private static func kind(of error: any Error) -> String {
        (error as? PostgresError)?.description ?? String(describing: type(of: error))
    }

    /// What this restoration does by itself; nothing in it asks for the day.
    private var act: ProgramAct {
        let word = { @Sendable in UInt64.random(in: 1 ... .max) }
        return Acts(
            service: outbox.source.owner, now: OutboxRelay.now, civil: .universal,
            newID: { UUIDv7.make(at: OutboxRelay.now(), random: (word(), word())) },
            newTrace: { TraceContext(high: word(), low: word(), span: word(), sampled: false) }
        ).own(run: "restoration")
    }
}

/// From where what we told is read.
enum ToldStart {
    /// Behind the recorded offset; from the beginning when the log ends before it: then it is another log than that.
    static func after(_ offset: Int64, end: Int64) -> Int64 {
        end <= offset ? 0 : offset.saturatingAdding(1)
    }
}

/// The log has an event of ours whose predecessors neither it nor the database has.
struct ToldIncomplete: Error, CustomStringConvertible {
    let partition: Int32
    let sequence: Int64

    var description: String {
        """
        the log of partition \(partition) has our event \(sequence) and not the ones before it, which the database does \
        not have either
        """
    }
}
