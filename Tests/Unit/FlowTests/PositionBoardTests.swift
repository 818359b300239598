import ContractCore
import Flow
import Testing

@Suite("Positions that are waited for")
struct PositionBoardTests {
    private let place = Positions.Place(.mandateRegistry, 3)

    private func unit(_ name: String) -> ProjectionUnit {
        ProjectionUnit(projection: name, source: .mandateRegistry, partition: 3)
    }

    @Test("a reader waits for each projection of the source")
    func allProjections() {
        var board = PositionBoard(projections: [.mandateRegistry: ["a", "b"]], maximumWaiters: 2)
        let waiter = board.enqueue([place: 5])
        #expect(board.awaited == [place: 5])
        #expect(board.advance([unit("a"): 9]).isEmpty)
        #expect(board.advance([unit("b"): 4]).isEmpty)
        #expect(board.advance([unit("b"): 5]) == [1])
        #expect(waiter == 1)
        #expect(board.awaited.isEmpty)
    }

    @Test("what was reached for one reader is asked anew for the next: the database may have gone back")
    func forgets() {
        var board = PositionBoard(projections: [.mandateRegistry: ["a"]], maximumWaiters: 2)
        #expect(board.enqueue([place: 5]) == 1)
        #expect(board.advance([unit("a"): 5]) == [1])
        #expect(board.enqueue([place: 5]) == 2)
        #expect(board.awaited == [place: 5])
        #expect(board.advance([unit("a"): 4]).isEmpty)
        #expect(board.advance([unit("a"): 5]) == [2])
    }

    @Test("a reader that waits for several places waits for the last of them")
    func several() {
        let other = Positions.Place(.mandateRegistry, 4)
        var board = PositionBoard(projections: [.mandateRegistry: ["a"]], maximumWaiters: 2)
        #expect(board.enqueue([place: 5, other: 2]) == 1)
        #expect(board.advance([unit("a"): 7]).isEmpty)
        #expect(board.awaited == [other: 2])
        #expect(board.advance([ProjectionUnit(projection: "a", source: .mandateRegistry, partition: 4): 2]) == [1])
    }

    @Test("no more wait than may, a place that gets free is used, and lower numbers move nothing")
    func bounded() {
        var board = PositionBoard(projections: [.mandateRegistry: ["a"]], maximumWaiters: 1)
        #expect(board.enqueue([place: 2]) == 1)
        #expect(board.enqueue([place: 1]) == nil)
        board.leave(1)
        #expect(board.enqueue([place: 3]) == 2)
        #expect(board.advance([unit("a"): 2]).isEmpty)
        #expect(board.advance([unit("a"): 1]).isEmpty)
        #expect(board.advance([unit("a"): 3]) == [2])
    }
}
