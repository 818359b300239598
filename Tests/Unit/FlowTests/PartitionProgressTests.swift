import Flow
import Testing
import Vocabulary

@Suite("A partition's progress")
struct PartitionProgressTests {
    @Test("only the event that follows the last one is next")
    func verdicts() {
        let progress = progress(at: 5)
        #expect(progress.verdict(on: event(6)) == .next)
        #expect(progress.verdict(on: event(5)) == .old)
        #expect(progress.verdict(on: event(1)) == .old)
        #expect(progress.verdict(on: event(7)) == .gap)
        #expect(progress.verdict(on: event(6, chain: 1)) == .conflict)
        #expect(progress.verdict(on: event(5, chain: 1)) == .old)
        #expect(progress.verdict(on: event(.max)) == .gap)
    }

    @Test("a plan passes over what does not fit, since the right event may lie behind it")
    func plan() {
        let progress = progress(at: 1)
        let mixed = [event(1), event(3), event(2, chain: 1), event(2), event(3), event(3), event(4)]
        #expect(progress.plan(mixed).run == [3, 4, 6])
        #expect(progress.plan(mixed).missing == nil)
        #expect(progress.plan([event(2), event(4)]).run == [0])
        #expect(progress.plan([event(2), event(4)]).missing == .gap)
        #expect(progress.plan([event(2, chain: 1)]).missing == .diverged)
        #expect(progress.plan([]).missing == nil)
    }

    @Test("a gap: first the log is read again, then the partition halts and the source is asked, ever less often")
    func gap() {
        var progress = progress(at: 5)
        #expect(progress.miss(.gap, at: at(0), timing) == [.reread])
        #expect(progress.halt == nil)
        // Met again while reading again: nothing new before the time is over.
        #expect(progress.miss(.gap, at: at(1), timing).isEmpty)
        #expect(progress.tick(at: at(1.9), timing).isEmpty)
        #expect(progress.tick(at: at(2), timing) == [.recordState, .requestResend(from: 6)])
        #expect(progress.halt == .gap)
        #expect(progress.tick(at: at(3.9), timing).isEmpty)
        #expect(progress.tick(at: at(4), timing) == [.requestResend(from: 6)])
        #expect(progress.tick(at: at(8), timing) == [.requestResend(from: 6)])
        #expect(progress.tick(at: at(15.9), timing).isEmpty)
        // The fourth time the log is read again as well: it may have been lost meanwhile.
        #expect(progress.tick(at: at(16), timing) == [.requestResend(from: 6), .reread])
        #expect(progress.tick(at: at(24), timing) == [.requestResend(from: 6)])
        progress.advance(to: event(6))
        #expect(progress.halt == nil)
        #expect(progress.tick(at: at(100), timing).isEmpty)
    }

    @Test("a lost last event is noticed by the head, after some patience that each move renews")
    func lostLast() {
        var progress = progress(at: 5)
        #expect(progress.hear(6, id(6), at: at(0), timing).isEmpty)
        #expect(progress.lag == 1)
        #expect(progress.tick(at: at(3), timing).isEmpty)
        progress.advance(to: event(6))
        #expect(progress.hear(7, id(7), at: at(3), timing).isEmpty)
        #expect(progress.tick(at: at(6), timing).isEmpty)
        #expect(progress.tick(at: at(6.1), timing) == [.reread])
    }

