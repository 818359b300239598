import Async
import Testing

@Suite("Waits between attempts")
struct BackoffTests {
    @Test("a wait doubles up to its longest, and begins anew after something went well")
    func doubles() {
        var backoff = Backoff(first: .seconds(1), longest: .seconds(5))
        #expect((0..<5).map { _ in backoff.step() } == [1, 2, 4, 5, 5].map(Duration.seconds))
        backoff.reset()
        #expect((0..<2).map { _ in backoff.step() } == [1, 2].map(Duration.seconds))
    }

    @Test("any number of attempts has its wait")
    func counted() {
        #expect(Backoff.wait(after: 0, first: .seconds(1), longest: .seconds(300)) == .seconds(1))
        #expect(Backoff.wait(after: 3, first: .seconds(1), longest: .seconds(300)) == .seconds(8))
        #expect(Backoff.wait(after: .max, first: .seconds(1), longest: .seconds(300)) == .seconds(300))
        #expect(Backoff.wait(after: .min, first: .seconds(1), longest: .seconds(300)) == .seconds(1))
    }
}
