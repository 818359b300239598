import Flow
import Testing
import Vocabulary

/// The database has the events 1 to 3 of chain 0, sent to the last.
@Suite("Taking over what was told")
struct AdoptionTests {
    private let known: [EventID: Int64] = Dictionary(
        uniqueKeysWithValues: (1...3).compactMap { number in id(Int64(number)).map { ($0, Int64(number)) } })

    private func judge(_ told: [EventPlace], sent: Int64 = 3) -> Adoption { Adoption(told, known: known, sent: sent) }

    @Test("events that follow on what the database has are taken over, in order")
    func follows() {
        let plan = judge([event(4), event(5), event(6)])
        #expect(plan.adopted.map(\.sequence) == [4, 5, 6])
        #expect(plan.reached == 6)
        #expect(plan.offset == 5)
        #expect(plan.foreign.isEmpty)
        #expect(plan.gap == nil)
    }

    @Test("what the database has was sent before its note was written, and moves the note on")
    func crashed() {
        let plan = judge([event(2), event(3)], sent: 1)
        #expect(plan.adopted.isEmpty)
        #expect(plan.reached == 3)
        #expect(plan.offset == 2)
    }

    @Test("events that were sent twice are taken over once")
    func repeated() {
        let plan = judge([event(4), event(3, offset: 8), event(4, offset: 9), event(5, offset: 10)])
        #expect(plan.adopted.map(\.sequence) == [4, 5])
        #expect(plan.foreign.isEmpty)
        #expect(plan.offset == 10)
    }

    @Test("under a number that was told already nothing is taken over, and what follows on that is a gap")
    func foreign() {
        let plan = judge([event(3, chain: 1, after: id(2)), event(4, chain: 1)])
        #expect(plan.foreign.map(\.id) == [id(3, chain: 1)])
        #expect(plan.adopted.isEmpty)
        #expect(plan.gap?.id == id(4, chain: 1))
    }

    @Test("what follows on a gap is not taken over, and the gap is told until it is closed")
    func gap() {
        let plan = judge([event(4), event(6), event(7)])
        #expect(plan.adopted.map(\.sequence) == [4])
        #expect(plan.gap?.sequence == 7)
        #expect(plan.offset == 6)
    }

    @Test("a log that was filled again from the first event closes the gap that it began with")
    func filledAgain() {
        let plan = judge([event(6, offset: 0), event(4, offset: 1), event(5, offset: 2), event(6, offset: 3)])
        #expect(plan.adopted.map(\.sequence) == [4, 5, 6] && plan.gap == nil && plan.offset == 3)
        let open = judge([event(6, offset: 0)]).gap
        #expect(Adoption([event(4), event(5)], known: known, sent: 3, open: open).gap == open)
        #expect(Adoption([event(4), event(5), event(6)], known: known, sent: 3, open: open).gap == nil)
    }

    @Test("a database that knows nothing takes the first event over, and no other one without its predecessor")
    func empty() {
        let plan = Adoption([event(1), event(2)], known: [:], sent: 0)
        #expect(plan.adopted.map(\.sequence) == [1, 2])
        #expect(Adoption([event(2)], known: [:], sent: 0).gap?.sequence == 2)
        #expect(Adoption([event(2, after: .some(nil))], known: [:], sent: 0).gap?.sequence == 2)
    }

    @Test("an event whose note was moved back is known by its predecessor, wherever the note stands")
    func rewound() {
        let plan = judge([event(4)], sent: 0)
        #expect(plan.adopted.map(\.sequence) == [4])
    }

    @Test("the ends of the range of numbers trap nowhere")
    func extremes() {
        let told = [event(.max, after: id(2)), event(.min + 1, after: id(3))]
        #expect(judge(told).adopted.isEmpty)
        #expect(judge([told[1]], sent: .max).foreign.count == 1)
    }
}

@Suite("Restoring a source")
struct RestorationTests {
    private func found(_ partitions: [Int32] = [1]) -> Restoration {
        var restoration = Restoration(timing: timing)
        for (index, partition) in partitions.enumerated() {
            let begins = restoration.found(partition, epoch: 7, at: at(Double(index)))
            #expect(begins == (index == 0))
        }
        return restoration
    }

    @Test("first it listens for twice the time in which all heads are said, then it takes over, then it corrects")
    func order() {
        var restoration = found([2, 1])
        #expect(restoration.doubted == [1, 2])
        #expect(restoration.next(at: at(5.9), isSettled: true) == nil)
        #expect(restoration.next(at: at(6), isSettled: true) == .judge)
        restoration.judged(spoke: false)
        #expect(restoration.next(at: at(6), isSettled: false) == .adopt(1))
        restoration.adopted(1)
        #expect(restoration.next(at: at(6), isSettled: false) == .adopt(2))
        restoration.adopted(2)
        #expect(restoration.next(at: at(6), isSettled: false) == nil)
        #expect(restoration.next(at: at(6), isSettled: true) == .correct(1))
        restoration.corrected(1)
        #expect(restoration.next(at: at(6), isSettled: true) == .correct(2))
        restoration.corrected(2)
        #expect(restoration.next(at: at(6), isSettled: true) == nil)
        #expect(restoration.doubted.isEmpty)
    }

    @Test("a database beside which another one speaks is a copy: it does nothing any more")
    func copy() {
        var restoration = found()
        restoration.judged(spoke: true)
        #expect(restoration.rival == .speaks)
        #expect(restoration.next(at: at(100), isSettled: true) == nil)
        restoration.hold { _ in nil }
        #expect(restoration.rival == .speaks)
    }

    @Test("whoever writes behind us stops everything")
    func overrun() {
        var restoration = found()
        restoration.judged(spoke: false)
        restoration.overrun()
        #expect(restoration.rival == .wrote)
        #expect(restoration.next(at: at(100), isSettled: true) == nil)
    }

    @Test("a partition whose lease went is another's; the listening goes on for those that are left")
    func leases() {
        var restoration = found([1, 2])
        restoration.hold { $0 == 1 ? 8 : 7 }
        #expect(restoration.doubted == [2])
        #expect(!restoration.covers(1, epoch: 8))
        #expect(restoration.covers(2, epoch: 7))
        #expect(restoration.next(at: at(6), isSettled: true) == .judge)
        restoration.hold { _ in nil }
        #expect(restoration.next(at: at(6), isSettled: true) == nil)
        let begins = restoration.found(1, epoch: 9, at: at(10))
        #expect(begins)
    }

    @Test("what another instance took over is only corrected, and a lost log takes away what was told")
    func others() {
        var restoration = found([1])
        restoration.resumed(3, epoch: 7)
        #expect(restoration.next(at: at(0), isSettled: true) == .correct(3))
        restoration.lostLog(of: 1)
        restoration.lostLog(of: 3)
        #expect(restoration.doubted == [3])
        #expect(restoration.next(at: at(60), isSettled: false) == nil)
    }
}
