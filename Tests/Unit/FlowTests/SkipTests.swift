import ContractCore
import Flow
import Testing

@Suite("Events that do not matter any more")
struct SkipTests {
    private let place = Positions.Place(.mandateRegistry, 3)

    private func reader(at number: Int64, forgetful: Set<String> = ["things"]) -> StreamReader {
        var reader = StreamReader(timing: timing, forgetful: forgetful)
        _ = reader.hold([unit: 1])
        _ = reader.adopted([progress(at: number)])
        return reader
    }

    private func heads(first: Int64, last: Int64) -> SourceHeads {
        SourceHeads(
            origin: origin, time: FlowTests.heads([]).time,
            heads: [SourceHeads.Head(partition: 3, first: first, last: last, eventId: id(last))], uncertain: [])
    }

    @Test("who does without old events goes on at the first that its source keeps")
    func skips() throws {
        var reader = reader(at: 0)
        #expect(reader.hear(heads(first: 41, last: 43), at: at(0)) == [.skip(unit, to: 40)])
        reader.skipped(unit, to: 40)
        let plan = try #require(reader.plan([event(39), event(41), event(42)], of: place).first)
        #expect(plan.run == [1, 2])
        #expect(plan.missing == nil)
    }

    @Test("a gap among what is kept still halts, and one below it ends with the source's next head")
    func gaps() throws {
        var reader = reader(at: 5)
        let plan = try #require(reader.plan([event(8)], of: place).first)
        #expect(plan.run.isEmpty && plan.missing == .gap)
        _ = reader.moved(to: plan.progress, missing: .gap, at: at(0))
        reader.saw(7, of: place, at: at(1))
        _ = reader.tick(at: at(3))
        #expect(reader.progress[unit]?.halt == .gap)
        #expect(reader.hear(heads(first: 8, last: 8), at: at(4)) == [.skip(unit, to: 7)])
        reader.skipped(unit, to: 7)
        #expect(reader.progress[unit]?.halt == nil)
        #expect(reader.hear(heads(first: 8, last: 9), at: at(5)).isEmpty)
        let next = try #require(reader.plan([event(8), event(10)], of: place).first)
        #expect(next.run == [0] && next.missing == .gap)
    }

    @Test("a source that keeps nothing any more is followed from its end")
    func nothingKept() {
        var reader = reader(at: 5)
        #expect(reader.hear(heads(first: 10, last: 9), at: at(0)) == [.skip(unit, to: 9)])
        reader.skipped(unit, to: 9)
        // Which event it was is not known here, so no other past is seen in it.
        #expect(reader.hear(heads(first: 10, last: 9), at: at(1)).isEmpty)
        for second in 2..<20 { #expect(reader.tick(at: at(Double(second))).isEmpty) }
    }

    @Test("others wait for each event, and nobody goes back")
    func others() {
        var waiting = reader(at: 5, forgetful: [])
        #expect(waiting.hear(heads(first: 8, last: 9), at: at(0)).isEmpty)
        var ahead = reader(at: 9)
        #expect(ahead.hear(heads(first: 8, last: 9), at: at(0)).isEmpty)
        ahead.skipped(unit, to: 3)
        #expect(ahead.progress[unit]?.sequence == 9)
        var hostile = reader(at: 9)
        #expect(hostile.hear(heads(first: .min, last: 9), at: at(0)).isEmpty)
    }
}
