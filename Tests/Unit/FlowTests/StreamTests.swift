import ContractCore
import Flow
import Testing

@Suite("Sending")
struct StreamSenderTests {
    private func sender(_ offsets: [Int32: Int64] = [1: 4, 2: 9]) -> StreamSender {
        var sender = StreamSender(timing: timing)
        let epochs = offsets.mapValues { _ in Int64(7) }
        #expect(sender.hold(epochs) == epochs)
        sender.adopted(
            offsets.map { StreamSender.Sent(partition: $0.key, sequence: $0.value + 1, offset: $0.value) },
            under: epochs)
        return sender
    }

    private func checked() -> StreamSender {
        var sender = sender()
        sender.checked([1, 2])
        return sender
    }

    @Test("a partition is sent only after its log was checked, and is uncertain until then")
    func takeOver() {
        var sender = sender()
        #expect(sender.sending.isEmpty)
        #expect(sender.unchecked == [1, 2])
        sender.checked([2])
        #expect(sender.sending == [2])
        #expect(sender.unchecked == [1])
        #expect(sender.epoch(of: 2) == 7)
    }

    @Test("a lease that went takes the partition away; one under a new epoch is adopted and checked anew")
    func leases() {
        var sender = checked()
        #expect(sender.hold([1: 7]).isEmpty)
        #expect(sender.sending == [1])
        #expect(sender.hold([1: 8]) == [1: 8])
        #expect(sender.sending.isEmpty)
    }

    @Test("only the last of each partition is marked, and an offset that does not grow tells of a lost log")
    func delivered() {
        var sender = checked()
        let sent = [
            StreamSender.Sent(partition: 1, sequence: 6, offset: 5), .init(partition: 1, sequence: 7, offset: 6),
            .init(partition: 2, sequence: 11, offset: 0),
        ]
        let (mark, lost) = sender.delivered(sent)
        #expect(mark == Array(sent[1...]))
        #expect(lost == [2])
        sender.forgetLog(of: 2)
        #expect(sender.delivered([.init(partition: 2, sequence: 1, offset: 0)]).lost.isEmpty)
        sender.fenced([1])
        #expect(sender.sending == [2])
    }

    @Test("what is to be sent follows on what was sent, or the database went back under us")
    func displaced() {
        var sender = checked()
        #expect(sender.displaced([1: 6, 2: 11]).isEmpty)
        #expect(sender.displaced([1: 5, 2: 12, 3: 1]) == [1, 2, 3])
        _ = sender.delivered([.init(partition: 1, sequence: 6, offset: 5)])
        #expect(sender.displaced([1: 7]).isEmpty)
        sender.rewound(1, to: 3)
        #expect(sender.displaced([1: 3]).isEmpty)
        #expect(sender.displaced([1: 7]) == [1])
    }

    @Test("a database that knows of less than was sent went back under us, whether or not it has something to send")
    func wentBack() {
        var sender = checked()
        #expect(sender.wentBack([.init(partition: 1, sequence: 5, offset: 4)]).isEmpty)
        #expect(sender.wentBack([.init(partition: 3, sequence: 0, offset: -1)]).isEmpty)
        #expect(sender.wentBack([.init(partition: 1, sequence: 4, offset: 3)]) == [1])
        sender.rewound(1, to: 3)
        #expect(sender.wentBack([.init(partition: 1, sequence: 2, offset: 1)]).isEmpty)
    }

    @Test("behind what this instance sent lies nothing, or somebody else sends there")
    func overrun() {
        var sender = checked()
        let sent = [
            StreamSender.Sent(partition: 1, sequence: 5, offset: 4), .init(partition: 2, sequence: 10, offset: 9),
        ]
        #expect(sender.overrun(sent, ends: [1: 5, 2: 10]).isEmpty)
        #expect(sender.overrun(sent, ends: [1: 6, 2: 10]) == [sent[0]])
        _ = sender.delivered([.init(partition: 1, sequence: 6, offset: 5)])
        #expect(sender.overrun(sent, ends: [1: 6, 2: 10]).isEmpty)
        sender.fenced([1])
        #expect(sender.overrun(sent, ends: [1: 9, 2: 10]).isEmpty)
    }

    @Test("the log is compared at first, after each interval, and after a failure")
    func comparison() {
        var sender = checked()
        #expect(sender.isComparisonDue(at: at(0)))
        sender.verified(topics: true)
        #expect(sender.isComparisonDue(at: at(0)))
        let sent = [
            StreamSender.Sent(partition: 1, sequence: 5, offset: 4), .init(partition: 2, sequence: 10, offset: 9),
        ]
        #expect(sender.compare(sent, ends: [1: 5, 2: 9], at: at(0)) == [2])
        #expect(sender.compare(sent, ends: [1: 5], at: at(0)).isEmpty)
        #expect(!sender.isComparisonDue(at: at(0.9)))
        #expect(sender.isComparisonDue(at: at(1)))
        sender.verified(topics: false)
        #expect(sender.isComparisonDue(at: at(0.5)))
    }

