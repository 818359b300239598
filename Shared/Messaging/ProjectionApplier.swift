import FoundationEssentials
import Logging
import Postgres

/// An event with the place where it was read.
struct ReadEvent: Sendable {
    let event: IncomingEvent
    let offset: Int64
}

/// Writes the effects of events and moves the position, together.
struct ProjectionApplier: Sendable {
    /// How a run of events ended.
    enum Outcome: Sendable {
        /// All are handled, or were known before.
        case done
        /// The next event is missing.
        case gap
        /// The source tells another past.
        case diverged
        /// The position is not where or whose we thought.
        case conflict
        /// The database cannot be used now.
        case unavailable(String)
    }

    /// What was done with events, for the metrics.
    struct Counts: Sendable {
        var applied = 0, stale = 0, unknownType = 0, parked = 0

        mutating func add(_ handled: Handled?) {
            switch handled {
            case .applied: applied += 1
            case .stale: stale += 1
            case .unknownType: unknownType += 1
            case nil: parked += 1
            }
        }
    }

    /// As many events as one transaction takes.
    static let batch = 32

    let projection: Projection
    let database: Database
    let timing: MessagingTiming
    let logger: Logger

    /// Handles events of one partition in their order, from where the position is.
    func apply(
        _ events: [ReadEvent], to start: PartitionProgress
    ) async -> (progress: PartitionProgress, outcome: Outcome, counts: Counts) {
        var (progress, counts) = (start, Counts())
        var run: [ReadEvent] = []
        var outcome = Outcome.done
        // What a run ends with is found by pretending that the run before it was handled.
        var ahead = start
        scan: for read in events {
            switch ahead.verdict(on: read.event.attributes) {
            case .old: continue
            case .next:
                run.append(read)
                ahead.move(to: read.event.attributes, offset: read.offset)
            case .gap:
                outcome = .gap
                break scan
            case .diverged:
                outcome = .diverged
                break scan
            }
        }
        var start = 0
        while start < run.count {
            let chunk = Array(run[start..<min(start + Self.batch, run.count)])
            if let failure = await apply(chunk, &progress, &counts) { return (progress, failure, counts) }
            start += chunk.count
        }
        return (progress, outcome, counts)
    }

    /// Handles a chunk in one transaction, or event by event when one of them cannot be handled.
    private func apply(
        _ chunk: [ReadEvent], _ progress: inout PartitionProgress, _ counts: inout Counts
    ) async -> Outcome? {
        switch await attempt(chunk, progress, park: nil) {
        case .success(let handled):
            for outcome in handled { counts.add(outcome) }
            if let last = chunk.last { progress.move(to: last.event.attributes, offset: last.offset) }
            return nil
        case .failure(.conflict): return .conflict
        case .failure(.unavailable(let text)): return .unavailable(text)
        case .failure(.handler(let error)):
            guard chunk.count == 1, let only = chunk.first else {
                for read in chunk {
                    if let failure = await apply([read], &progress, &counts) { return failure }
                }
                return nil
            }
            return await park(only, error, &progress, &counts)
        }
    }

    private func park(
        _ read: ReadEvent, _ error: String, _ progress: inout PartitionProgress, _ counts: inout Counts
    ) async -> Outcome? {
        switch await attempt([read], progress, park: error) {
        case .success: break
        case .failure(.conflict): return .conflict
        case .failure(.unavailable(let text)), .failure(.handler(let text)): return .unavailable(text)
        }
        counts.add(nil)
        progress.parkedKeys.insert(read.event.key)
        progress.move(to: read.event.attributes, offset: read.offset)
        logger.error(
            "an event cannot be handled; what depends on its aggregate is refused until it can",
            metadata: [
                "projection": "\(projection.name)", "event.id": "\(read.event.id)", "event.type": "\(read.event.type)",
                "error": "\(error)",
            ])
        return nil
    }

    /// Nil among the results stands for a parked event.
    private func attempt(
        _ chunk: [ReadEvent], _ progress: PartitionProgress, park error: String?
    ) async -> Result<[Handled?], Failure> {
        guard let last = chunk.last else { return .success([]) }
        var tries = 0
        while true {
            do {
                let handled = try await database.transaction { session in
                    try ProjectionStore.advance(
                        progress, over: chunk.count, to: last.event, offset: last.offset, in: session)
                    return try chunk.map { read in try handle(read.event, progress, park: error, in: session) }
                }
                return .success(handled)
            } catch is PositionConflict {
                return .failure(.conflict)
            } catch let failure as PostgresError where failure.isUnavailable || failure.kind == .cancelled {
                return .failure(.unavailable("\(failure)"))
            } catch let failure as PostgresError where failure.mayPass && tries < 3 {
                tries += 1
                guard await pause(.milliseconds(50 * tries)) else { return .failure(.unavailable("cancelled")) }
            } catch {
                return .failure(.handler(Self.kind(of: error)))
            }
        }
    }

    private func handle(
        _ event: IncomingEvent, _ progress: PartitionProgress, park error: String?, in session: borrowing Session
    ) throws -> Handled? {
        if let error = error ?? (progress.parkedKeys.contains(event.key) ? "behind a parked event" : nil) {
            try ParkedStore.add(
                event, of: progress.unit, error: error, retryAfter: timing.firstRetry, in: session)
            return nil
        }
        return try projection.handler(event, session)
    }

    private enum Failure: Error {
        case conflict, unavailable(String), handler(String)
    }

    /// Says what kind of error it is without quoting data: the description of a database error never does; of others,
    /// only the type is told.
    static func kind(of error: any Error) -> String {
        (error as? PostgresError)?.description ?? String(describing: type(of: error))
    }

    /// Tries a key's parked events in their order.
    ///
    /// - Returns: Whether none is left.
    /// - Throws: `PositionConflict`; `PostgresError` when the database cannot be used.
    func retry(_ key: UUID, _ progress: PartitionProgress) async throws -> Bool {
        let unit = progress.unit
        while true {
            let parked = try await database.read { session in try ParkedStore.first(of: key, unit, in: session) }
            guard let parked else { return true }
            do {
                try await database.transaction { session in
                    try ProjectionStore.fence(progress, in: session)
                    _ = try projection.handler(parked.event, session)
                    try ParkedStore.remove(parked.event, of: unit, in: session)
                }
            } catch {
                if error is PositionConflict { throw error }
                if let failure = error as? PostgresError, failure.isUnavailable || failure.kind == .cancelled {
                    throw error
                }
                let wait = min(timing.firstRetry * (1 << min(Int(parked.attempts), 20)), timing.longestRetry)
                let kind = Self.kind(of: error)
                try await database.transaction { session in
                    try ParkedStore.postpone(parked.event, of: unit, error: kind, by: wait, in: session)
                }
                return false
            }
        }
    }
}

extension PostgresError {
    /// Whether the same statements may succeed a moment later.
    fileprivate var mayPass: Bool { isSerializationFailure || isLockTimeout || isStatementTimeout }
}
