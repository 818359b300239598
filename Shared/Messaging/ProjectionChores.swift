import Contracts
import FoundationEssentials
import Kafka
import Logging
import Metrics
import Postgres
import Vocabulary

// What is done beside applying events: heads, gaps, parked events, the first catch-up, metrics.
extension ProjectionWork {
    /// Takes note of a source's heads.
    func see(_ record: KafkaRecord) async throws {
        guard let message = try? JSONDecoder().decode(SourceHeads.self, from: Data(record.value)) else {
            metrics.undecodable.increment()
            return
        }
        heard(message.source)
        let now = ContinuousClock.now
        for head in message.heads {
            for unit in progress.keys where unit.source == message.source && unit.partition == head.partition {
                if progress[unit]?.see(head, at: now, patience: timing.patience) == true {
                    try await halt(unit, .diverged)
                }
            }
        }
    }

    /// The next event of a unit is not where it should be.
    ///
    /// First the log is read again from its beginning, since the offset may belong to a log that was lost meanwhile. If
    /// that does not help, the partition is halted and the source is asked, until the event comes.
    func miss(_ unit: ProjectionUnit) async throws {
        guard var current = progress[unit], current.halt != .diverged else { return }
        let now = ContinuousClock.now
        if !current.rewound {
            current.rewound = true
            current.behindSince = now
            progress[unit] = current
            try await go(to: [TopicPartitionOffset(partition(of: unit), .beginning)])
            return
        }
        try await halt(unit, .gap)
        if let asked = current.askedAt, now - asked < timing.resend { return }
        progress[unit]?.askedAt = now
        let request = ResendRequest(
            source: unit.source, partition: unit.partition, from: current.sequence.saturatingAdding(1),
            projection: unit.projection)
        _ = try await producer.send(
            topic: Topic.resend, partition: 0, key: Array(unit.source.rawValue.utf8),
            value: Array(try JSONEncoder().encode(request)))
    }

    /// Records once that a partition does not move.
    func halt(_ unit: ProjectionUnit, _ reason: PartitionProgress.Halt) async throws {
        guard let current = progress[unit], current.halt != reason else { return }
        try await database.transaction { session in try ProjectionStore.halt(current, reason, in: session) }
        progress[unit]?.halt = reason
        logger.error(
            reason == .gap
                ? "an event is missing and was asked for; what depends on the partition is refused meanwhile"
                : "a source tells another past than before; the projection must be rebuilt, what depends on it is refused",
            metadata: [
                "projection": "\(unit.projection)", "source": "\(unit.source.rawValue)",
                "partition": "\(unit.partition)", "sequence": "\(current.sequence)",
            ])
    }

    /// What comes up a few times a second.
    func chores() async throws {
        try await lookForMissing()
        try await retryParked()
        try await noteCatchUp()
        metrics.record(progress.values)
    }

    private func lookForMissing() async throws {
        let now = ContinuousClock.now
        for current in progress.values where current.halt != .diverged {
            let patience = current.rewound ? timing.resend : timing.patience
            if let since = current.behindSince, now - since > patience { try await miss(current.unit) }
        }
    }

    private func retryParked() async throws {
        for current in progress.values where !current.parkedKeys.isEmpty {
            guard let projection = projections[current.unit.projection] else { continue }
            let unit = current.unit
            let due = try await database.read { session in try ParkedStore.due(of: unit, in: session) }
            for key in due {
                do {
                    guard try await applier(of: projection).retry(key, current) else { continue }
                    progress[unit]?.parkedKeys.remove(key)
                    logger.notice(
                        "parked events of an aggregate are handled", metadata: ["projection": "\(unit.projection)"])
                } catch is PositionConflict {
                    progress[unit] = nil
                    break
                }
            }
        }
    }

    /// Tells the database which partitions have seen all that was there, the first time they have.
    private func noteCatchUp() async throws {
        let waiting = progress.values.filter { !$0.caughtUp }
        guard !waiting.isEmpty else { return }
        let ends = try await admin.endOffsets(of: Array(Set(waiting.map { partition(of: $0.unit) })))
        let reached = waiting.filter { current in
            let partition = partition(of: current.unit)
            guard let end = ends[partition] else { return false }
            return max(seen[partition] ?? -1, current.offset) >= end - 1
        }
        guard !reached.isEmpty else { return }
        try await database.transaction { session in try ProjectionStore.caughtUp(reached, in: session) }
        for current in reached { progress[current.unit]?.caughtUp = true }
    }
}

/// The figures of a runner's projections.
struct ProjectionMetrics {
    private struct Figures {
        let applied, stale, unknownType, parkedTotal: Counter
        let lag, parked, halted: Gauge
    }

    let undecodable = Counter(label: "toegang_projection_undecodable_total")
    private let figures: [String: Figures]

    init(_ projections: [Projection]) {
        figures = Dictionary(
            uniqueKeysWithValues: projections.map { projection in
                let dimensions = [("projection", projection.name), ("source", projection.source.rawValue)]
                return (
                    projection.name,
                    Figures(
                        applied: Counter(label: "toegang_projection_applied_total", dimensions: dimensions),
                        stale: Counter(label: "toegang_projection_stale_total", dimensions: dimensions),
                        unknownType: Counter(label: "toegang_projection_unknown_type_total", dimensions: dimensions),
                        parkedTotal: Counter(label: "toegang_projection_parked_total", dimensions: dimensions),
                        lag: Gauge(label: "toegang_projection_lag", dimensions: dimensions),
                        parked: Gauge(label: "toegang_projection_parked_keys", dimensions: dimensions),
                        halted: Gauge(label: "toegang_projection_halted_partitions", dimensions: dimensions))
                )
            })
    }

    func count(_ counts: ProjectionApplier.Counts, _ projection: String) {
        guard let figures = figures[projection] else { return }
        figures.applied.increment(by: counts.applied)
        figures.stale.increment(by: counts.stale)
        figures.unknownType.increment(by: counts.unknownType)
        figures.parkedTotal.increment(by: counts.parked)
    }

    /// Records how far this instance's partitions are behind, and what stands still in them.
    func record(_ all: some Sequence<PartitionProgress>) {
        for (name, units) in Dictionary(grouping: all, by: \.unit.projection) {
            guard let figures = figures[name] else { continue }
            figures.lag.record(
                units.reduce(Int64(0)) { $0.saturatingAdding(max(0, $1.head.saturatingSubtracting($1.sequence))) })
            figures.parked.record(units.reduce(0) { $0 + $1.parkedKeys.count })
            figures.halted.record(units.filter { $0.halt != nil }.count)
        }
    }
}
