import Async

/// A counted number of permits, given first come first served to a bounded number of waiting tasks.
final class Permits: Sendable {
    private struct Waiter {
        let id: UInt64
        let count: Int
        let shot: OneShot<Bool>
    }

    private struct State {
        var available: Int
        var nextID: UInt64 = 0
        var waiters: [Waiter] = []
    }

    let capacity: Int
    private let maximumWaiters: Int
    private let state: Guarded<State>

    init(capacity: Int, maximumWaiters: Int) {
        self.capacity = capacity
        self.maximumWaiters = maximumWaiters
        self.state = Guarded(State(available: capacity))
    }

    /// Takes `count` permits, at most `capacity`.
    func acquire(_ count: Int) async throws(KafkaError) {
        let waiter = try enqueue(count)
        guard let waiter else { return }
        if await waiter.shot.wait(ifCancelled: false) { return }
        state.withLock { $0.waiters.removeAll { $0.id == waiter.id } }
        serve()
        throw .cancelled
    }

    /// Gives permits back.
    func release(_ count: Int) {
        state.withLock { $0.available += count }
        serve()
    }

    /// Nil when the permits could be had at once.
    private func enqueue(_ count: Int) throws(KafkaError) -> Waiter? {
        let outcome = state.withLock { state -> Result<Waiter?, KafkaError> in
            if state.waiters.isEmpty && state.available >= count {
                state.available -= count
                return .success(nil)
            }
            if state.waiters.count >= maximumWaiters {
                return .failure(KafkaError(.overloaded, "too many messages wait to be sent"))
            }
            state.nextID += 1
            let waiter = Waiter(id: state.nextID, count: count, shot: OneShot())
            state.waiters.append(waiter)
            return .success(waiter)
        }
        return try outcome.get()
    }

    private func serve() {
        while true {
            let next = state.withLock { state -> Waiter? in
                guard let first = state.waiters.first, state.available >= first.count else { return nil }
                state.available -= first.count
                return state.waiters.removeFirst()
            }
            guard let next else { return }
            if !next.shot.fill(true) {
                // Cancelled in the meantime: the permits go to the next one.
                state.withLock { $0.available += next.count }
            }
        }
    }
}
