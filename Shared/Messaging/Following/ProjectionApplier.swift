import Async
package import Flow
package import FoundationEssentials
package import Logging
package import Postgres

/// Writes the effects of events and moves the position, together.
package struct ProjectionApplier: Sendable {
    /// How a run of events ended.
    package enum Outcome: Sendable {
        /// All are handled.
        case done
        /// The position is not where or whose we thought.
        case conflict
        /// The database cannot be used now.
        case unavailable(String)
    }

    /// What was done with events, for the metrics.
    package struct Counts: Sendable {
        package private(set) var applied = 0, stale = 0, unknownType = 0, parked = 0

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
    private static let batch = 32

    private let projection: Projection
    private let database: Database
    private let timing: FlowTiming
    private let logger: Logger

    /// Applies events of a projection.
    package init(projection: Projection, database: Database, timing: FlowTiming, logger: Logger) {
        self.projection = projection
        self.database = database
        self.timing = timing
        self.logger = logger
    }

    /// Handles the events of one partition that come next, in their order.
    package func apply(
        _ run: [ReadEvent], to start: PartitionProgress
    ) async -> (progress: PartitionProgress, outcome: Outcome, counts: Counts) {
        var (progress, counts, next) = (start, Counts(), 0)
        while next < run.count {
            let chunk = Array(run[next..<min(next + Self.batch, run.count)])
            if let failure = await apply(chunk, &progress, &counts) { return (progress, failure, counts) }
            next += chunk.count
        }
        return (progress, .done, counts)
    }

    /// Handles a chunk in one transaction, or event by event when one of them cannot be handled.
    private func apply(
        _ chunk: [ReadEvent], _ progress: inout PartitionProgress, _ counts: inout Counts
    ) async -> Outcome? {
        switch await attempt(chunk, progress, park: nil) {
        case .success(let handled):
            for outcome in handled { counts.add(outcome) }
            for read in chunk { progress.advance(to: read.place) }
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
        progress.advance(to: read.place)
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
        let moved = chunk.reduce(into: progress) { $0.advance(to: $1.place) }
        var tries = 0
        while true {
            do {
                let handled = try await database.transaction { session in
                    try ProjectionStore.advance(from: progress, to: moved, in: session)
                    return try chunk.map { read in try handle(read.event, progress, park: error, in: session) }
                }
                return .success(handled)
            } catch is Fenced {
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
    /// - Throws: `Fenced`; `PostgresError` when the database cannot be used.
    package func retry(_ key: UUID, _ progress: PartitionProgress) async throws -> Bool {
        let unit = progress.unit
        while true {
            let parked = try await database.read { session in try ParkedStore.first(of: key, unit, in: session) }
            guard let parked else { return true }
            do {
                try await database.transaction { session in
                    try LeaseStore.fence(unit.work, epoch: progress.epoch, in: session)
                    _ = try projection.handler(parked.event, session)
                    try ParkedStore.remove(parked.event, of: unit, in: session)
                }
            } catch {
                if error is Fenced { throw error }
                if let failure = error as? PostgresError, failure.isUnavailable || failure.kind == .cancelled {
                    throw error
                }
                let wait = Backoff.wait(
                    after: Int(parked.attempts), first: timing.firstRetry, longest: timing.longestRetry)
                let kind = Self.kind(of: error)
                try await database.transaction { session in
                    try ParkedStore.postpone(parked.event, of: unit, error: kind, by: wait, in: session)
                }
                return false
            }
        }
    }
}
