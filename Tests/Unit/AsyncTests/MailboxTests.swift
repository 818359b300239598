import Async
import TestBasics
import Testing

@Suite("A queue between tasks and one thread")
struct MailboxTests {
    /// The optimising compiler may take a wait for one long access, in which nothing can come.
    @Test("what is put while the thread waits for it arrives, in its order")
    func waiting() async throws {
        let (orders, taken) = (Mailbox<Int>(), Taken())
        startThread {
            while true {
                let batch = orders.takeAll()
                taken.add(batch)
                if batch.last == 0 { return }
            }
        }
        for number in 1...100 {
            orders.put(number)
            #expect(try await eventually(every: .milliseconds(1)) { taken.all.count == number })
        }
        orders.put(0)
        #expect(try await eventually { taken.all == Array(1...100) + [0] })
    }

    @Test("one that waits for a single item gets it, and one that should not wait gets nothing")
    func single() async throws {
        let (orders, taken) = (Mailbox<Int>(), Taken())
        #expect(orders.takeAll(waiting: false) == [])
        startThread { for _ in 0..<3 { taken.add([orders.take()]) } }
        for number in 1...3 {
            orders.put(number)
            #expect(try await eventually(every: .milliseconds(1)) { taken.all.count == number })
        }
        #expect(taken.all == [1, 2, 3])
    }

    private final class Taken: Sendable {
        private let items = Guarded<[Int]>([])

        var all: [Int] { items.withLock { $0 } }

        func add(_ more: [Int]) { items.withLock { $0 += more } }
    }
}
