import Synchronization

/// Wakes the outbox relay of the process, so that events go out at once instead of at the next look.
///
/// It exists before the relay does; a ring before that is remembered, one during an import does nothing.
package final class RelayBell: Sendable {
    private struct State {
        var wake: (@Sendable () -> Void)?
        var rung = false
    }
    private let state = Mutex(State())

    package init() {}

    /// Call after the commit of a transaction that appended events.
    package func ring() {
        let wake = state.withLock { state in
            state.rung = true
            return state.wake
        }
        wake?()
    }

    /// Connects the relay.
    package func connect(_ wake: @escaping @Sendable () -> Void) {
        let rung = state.withLock { state in
            state.wake = wake
            return state.rung
        }
        if rung { wake() }
    }
}
