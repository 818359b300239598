/// The pool's book-keeping: who has a place, who waits.
///
/// Pure, so that it can be tested without a server.
///
/// `Place` is what is lent out, `Waiter` how somebody who waits is told.
package struct PoolState<Place, Waiter> {
    package enum Acquisition {
        /// An idle place.
        case lent(Place)
        /// A new place has to be made; it counts as lent.
        case make
        /// Nothing is free: come back with a waiter under this number.
        case wait(UInt64)
        /// Too many wait already, or the pool is closing.
        case refused
    }

    package enum Registration {
        case queued
        /// A place came free, or the wait was given up, between asking and registering.
        case lent(Place)
        case givenUp(reason: Refusal)
    }

    package enum Refusal: Sendable {
        case deadline
        case cancelled
        case closing
    }

    /// What to do with a place that came back.
    package enum Release {
        case kept
        case give(Place, Waiter)
        case close(Place)
    }

    private enum Entry {
        case announced
        case queued(Waiter)
        case lentEarly(Place)
        case givenUp(Refusal)
    }

    package private(set) var idle: [Place] = []
    package private(set) var lent = 0
    package private(set) var closing = false
    private var order: [UInt64] = []
    private var entries: [UInt64: Entry] = [:]
    private var lastNumber: UInt64 = 0
    private let size: Int
    private let maximumWaiters: Int

    package init(size: Int, maximumWaiters: Int) {
        self.size = size
        self.maximumWaiters = maximumWaiters
    }

    /// Number of those who wait.
    package var waiting: Int { order.count }

    package mutating func acquire() -> Acquisition {
        guard !closing else { return .refused }
        // The place that was used last has the warmest caches.
        if let place = idle.popLast() {
            lent += 1
            return .lent(place)
        }
        if lent < size {
            lent += 1
            return .make
        }
        guard order.count < maximumWaiters else { return .refused }
        lastNumber += 1
        order.append(lastNumber)
        entries[lastNumber] = .announced
        return .wait(lastNumber)
    }

    package mutating func register(_ number: UInt64, _ waiter: Waiter) -> Registration {
        switch entries[number] {
        case .announced:
            entries[number] = .queued(waiter)
            return .queued
        case .lentEarly(let place):
            entries[number] = nil
            return .lent(place)
        case .givenUp(let reason):
            entries[number] = nil
            return .givenUp(reason: reason)
        case .queued, nil:
            return .givenUp(reason: .closing)
        }
    }

    /// Ends a wait; answers who has to be told.
    ///
    /// Has no effect once the wait has an outcome.
    package mutating func giveUp(_ number: UInt64, _ reason: Refusal) -> Waiter? {
        switch entries[number] {
        case .announced:
            order.removeAll { $0 == number }
            entries[number] = .givenUp(reason)
            return nil
        case .queued(let waiter):
            order.removeAll { $0 == number }
            entries[number] = nil
            return waiter
        case .lentEarly, .givenUp, nil:
            return nil
        }
    }

    package mutating func release(_ place: Place) -> Release {
        while let number = order.first {
            order.removeFirst()
            switch entries[number] {
            case .queued(let waiter):
                entries[number] = nil
                return .give(place, waiter)
            case .announced:
                entries[number] = .lentEarly(place)
                return .kept
            case .lentEarly, .givenUp, nil:
                continue
            }
        }
        lent -= 1
        guard !closing else { return .close(place) }
        idle.append(place)
        return .kept
    }

    /// Refuses whoever comes from now on; answers what to close and whom to tell.
    package mutating func close() -> (idle: [Place], waiters: [Waiter]) {
        closing = true
        var waiters: [Waiter] = []
        for number in order {
            if let waiter = giveUp(number, .closing) { waiters.append(waiter) }
        }
        defer { idle = [] }
        return (idle, waiters)
    }
}
