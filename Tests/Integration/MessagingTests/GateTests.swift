import ContractCore
import Following
import FoundationEssentials
import Postgres
import TestBasics
import TestStore
import TestStream
import Testing
import Vocabulary

@Suite("Gate")
struct GateTests {
    @Test("a reader waits until the event has its effect, whichever instance writes it")
    func waits() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let gates = [reader.gate(), reader.gate()]
        let running = [
            relay(writer, broker), runner(reader, broker, gate: gates[0]), runner(reader, broker, gate: gates[1]),
        ]
        try await writer.write((0..<100).map { _ in newID() }, version: 1)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        for round in 2...10 {
            let key = newID()
            let positions = try await writer.write([key], version: Int64(round))
            for gate in gates { try await gate.wait(for: positions) }
            #expect(try await reader.database.database.count("SELECT count(*) FROM thing WHERE id = \(key)") == 1)
        }
        for service in running { try await service.stop() }
    }

    @Test("a database that goes back is not taken for caught up, however far it was a moment ago")
    func goesBack() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let gate = reader.gate()
        let running = [relay(writer, broker), runner(reader, broker, gate: gate)]
        let key = newID()
        let positions = try await writer.write([key], version: 1)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        try await gate.wait(for: positions)
        for service in running { try await service.stop() }
        try await reader.execute("UPDATE position SET sequence = 0, event_id = NULL WHERE sequence > 0")
        await #expect(throws: GateError.notCaughtUp) {
            try await gate.wait(for: positions, until: .now + .milliseconds(300))
        }
    }

    @Test("a position that does not come ends the wait in time, without a connection held meanwhile")
    func timesOut() async throws {
        let reader = try await Reader()
        let gate = reader.gate()
        let start = ContinuousClock.now
        let never = Positions(.init(.mandateRegistry, 1), 5)
        let waiting = (0..<30).map { _ in
            Task { () -> GateError? in
                do throws(GateError) {
                    try await gate.wait(for: never, until: .now + .milliseconds(600))
                    return nil
                } catch { return error }
            }
        }
        // More readers wait than there are connections, and the database still answers.
        #expect(try await reader.database.database.count("SELECT 1::bigint") == 1)
        for task in waiting { #expect(await task.value == .notCaughtUp) }
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test("no more readers wait than may, and a place that gets free is used")
    func bounded() async throws {
        let reader = try await Reader()
        let gate = reader.gate(maximumWaiters: 2)
        let never = Positions(.init(.mandateRegistry, 1), 5)
        let first = (0..<2).map { _ in
            Task {
                while !Task.isCancelled { try? await gate.wait(for: never) }
            }
        }
        #expect(
            try await eventually {
                do throws(GateError) {
                    try await gate.wait(for: never, until: .now)
                    return false
                } catch { return error == .overloaded }
            })
        for task in first { task.cancel() }
        for task in first { await task.value }
        await #expect(throws: GateError.notCaughtUp) { try await gate.wait(for: never, until: .now) }
    }

    @Test("a source that is not projected is refused; the service's own writes are always seen")
    func sources() async throws {
        let reader = try await Reader()
        let gate = reader.gate()
        await #expect(throws: GateError.unknownSource) {
            try await gate.wait(for: Positions(.init(.organisationRights, 0), 1))
        }
        try await gate.wait(for: Positions(.init(.profileResolution, 0), 999))
        try await gate.wait(for: Positions())
    }

    @Test("a cancelled reader stops waiting at once")
    func cancelled() async throws {
        let reader = try await Reader()
        let gate = reader.gate()
        let task = Task { try await gate.wait(for: Positions(.init(.mandateRegistry, 1), 5)) }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        await #expect(throws: GateError.cancelled) { try await task.value }
    }
}
