import Glibc

/// Runs `body` on a thread of its own, for C calls that block: the threads of Swift's pool are as many as the cores.
package func startThread(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    var thread = pthread_t()
    let status = pthread_create(
        &thread, nil,
        { raw in
            if let raw { Unmanaged<ThreadBody>.fromOpaque(raw).takeRetainedValue().body() }
            return nil
        }, box)
    precondition(status == 0, "the system has no thread left (error \(status))")
    pthread_detach(thread)
}

private final class ThreadBody: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Runs a blocking call on a thread of its own and waits for it without blocking the caller's.
package func onThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in
        startThread { continuation.resume(returning: body()) }
    }
}

/// Runs a blocking call that may fail on a thread of its own; throws what it throws.
package func onThread<R: Sendable>(throwing body: @escaping @Sendable () throws -> R) async throws -> R {
    try await onThread { Result { try body() } }.get()
}
