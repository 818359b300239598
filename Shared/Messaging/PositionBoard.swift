import ContractCore
import Kafka
import Synchronization

/// The positions that this instance knows of, and the readers that wait for higher ones.
final class PositionBoard: Sendable {
    /// Why a wait ended.
    enum Wake: Sendable {
        case reached, timer, cancelled
    }

    /// A reader that waits; in one task.
    final class Waiter: Sendable {
        fileprivate let id: UInt64
        fileprivate let needed: [Positions.Place: Int64]
        private let reached = OneShot<Wake>()
        private let current = Mutex<OneShot<Wake>?>(nil)

        fileprivate init(id: UInt64, needed: [Positions.Place: Int64]) {
            self.id = id
            self.needed = needed
        }

        /// Waits for the positions or the time, whichever comes first.
        func wait(atMost duration: Duration) async -> Wake {
            let round = OneShot<Wake>()
            let done = current.withLock { current in
                current = round
                return reached.isFilled
            }
            if done { return .reached }
            let timer = Task {
                if await pause(duration) { round.fill(.timer) }
            }
            defer { timer.cancel() }
            return await round.wait(ifCancelled: .cancelled)
        }

        fileprivate func letThrough() {
            let round = current.withLock { current in
                reached.fill(.reached)
                return current
            }
            round?.fill(.reached)
        }
    }

    private struct State {
        var known: [ProjectionUnit: Int64] = [:]
        var waiters: [UInt64: Waiter] = [:]
        var nextID: UInt64 = 0
    }

    private let projections: [EventSource: [String]]
    private let maximumWaiters: Int
    private let state = Mutex(State())

    init(projections: [EventSource: [String]], maximumWaiters: Int) {
        self.projections = projections
        self.maximumWaiters = maximumWaiters
    }

    /// Whether all projections have come so far, as far as this instance knows.
    func satisfies(_ needed: [Positions.Place: Int64]) -> Bool {
        state.withLock { Self.satisfied(needed, $0.known, projections) }
    }

    func enqueue(_ needed: [Positions.Place: Int64]) throws(GateError) -> Waiter {
        let waiter = state.withLock { state -> Waiter? in
            guard state.waiters.count < maximumWaiters else { return nil }
            state.nextID += 1
            let waiter = Waiter(id: state.nextID, needed: needed)
            state.waiters[waiter.id] = waiter
            return waiter
        }
        guard let waiter else { throw .overloaded }
        return waiter
    }

    func leave(_ waiter: Waiter) {
        state.withLock { _ = $0.waiters.removeValue(forKey: waiter.id) }
    }

    /// Takes note of a position, and lets through whom it satisfies.
    func advance(_ unit: ProjectionUnit, to sequence: Int64) {
        let through = state.withLock { state -> [Waiter] in
            guard sequence > state.known[unit] ?? 0 else { return [] }
            state.known[unit] = sequence
            let through = state.waiters.values.filter {
                $0.needed[unit.place] != nil && Self.satisfied($0.needed, state.known, projections)
            }
            for waiter in through { state.waiters[waiter.id] = nil }
            return through
        }
        for waiter in through { waiter.letThrough() }
    }

    /// What is waited for at the moment; empty when nobody waits.
    var awaited: [Positions.Place: Int64] {
        state.withLock { state in
            state.waiters.values.reduce(into: [:]) { $0.merge($1.needed, uniquingKeysWith: max) }
        }
    }

    private static func satisfied(
        _ needed: [Positions.Place: Int64], _ known: [ProjectionUnit: Int64], _ projections: [EventSource: [String]]
    ) -> Bool {
        needed.allSatisfy { place, sequence in
            projections[place.source]?.allSatisfy { name in
                let unit = ProjectionUnit(projection: name, source: place.source, partition: place.partition)
                return known[unit] ?? 0 >= sequence
            } ?? false
        }
    }
}
