import Glibc
import Synchronization

/// Runs `body` on a thread of its own, for C calls that block: the threads of Swift's pool are as many as the cores.
func startThread(_ body: @escaping @Sendable () -> Void) {
    let box = unsafe Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    var thread = pthread_t()
    let status = unsafe pthread_create(
        &thread, nil,
        { raw in
            if let raw = unsafe raw { unsafe Unmanaged<ThreadBody>.fromOpaque(raw).takeRetainedValue().body() }
            return nil
        }, box)
    precondition(status == 0, "the system has no thread left")
    pthread_detach(thread)
}

private final class ThreadBody: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Runs a blocking call on a thread of its own and waits for it without blocking the caller's.
func onThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in
        startThread { continuation.resume(returning: body()) }
    }
}

/// A value that comes once: whoever fills it first wins, whether or not somebody waits yet.
package final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case filled(Value)
        case taken
    }

    private let state = Mutex(State.empty)

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

/// A queue between tasks and one thread, which blocks in `take` while it is empty.
///
/// `@unchecked Sendable`: `items` is only touched with `mutex` held; both pthread objects live at fixed addresses until
/// deinit, which runs when neither the thread nor a sender holds the box any more.
@safe
final class Mailbox<Item: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var items: [Item] = []

    init() {
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(filled, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(filled)
        unsafe pthread_mutex_destroy(mutex)
        unsafe filled.deallocate()
        unsafe mutex.deallocate()
    }

    func put(_ item: Item) {
        unsafe pthread_mutex_lock(mutex)
        items.append(item)
        unsafe pthread_cond_signal(filled)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Blocks the calling thread until there is an item.
    func take() -> Item {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while items.isEmpty { unsafe pthread_cond_wait(filled, mutex) }
        return items.removeFirst()
    }
}
