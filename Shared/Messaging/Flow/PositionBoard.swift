package import ContractCore

/// The positions that an instance knows of, and the readers that wait for higher ones.
package struct PositionBoard: Sendable {
    private let projections: [EventSource: [String]]
    private let maximumWaiters: Int
    private var known: [ProjectionUnit: Int64] = [:]
    private var waiters: [UInt64: [Positions.Place: Int64]] = [:]
    private var nextID: UInt64 = 0

    /// A board on which nobody waits.
    ///
    /// - Parameters:
    ///   - projections: The names of the projections that follow each source.
    ///   - maximumWaiters: How many readers may wait at a time.
    package init(projections: [EventSource: [String]], maximumWaiters: Int) {
        self.projections = projections
        self.maximumWaiters = maximumWaiters
    }

    /// Whether all projections have come so far, as far as this instance knows.
    package func satisfies(_ needed: [Positions.Place: Int64]) -> Bool {
        needed.allSatisfy { place, sequence in
            projections[place.source]?.allSatisfy { name in
                let unit = ProjectionUnit(projection: name, source: place.source, partition: place.partition)
                return known[unit] ?? 0 >= sequence
            } ?? false
        }
    }

    /// Has a reader wait; nil when as many wait as may.
    package mutating func enqueue(_ needed: [Positions.Place: Int64]) -> UInt64? {
        guard waiters.count < maximumWaiters else { return nil }
        nextID += 1
        waiters[nextID] = needed
        return nextID
    }

    /// A reader waits no more.
    package mutating func leave(_ waiter: UInt64) { waiters[waiter] = nil }

    /// Takes note of positions.
    ///
    /// - Returns: The readers who wait no more, since theirs are reached.
    package mutating func advance(_ reached: [ProjectionUnit: Int64]) -> [UInt64] {
        var moved: Set<Positions.Place> = []
        for (unit, sequence) in reached where sequence > known[unit] ?? 0 {
            known[unit] = sequence
            moved.insert(unit.place)
        }
        guard !moved.isEmpty else { return [] }
        let through = waiters.filter { !moved.isDisjoint(with: $0.value.keys) && satisfies($0.value) }.keys.sorted()
        for waiter in through { waiters[waiter] = nil }
        return through
    }

    /// What is waited for at the moment; empty when nobody waits.
    package var awaited: [Positions.Place: Int64] {
        waiters.values.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: max) }
    }
}
