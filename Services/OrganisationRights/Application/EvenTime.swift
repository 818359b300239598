/// Lets work that depends on what nobody may learn take times that tell nothing: whole steps, counted from its start.
struct EvenTime: Sendable {
    /// Longer than the work takes, whatever is known; when a neighbour is slow the next step is the end.
    let step: Duration

    /// Long beside two calls and a transaction, short to somebody who waits.
    static let standard = EvenTime(step: .milliseconds(400))

    /// Does the work; its answer or error comes at the end of a step.
    func callAsFunction<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        let clock = ContinuousClock()
        let start = clock.now
        let result: Result<R, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        // Whoever gave up waiting learns nothing by it, so the work counts however this ends.
        try? await Task.sleep(until: start.advanced(by: end(of: clock.now - start)), clock: clock)
        return try result.get()
    }

    /// The end of the step in which work of this length ends.
    func end(of length: Duration) -> Duration {
        let steps = max(1, (length / step).rounded(.up))
        return step * Int(min(steps, 1000))
    }
}
