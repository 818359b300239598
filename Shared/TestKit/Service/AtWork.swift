import ServiceLifecycle

extension [any Service] {
    /// Does something while the work that a service does by itself goes on beside it.
    package func atWork<Answer: Sendable>(_ body: @Sendable () async throws -> Answer) async throws -> Answer {
        let running = map { service in Task { try await service.run() } }
        let answer: Result<Answer, any Error>
        do { answer = .success(try await body()) } catch { answer = .failure(error) }
        for task in running {
            task.cancel()
            try await task.value
        }
        return try answer.get()
    }
}
