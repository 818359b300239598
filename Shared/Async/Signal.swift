/// A wake-up call that is remembered while nobody listens, and counts once however often it is raised.
///
/// It has one listener in its life: cancelling that one ends the stream.
package final class Signal: Sendable {
    /// One element for each time that something was raised since the element before.
    package let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let local = Guarded(false)

    /// A signal that was not raised yet.
    package init() {
        (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Something was committed by this process.
    package func raise() {
        local.withLock { $0 = true }
        continuation.yield()
    }

    /// It is time to work, for another reason.
    package func nudge() { continuation.yield() }

    /// Whether this process committed something since the last time this was asked.
    package func takeLocal() -> Bool {
        local.withLock { local in
            defer { local = false }
            return local
        }
    }
}

/// Waits; false when the task was cancelled.
package func pause(_ duration: Duration) async -> Bool {
    do {
        try await Task.sleep(for: duration)
        return true
    } catch {
        return false
    }
}
