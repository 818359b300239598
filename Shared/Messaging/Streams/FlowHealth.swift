import Async
import Flow

/// Since when something does not work, and why; told by whoever tries, asked by whoever reports.
final class FlowHealth: Sendable {
    private struct State {
        var problem: String?
        var since: Moment?
    }

    private let clock: FlowClock
    private let state = Guarded(State())

    init(clock: FlowClock) { self.clock = clock }

    /// Takes note of how the last try ended.
    ///
    /// - Returns: Whether that is another state than before: to be logged.
    @discardableResult
    func note(_ problem: String?) -> Bool {
        let now = clock()
        return state.withLock { state in
            let changed = (state.problem == nil) != (problem == nil)
            if problem == nil { state.since = nil } else { state.since = state.since ?? now }
            state.problem = problem
            return changed
        }
    }

    /// What has not worked for longer than a while, in words.
    func problem(lasting time: Duration) -> String? {
        let now = clock()
        return state.withLock { state in
            guard let problem = state.problem, let since = state.since, now - since >= time else { return nil }
            return problem
        }
    }
}