    @Test("a lower head has no effect, however often it comes, while the true ones come: numbers never go back")
    func lowerHead() {
        var progress = progress(at: 5)
        for second in 0..<100 {
            #expect(progress.hear(3, id(3), at: at(Double(second)), timing).isEmpty)
            if second.isMultiple(of: 5) { #expect(progress.hear(5, id(5), at: at(Double(second)), timing).isEmpty) }
        }
        #expect(progress.halt == nil)
        #expect(!progress.isSearching)
    }

    @Test("heads that come late never halt a partition that moves, however far it is ahead of them")
    func lateHeads() {
        var progress = progress(at: 5)
        for number in 6..<200 {
            progress.advance(to: event(Int64(number)))
            #expect(progress.hear(Int64(number - 2), id(Int64(number - 2)), at: at(Double(number)), timing).isEmpty)
        }
        #expect(progress.halt == nil)
    }

    @Test("heads that stay below what was told halt the partition: source and log lost the same")
    func lostTwice() {
        var progress = progress(at: 5)
        #expect(progress.hear(3, id(3), at: at(0), timing).isEmpty)
        #expect(progress.hear(4, id(4), at: at(10), timing).isEmpty)
        #expect(progress.hear(4, id(4), at: at(12.1), timing) == [.recordState, .reread])
        #expect(progress.halt == .diverged)
        // It told another past: nothing ends it but the chain that was handled.
        #expect(progress.hear(7, id(7, chain: 1), at: at(13), timing).isEmpty)
        #expect(progress.verdict(on: event(6, chain: 1)) == .conflict)
        #expect(progress.halt == .diverged)
        #expect(progress.hear(5, id(5), at: at(14), timing) == [.recordState])
        #expect(progress.halt == nil)
    }

    @Test("a head with another event halts at once, and the next true head ends that")
    func divergedByHead() {
        var progress = progress(at: 5)
        #expect(progress.hear(5, id(5, chain: 1), at: at(0), timing) == [.recordState, .reread])
        #expect(progress.halt == .diverged)
        #expect(progress.hear(5, id(5), at: at(1), timing) == [.recordState])
        #expect(progress.halt == nil)
        #expect(progress.tick(at: at(100), timing).isEmpty)
    }

    @Test("an event of another chain halts at once; it is asked for, and the right one ends that")
    func divergedByEvent() {
        var progress = progress(at: 5)
        #expect(progress.plan([event(6, chain: 1)]).missing == .diverged)
        #expect(progress.miss(.diverged, at: at(0), timing) == [.recordState, .reread])
        #expect(progress.tick(at: at(0), timing) == [.requestResend(from: 6)])
        #expect(progress.tick(at: at(2), timing) == [.requestResend(from: 6)])
        #expect(progress.plan([event(6, chain: 1), event(6)]).run == [1])
        progress.advance(to: event(6))
        #expect(progress.halt == nil)
    }

    @Test("a diverged partition that was taken over heals by the head as well")
    func divergedAtAdoption() {
        var progress = progress(at: 5, halt: .diverged)
        #expect(progress.hear(5, id(5), at: at(0), timing) == [.recordState])
        #expect(progress.halt == nil)
    }

    @Test("what the source is not sure of stays halted until the event of its next head was handled")
    func uncertainUntilReached() {
        var progress = progress(at: 5)
        #expect(progress.hearUncertain() == [.recordState])
        #expect(progress.hear(7, id(7), at: at(0), timing).isEmpty)
        #expect(progress.halt == .uncertain)
        progress.advance(to: event(6))
        #expect(progress.halt == .uncertain)
        #expect(progress.hear(8, id(8), at: at(1), timing).isEmpty)
        progress.advance(to: event(7))
        #expect(progress.halt == nil)
        #expect(progress.hearUncertain() == [.recordState])
        progress.advance(to: event(8))
        #expect(progress.halt == .uncertain)
    }

    @Test("what the source is not sure of is halted until its next head, whatever arrives meanwhile")
    func uncertain() {
        var progress = progress(at: 5)
        #expect(progress.hearUncertain() == [.recordState])
        #expect(progress.hearUncertain().isEmpty)
        progress.advance(to: event(6))
        #expect(progress.halt == .uncertain)
        #expect(progress.hear(5, id(5), at: at(0), timing).isEmpty)
        #expect(progress.halt == .uncertain)
        #expect(progress.hear(6, id(6), at: at(1), timing) == [.recordState])
        #expect(progress.halt == nil)
    }

    @Test("the ends of the range of numbers trap nowhere")
    func extremes() {
        var progress = progress(at: 0)
        #expect(progress.hear(.max, id(7), at: at(0), timing).isEmpty)
        #expect(progress.lag == .max)
        #expect(progress.hear(.min, nil, at: at(0), timing).isEmpty)
        #expect(progress.verdict(on: event(.max)) == .gap)
        #expect(progress.verdict(on: event(.min + 1)) == .old)
        #expect(progress.tick(at: at(4), timing) == [.reread])
    }
}
