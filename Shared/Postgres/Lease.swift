import Async
import CLibpq

/// libpq's handle for cancelling what one connection runs.
///
/// `@unchecked Sendable`: `PQcancel` is documented as safe to call from any thread; the handle is freed only by `Link`,
/// which first ends the lease under the lease's lock.
@safe struct CancelHandle: @unchecked Sendable {
    let pointer: OpaquePointer
}

/// One use of a connection by one task, and the place where its cancellation meets its statements.
final class Lease: Sendable {
    private enum Phase {
        case waiting
        case running(CancelHandle)
        /// Too late to cancel: the outcome of a commit must not be left unknown.
        case committing
        case ended
    }

    private struct State {
        var phase = Phase.waiting
        var cancelled = false
        var interrupted = false
    }

    private let state = Guarded(State())

    /// The task was cancelled.
    var isCancelled: Bool { state.withLock { $0.cancelled } }

    /// Notes the cancellation; from here on no statement is started.
    func cancel() {
        state.withLock { $0.cancelled = true }
    }

    /// Interrupts the statement that runs now; answers whether the lease goes on, so that it has to be tried again.
    ///
    /// The lock is held while `PQcancel` talks to the server. So the connection cannot go to somebody else before
    /// the server has passed the interruption on.
    func interrupt() -> Bool {
        state.withLock { state in
            switch state.phase {
            case .waiting: return true
            case .committing, .ended: return false
            case .running(let handle):
                var explanation = [CChar](repeating: 0, count: 256)
                let length = Int32(explanation.count)
                _ = unsafe explanation.withUnsafeMutableBufferPointer { buffer in
                    unsafe PQcancel(handle.pointer, buffer.baseAddress, length)
                }
                state.interrupted = true
                return true
            }
        }
    }

    /// The connection is open; statements follow.
    func begin(_ handle: CancelHandle) {
        state.withLock { $0.phase = .running(handle) }
    }

    /// Passes the last point at which the task can be cancelled.
    func commit() throws(PostgresError) {
        let cancelled = state.withLock { state in
            if !state.cancelled { state.phase = .committing }
            return state.cancelled
        }
        if cancelled { throw PostgresError(.cancelled) }
    }

    /// No statement follows; answers whether an interruption was sent, so that the connection has to be drained.
    func end() -> Bool {
        state.withLock { state in
            state.phase = .ended
            return state.interrupted
        }
    }
}

/// Sends interruptions from a thread of its own, because `PQcancel` blocks.
actor Interrupter {
    private let executor = ThreadExecutor()

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Interrupts until the lease has ended: an interruption that meets the pause between two statements has no effect.
    func interrupt(_ lease: Lease) async {
        while lease.interrupt() {
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    deinit { executor.stop() }
}
