package import ContractCore

/// The readers that wait for positions, and what each of them still waits for.
///
/// It remembers no position beside that: a database that goes back to a backup takes its positions with it, and a reader
/// must not be told from memory that all has arrived.
package struct PositionBoard: Sendable {
    private let projections: [EventSource: [String]]
    private let maximumWaiters: Int
    private var waiters: [UInt64: [ProjectionUnit: Int64]] = [:]
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

    /// Has a reader wait until all projections have come so far; nil when as many wait as may.
    package mutating func enqueue(_ needed: [Positions.Place: Int64]) -> UInt64? {
        guard waiters.count < maximumWaiters else { return nil }
        nextID += 1
        var open: [ProjectionUnit: Int64] = [:]
        for (place, sequence) in needed {
            for name in projections[place.source] ?? [] {
                open[ProjectionUnit(projection: name, source: place.source, partition: place.partition)] = sequence
            }
        }
        waiters[nextID] = open
        return nextID
    }

    /// A reader waits no more.
    package mutating func leave(_ waiter: UInt64) { waiters[waiter] = nil }

    /// Takes note of positions as they are now.
    ///
    /// - Returns: The readers who wait no more, since theirs are reached.
    package mutating func advance(_ reached: [ProjectionUnit: Int64]) -> [UInt64] {
        var through: [UInt64] = []
        for (waiter, open) in waiters {
            let left = open.filter { reached[$0.key] ?? 0 < $0.value }
            waiters[waiter] = left.isEmpty ? nil : left
            if left.isEmpty { through.append(waiter) }
        }
        return through.sorted()
    }

    /// What is waited for at the moment; empty when nobody waits.
    package var awaited: [Positions.Place: Int64] {
        waiters.values.reduce(into: [:]) { places, open in
            for (unit, sequence) in open { places[unit.place] = max(places[unit.place] ?? 0, sequence) }
        }
    }
}
