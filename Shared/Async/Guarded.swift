#if PTHREAD_LOCKS
import Glibc

/// A value that is touched by one thread at a time: the one type of lock of this repository.
///
/// Built like this for ThreadSanitizer, which knows POSIX locks and takes `Synchronization.Mutex`, which waits in the
/// kernel without one, for a race (`deploy/dev test sanitizers`).
///
/// `@unchecked Sendable`: `value` is only touched with `lock` held; both lie at fixed addresses until deinit, and a
/// value that cannot be copied is deinitialised when nobody can reach it any more.
package struct Guarded<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    /// Guards a value, which nobody else keeps.
    package init(_ initial: consuming sending Value) {
        lock = .allocate(capacity: 1)
        value = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        value.initialize(to: initial)
    }

    deinit {
        value.deinitialize(count: 1)
        value.deallocate()
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// Lends the value to `body` while nobody else has it; `body` must not come here again.
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value.pointee)
    }
}
#else
package import Synchronization

/// A value that is touched by one thread at a time: the one type of lock of this repository.
///
/// Keep it in a `let`. It is the standard library's `Mutex`, but in a build for ThreadSanitizer.
package struct Guarded<Value: ~Copyable>: ~Copyable, Sendable {
    @usableFromInline
    package let mutex: Mutex<Value>

    /// Guards a value, which nobody else keeps.
    @inlinable
    package init(_ initial: consuming sending Value) {
        mutex = Mutex(initial)
    }

    /// Lends the value to `body` while nobody else has it; `body` must not come here again.
    @inlinable
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try mutex.withLock(body)
    }
}
#endif
