import ContractCore
import Flow
import Testing
import Vocabulary

@Suite("Messages that are sent again")
struct ControlFreshnessTests {
    private func at(_ seconds: Int64) -> Instant { Instant(microseconds: seconds * 1_000_000) }

    @Test("heads are news as long as nothing newer was heard of their partition")
    func headsOfLate() {
        var freshness = ControlFreshness()
        let (first, second) = (heads([(0, 1), (1, 1)], at: 100), heads([(0, 2)], at: 101))
        #expect(freshness.news(in: first, at: at(100)) == first)
        #expect(freshness.news(in: first, at: at(100)) == first)
        #expect(freshness.news(in: second, at: at(101)) == second)
        #expect(freshness.news(in: first, at: at(101)) == heads([(1, 1)], at: 100))
    }

    @Test("a doubt that is sent again stops nothing: heads as new were heard, or it is not of now")
    func doubts() {
        var freshness = ControlFreshness()
        let doubt = heads([], uncertain: [3], at: 100)
        #expect(freshness.news(in: doubt, at: at(100)) == doubt)
        #expect(freshness.news(in: doubt, at: at(100)) == nil)
        let certain = heads([(3, 1)], at: 101)
        #expect(freshness.news(in: certain, at: at(101)) == certain)
        #expect(freshness.news(in: doubt, at: at(102)) == nil)

        var restarted = ControlFreshness()
        #expect(restarted.news(in: doubt, at: at(161)) == nil)
        #expect(restarted.news(in: doubt, at: at(160)) == doubt)
    }

    @Test("a time that lies far ahead does not make what comes later look old", arguments: [Int64.max, 161_000_001])
    func future(_ microseconds: Int64) {
        var freshness = ControlFreshness()
        let late = SourceHeads(
            origin: origin, time: Instant(microseconds: microseconds), heads: heads([(0, 9)]).heads, uncertain: [1])
        #expect(freshness.news(in: late, at: at(100)) == nil)
        let genuine = heads([(0, 1)], at: 100)
        #expect(freshness.news(in: genuine, at: at(100)) == genuine)
    }

    @Test("the ends of the number range are no trap", arguments: [Int64.min, -1, 0, Int64.max])
    func ends(_ microseconds: Int64) {
        let time = Instant(microseconds: microseconds)
        #expect(ControlFreshness.isOfNow(time, at: time))
        #expect(!ControlFreshness.isOfNow(time, at: at(100)) || microseconds == -1 || microseconds == 0)
    }
}