    @Test("requests of several readers are answered once, from the first number that any of them misses")
    func requests() {
        var sender = checked()
        sender.requested(1, from: 9)
        sender.requested(1, from: -5)
        sender.requested(30, from: 2)
        #expect(sender.takeRequests(at: at(0)) == [1: 1])
        sender.requested(1, from: 3)
        #expect(sender.takeRequests(at: at(0.9)).isEmpty)
        sender.requested(1, from: 3)
        #expect(sender.takeRequests(at: at(1)) == [1: 3])
    }

    @Test("a changed head is published for ten seconds, all heads each three seconds")
    func headSchedule() {
        var schedule = HeadSchedule(all: .seconds(3))
        let quiet = SourceHeads.Head(partition: 0, last: 4, eventId: id(4))
        var published: [Int: [Int32]] = [:]
        for second in 0..<24 {
            let changed = SourceHeads.Head(partition: 1, last: second < 12 ? 1 : 2, eventId: id(1))
            #expect(schedule.isDue(every: .seconds(1), at: at(Double(second))) == true)
            #expect(schedule.isDue(every: .seconds(1), at: at(Double(second) + 0.5)) == false)
            published[second] = schedule.choose(from: [quiet, changed], at: at(Double(second))).map(\.partition)
        }
        #expect(published[0] == [0, 1])
        #expect(published[10] == [])
        #expect(published[12] == [0, 1])
        #expect(published[13] == [1])
        #expect(published[22] == [])
        for second in stride(from: 0, to: 24, by: 3) { #expect(published[second] == [0, 1]) }
    }
}

@Suite("Reading")
struct StreamReaderTests {
    private let place = unit.place

    private func reader(at number: Int64 = 5, halt: PartitionProgress.Halt? = nil) -> StreamReader {
        var reader = StreamReader(timing: timing)
        #expect(reader.hold([unit: 1]) == [.adopt([unit: 1])])
        let start: StreamReader.Start = number == 0 ? .beginning : .after(number - 1)
        #expect(reader.adopted([progress(at: number, halt: halt)]) == [.read(place, from: start)])
        return reader
    }

    @Test("a partition is read from where the projection that is furthest behind stands")
    func lowest() {
        var reader = StreamReader(timing: timing)
        let other = ProjectionUnit(projection: "others", source: .mandateRegistry, partition: 3)
        _ = reader.hold([unit: 1, other: 1])
        let behind = PartitionProgress(unit: other, epoch: 1, sequence: 2, lastID: id(2), offset: 1)
        #expect(reader.adopted([progress(at: 5), behind]) == [.read(place, from: .after(1))])
        let plans = reader.plan([event(3), event(4), event(5), event(6)], of: place)
        #expect(plans.count == 2)
        #expect(plans.first { $0.progress.unit == unit }?.run == [3])
        #expect(plans.first { $0.progress.unit == other }?.run == [0, 1, 2, 3])
    }

    @Test("a lease that went ends the reading; one under a new epoch is adopted anew")
    func leases() {
        var reader = reader()
        #expect(reader.hold([unit: 1]).isEmpty)
        #expect(reader.hold([unit: 2]) == [.adopt([unit: 2])])
        #expect(reader.progress[unit] == nil)
        #expect(reader.hold([:]) == [.stopReading(place)])
        #expect(reader.plan([event(6)], of: place).isEmpty)
    }

    @Test("progress under an epoch that is ours no more is forgotten")
    func staleResult() {
        var reader = reader()
        var moved = progress(at: 5)
        moved.advance(to: event(6))
        _ = reader.hold([unit: 2])
        _ = reader.adopted([PartitionProgress(unit: unit, epoch: 2, sequence: 9, lastID: id(9), offset: 8)])
        #expect(reader.moved(to: moved, missing: .gap, at: at(0)).isEmpty)
        #expect(reader.progress[unit]?.sequence == 9)
    }

    @Test("a gap has the log read again, then the source asked and the state written down")
    func gap() throws {
        var reader = reader()
        #expect(
            reader.moved(to: progress(at: 5), missing: .gap, at: at(0)) == [.read(place, from: .beginning)])
        // Nothing is asked for while the log is read again, however long that takes, and it is read again only once.
        reader.saw(1, of: place, at: at(2))
        let searching = try #require(reader.progress[unit])
        #expect(reader.moved(to: searching, missing: .gap, at: at(2)).isEmpty)
        #expect(reader.tick(at: at(2)).isEmpty)
        // What is missed halts the partition meanwhile.
        #expect(reader.tick(at: at(2.1)) == [.recordState(unit)])
        #expect(reader.progress[unit]?.halt == .gap)
        #expect(reader.tick(at: at(4)).isEmpty)
        reader.saw(4, of: place, at: at(9))
        #expect(reader.tick(at: at(9)) == [.requestResend(unit, from: 6)])
    }

