import Async
import Logging
import Process
import ServiceLifecycle
import TestBasics
import Testing

/// What a service does beside answering requests.
@Suite struct ChoresTests {
    private struct Trouble: Error {}

    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private final class Count: Sendable {
        private let count = Guarded(0)
        func add() { count.withLock { $0 += 1 } }
        var value: Int { count.withLock { $0 } }
    }

    @Test("a chore that fails, and one that hangs, keep none of the others waiting")
    func apart() async throws {
        let (failed, hung, done) = (Count(), Count(), Count())
        let chores = Chores(
            [
                Chore("failing", every: .milliseconds(1)) {
                    failed.add()
                    throw Trouble()
                },
                Chore("hanging", every: .milliseconds(1)) {
                    hung.add()
                    while await pause(.seconds(60)) {}
                },
                Chore("well", every: .milliseconds(1)) { done.add() },
            ], logger: quiet)
        let running = Task { try await chores.run() }
        #expect(try await eventually { failed.value >= 3 && done.value >= 3 })
        #expect(hung.value == 1)
        running.cancel()
        _ = await running.result
    }

    @Test("a chore that failed waits as long as it is told to")
    func rests() async throws {
        let (failed, done) = (Count(), Count())
        let chores = Chores(
            [
                Chore("failing", every: .milliseconds(1), afterTrouble: .seconds(60)) {
                    failed.add()
                    throw Trouble()
                },
                Chore("well", every: .milliseconds(1), afterTrouble: .seconds(60)) { done.add() },
            ], logger: quiet)
        let running = Task { try await chores.run() }
        #expect(try await eventually { done.value >= 5 })
        #expect(failed.value == 1)
        running.cancel()
        _ = await running.result
    }

    @Test("each is done once, whatever becomes of those before it")
    func once() async {
        let done = Count()
        await Chores(
            [Chore("failing", every: .zero) { throw Trouble() }, Chore("well", every: .zero) { done.add() }],
            logger: quiet
        ).once()
        #expect(done.value == 1)
    }
}
