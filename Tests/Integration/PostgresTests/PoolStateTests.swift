import Postgres
import Testing

/// The pool's book-keeping, without a server: places are numbers, waiters are letters.
@Suite("Pool state")
struct PoolStateTests {
    private typealias State = PoolState<Int, Character>

    /// A pool whose two places, 1 and 2, are lent.
    private func exhausted(maximumWaiters: Int = 3) -> State {
        var state = State(size: 2, maximumWaiters: maximumWaiters)
        for _ in 0..<2 {
            guard case .make = state.acquire() else {
                Issue.record("no place was to be made")
                return state
            }
        }
        return state
    }

    private func wait(_ state: inout State) -> UInt64 {
        guard case .wait(let number) = state.acquire() else {
            Issue.record("nobody had to wait")
            return 0
        }
        return number
    }

    @Test("places are made up to the size, and the one used last is lent first")
    func reuse() {
        var state = exhausted()
        _ = state.release(1)
        _ = state.release(2)
        guard case .lent(let place) = state.acquire() else {
            Issue.record("nothing was lent")
            return
        }
        #expect(place == 2)
        #expect(state.idle == [1])
        #expect(state.lent == 1)
    }

    @Test("a place that comes back goes to who waits longest")
    func order() {
        var state = exhausted()
        let (first, second) = (wait(&state), wait(&state))
        _ = state.register(first, "a")
        _ = state.register(second, "b")
        var given: [Character] = []
        for place in [2, 1] {
            if case .give(_, let waiter) = state.release(place) { given.append(waiter) }
        }
        #expect(given == ["a", "b"])
        #expect(state.lent == 2)
        #expect(state.waiting == 0)
    }

    @Test("a place that comes back between asking and registering is not lost")
    func early() {
        var state = exhausted()
        let number = wait(&state)
        guard case .kept = state.release(1), case .lent(let place) = state.register(number, "a") else {
            Issue.record("the place did not reach the waiter")
            return
        }
        #expect(place == 1)
        #expect(state.lent == 2)
    }

    @Test("who gives up before or after registering is told once, and gets no place")
    func givingUp() {
        var state = exhausted()
        let (early, late) = (wait(&state), wait(&state))
        #expect(state.giveUp(early, .cancelled) == nil)
        guard case .givenUp(reason: .cancelled) = state.register(early, "a") else {
            Issue.record("a cancelled wait went on")
            return
        }
        _ = state.register(late, "b")
        #expect(state.giveUp(late, .deadline) == "b")
        #expect(state.giveUp(late, .deadline) == nil)
        guard case .kept = state.release(1) else {
            Issue.record("a place went to nobody")
            return
        }
        #expect(state.idle == [1])
    }

    @Test("giving up comes too late once a place was assigned")
    func tooLate() {
        var state = exhausted()
        let number = wait(&state)
        _ = state.release(1)
        #expect(state.giveUp(number, .deadline) == nil)
        guard case .lent = state.register(number, "a") else {
            Issue.record("the assigned place was lost")
            return
        }
    }

    @Test("more waiters than allowed are refused")
    func bounded() {
        var state = exhausted(maximumWaiters: 1)
        _ = wait(&state)
        guard case .refused = state.acquire() else {
            Issue.record("a second waiter was taken")
            return
        }
    }

    @Test("closing tells those who wait, closes what is idle, and closes the rest as it comes back")
    func closing() {
        var state = exhausted()
        _ = state.release(1)
        guard case .lent = state.acquire() else {
            Issue.record("nothing was lent")
            return
        }
        let number = wait(&state)
        _ = state.register(number, "a")
        let closed = state.close()
        #expect(closed.waiters == ["a"])
        #expect(closed.idle.isEmpty)
        guard case .refused = state.acquire(), case .close(let place) = state.release(2) else {
            Issue.record("a closing pool went on")
            return
        }
        #expect(place == 2)
        #expect(state.lent == 1)
    }
}