    @Test("a log that has become shorter is read to its end, and then the source is asked")
    func shorterLog() {
        var reader = reader()
        _ = reader.moved(to: progress(at: 5), missing: .gap, at: at(0))
        reader.saw(1, of: place, at: at(1))
        #expect(reader.tick(at: at(4)) == [.recordState(unit)])
        #expect(reader.tick(at: at(4.1)) == [.requestResend(unit, from: 6)])
        var other = self.reader()
        _ = other.moved(to: progress(at: 5), missing: .gap, at: at(0))
        #expect(other.rewound == [place])
        other.bound(by: [place: 2])
        for second in 1...3 { other.saw(1, of: place, at: at(Double(second))) }
        #expect(other.tick(at: at(3)) == [.recordState(unit), .requestResend(unit, from: 6)])
        #expect(other.rewound.isEmpty)
    }

    @Test("while the broker has more than was fetched, nothing is taken for lost")
    func busy() {
        var reader = reader()
        #expect(reader.hear(FlowTests.heads([(3, 9)]), at: at(0)).isEmpty)
        for second in 0..<20 {
            reader.fetchedInFull(at: at(Double(second)))
            #expect(reader.tick(at: at(Double(second) + 0.5)).isEmpty)
        }
        #expect(reader.tick(at: at(22.5)).isEmpty)
        #expect(reader.tick(at: at(25.6)) == [.read(place, from: .beginning)])
    }

    @Test("heads and uncertainty reach the projections of the partition")
    func heads() {
        var reader = reader()
        #expect(reader.hear(FlowTests.heads([(4, 9)]), at: at(0)).isEmpty)
        #expect(reader.hear(FlowTests.heads([], uncertain: [3]), at: at(0)) == [.recordState(unit)])
        #expect(reader.hear(FlowTests.heads([(3, 5)]), at: at(1)) == [.recordState(unit)])
        #expect(reader.progress[unit]?.halt == nil)
    }

    @Test("a failure to write has the partition read again from where it stands; a conflict, adopted again")
    func failures() {
        var reader = reader()
        #expect(reader.failed(unit) == [.read(place, from: .after(4))])
        #expect(reader.outOfRange(place) == [.read(place, from: .beginning)])
        reader.conflicted(unit)
        #expect(reader.failed(unit).isEmpty)
        #expect(reader.hold([unit: 1]) == [.adopt([unit: 1])])
    }

    @Test("a position that went back in the database is adopted afresh; one that another instance moved on is not")
    func positionWentBack() {
        var reader = reader()
        for sequence in [5, 6] as [Int64] {
            reader.compared(with: [unit: sequence])
            #expect(reader.hold([unit: 1]).isEmpty)
        }
        reader.compared(with: [unit: 3])
        #expect(reader.hold([unit: 1]) == [.adopt([unit: 1])])
    }

    @Test("a partition has caught up once what was there has been read, whatever it was")
    func catchUp() {
        var reader = reader(at: 0)
        #expect(reader.waitingForCatchUp == [unit])
        #expect(reader.caughtUp(ends: [place: 2]).isEmpty)
        reader.saw(1, of: place, at: at(0))
        #expect(reader.caughtUp(ends: [place: 2]) == [unit])
        reader.noted(caughtUp: [unit])
        #expect(reader.waitingForCatchUp.isEmpty)
        #expect(self.reader(at: 0).caughtUp(ends: [place: 0]) == [unit])
    }
}

@Suite("Hearing of sources")
struct SourceHearingTests {
    @Test("a source is silent in the partitions of which no head came for a while, by the clock")
    func silence() {
        var hearing = SourceHearing([.mandateRegistry, .authentication], partitions: 4, from: at(0))
        #expect(hearing.silent(for: .seconds(10), at: at(10)).isEmpty)
        hearing.hear(heads([(0, 0), (1, 7), (9, 1)], uncertain: [2]), at: at(5))
        #expect(
            hearing.silent(for: .seconds(10), at: at(11))
                == [.mandateRegistry: [3], .authentication: [0, 1, 2, 3]])
        #expect(hearing.silence(of: .mandateRegistry, at: at(11)) == .seconds(11))
        hearing.hear(heads([(3, 0)]), at: at(12))
        #expect(hearing.silence(of: .mandateRegistry, at: at(13)) == .seconds(8))
    }
}
