import Synchronization

/// A wake-up call that is remembered while nobody listens, and counts once however often it is raised.
///
/// It has one listener in its life: cancelling that one ends the stream.
final class Signal: Sendable {
    let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let local = Mutex(false)

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Something was committed by this process.
    func raise() {
        local.withLock { $0 = true }
        continuation.yield()
    }

    /// It is time to look, for another reason.
    func nudge() { continuation.yield() }

    /// Whether this process committed something since the last time this was asked.
    func takeLocal() -> Bool {
        local.withLock { local in
            defer { local = false }
            return local
        }
    }
}

/// Waits; false when the task was cancelled.
func pause(_ duration: Duration) async -> Bool {
    do {
        try await Task.sleep(for: duration)
        return true
    } catch {
        return false
    }
}
