/// A value that comes once: whoever fills it first wins, whether or not somebody waits yet.
package final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case filled(Value)
        case taken
    }

    private let state = Guarded(State.empty)

    /// A value that has not come yet.
    package init() {}

    /// Whether the value has come.
    package var isFilled: Bool {
        state.withLock { state in
            switch state {
            case .empty, .waiting: false
            case .filled, .taken: true
            }
        }
    }

    /// Gives the value; false when there was one already.
    @discardableResult
    package func fill(_ value: Value) -> Bool {
        let (won, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value, Never>?) in
            switch state {
            case .empty:
                state = .filled(value)
                return (true, nil)
            case .waiting(let continuation):
                state = .taken
                return (true, continuation)
            case .filled, .taken:
                return (false, nil)
            }
        }
        waiter?.resume(returning: value)
        return won
    }

    /// Waits for the value; to be called once.
    package func wait() async -> Value {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> Value? in
                if case .filled(let value) = state {
                    state = .taken
                    return value
                }
                state = .waiting(continuation)
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }

    /// Waits for the value, or gives `substitute` as soon as the task is cancelled.
    package func wait(ifCancelled substitute: Value) async -> Value {
        await withTaskCancellationHandler {
            await wait()
        } onCancel: {
            fill(substitute)
        }
    }
}
