import Async
package import ContractCore
package import Flow
package import Postgres
import Vocabulary

/// Lets readers wait until projections have seen a position.
package final class ProjectionGate: PositionGate {
    /// The longest that a reader waits.
    package static let longestWait: Duration = .seconds(2)
    /// How often the database is asked by itself, for a notification that was lost.
    private static let interval: Duration = .milliseconds(250)

    private enum Wake: Sendable {
        case reached, timer, cancelled
    }

    private struct State {
        var board: PositionBoard
        var waiting: [UInt64: OneShot<Wake>] = [:]
        var isAsking = false
        /// Somebody came, or something moved, while the database was being asked.
        var askAgain = false
        var lastAsked: ContinuousClock.Instant?
    }

    private let own: EventSource?
    private let sources: Set<EventSource>
    private let database: Database
    private let state: Guarded<State>

    /// Makes the gate of a service.
    ///
    /// - Parameters:
    ///   - projections: What the service projects.
    ///   - own: The source that it is itself; its own writes it always sees.
    ///   - database: Where the positions are.
    ///   - maximumWaiters: How many readers may wait at a time.
    package init(projections: [Projection], own: EventSource?, database: Database, maximumWaiters: Int = 256) {
        self.own = own
        self.sources = Set(projections.map(\.source))
        self.database = database
        let names = Dictionary(grouping: projections, by: \.source).mapValues { $0.map(\.name) }
        state = Guarded(State(board: PositionBoard(projections: names, maximumWaiters: maximumWaiters)))
    }

    /// Waits until every projection of each source has seen the positions, without holding a connection meanwhile.
    ///
    /// However many readers wait, the database is asked by one of them at a time, for all.
    ///
    /// - Parameters:
    ///   - positions: What must have been seen.
    ///   - deadline: When to give up; at most `longestWait` from now counts.
    package func wait(
        for positions: Positions, until deadline: ContinuousClock.Instant = .now + longestWait
    ) async throws(GateError) {
        let needed = positions.sequences.filter { $0.key.source != own && $0.value > 0 }
        guard needed.keys.allSatisfy({ sources.contains($0.source) }) else { throw .unknownSource }
        if needed.isEmpty { return }
        let deadline = min(deadline, .now + Self.longestWait)
        let reached = OneShot<Wake>()
        let place = state.withLock { state in
            let place = state.board.enqueue(needed)
            if let place { state.waiting[place] = reached }
            return place
        }
        guard let place else { throw .overloaded }
        defer { leave(place) }
        ask()
        let timer = Task { [self] in
            while .now < deadline, await pause(min(Self.interval, deadline - .now)) {
                if state.withLock({ $0.lastAsked.map { .now - $0 >= Self.interval } ?? true }) { ask() }
            }
            reached.fill(.timer)
        }
        defer { timer.cancel() }
        switch await reached.wait(ifCancelled: .cancelled) {
        case .reached: return
        case .cancelled: throw .cancelled
        case .timer: throw .notCaughtUp
        }
    }

    /// Takes note of positions, and lets through whom they satisfy.
    package func advance(_ reached: [ProjectionUnit: Int64]) {
        let through = state.withLock { state in
            state.board.advance(reached).compactMap { state.waiting.removeValue(forKey: $0) }
        }
        for waiter in through { waiter.fill(.reached) }
    }

    /// Has the database asked for the positions that are waited for, and lets through whom they satisfy: for moves of
    /// other instances.
    ///
    /// Whoever calls while it is being asked has it asked again.
    package func ask() {
        let free = state.withLock { state in
            defer { if state.isAsking { state.askAgain = true } else { state.isAsking = true } }
            return !state.isAsking
        }
        // A task of its own: a reader that leaves must not end what is asked for the others.
        if free { Task { [self] in await askUntilDone() } }
    }

    private func askUntilDone() async {
        var again = true
        while again {
            let awaited = state.withLock { state in
                state.askAgain = false
                state.lastAsked = .now
                return state.board.awaited
            }
            if !awaited.isEmpty { advance(await positions(of: awaited)) }
            again = state.withLock { state in
                state.isAsking = state.askAgain
                return state.isAsking
            }
        }
    }

    private func leave(_ place: UInt64) {
        state.withLock { state in
            state.board.leave(place)
            state.waiting[place] = nil
        }
    }

    /// What the database says; nothing when it cannot be asked now, since the readers have their deadlines.
    private func positions(of awaited: [Positions.Place: Int64]) async -> [ProjectionUnit: Int64] {
        let (sources, partitions) = (awaited.keys.map(\.source.rawValue), awaited.keys.map(\.partition))
        let rows = try? await database.read { session in
            try session.query(
                """
                SELECT position.projection, position.source, position.partition, position.sequence
                FROM unnest(\(sources), \(partitions)) AS item (source, partition)
                JOIN position ON position.source = item.source AND position.partition = item.partition
                """)
        }
        var found: [ProjectionUnit: Int64] = [:]
        for row in rows ?? [] {
            guard
                let (projection, source, partition, sequence) = try? row.decode(
                    String.self, String.self, Int32.self, Int64.self),
                let source = EventSource(rawValue: source)
            else { continue }
            found[ProjectionUnit(projection: projection, source: source, partition: partition)] = sequence
        }
        return found
    }
}
