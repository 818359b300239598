import ContractCore
import EventOutbox
import Flow
import Following
import FoundationEssentials
import Kafka
import Postgres
import Streams
import TestBasics
import TestEvents
import TestStore
import TestStream
import Testing
import Vocabulary

@Suite("From outbox to effect")
struct DeliveryTests {
    @Test("each event has its effect once, in every projection, and the positions are the source's heads")
    func delivers() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let projections = [reader.projection("things"), reader.projection("others")]
        let running = [relay(writer, broker), runner(reader, broker, projections: projections)]
        for version in 1...10 {
            try await writer.write((0..<20).map { _ in newID() }, version: Int64(version))
        }
        #expect(try await eventually { try await caughtUp(reader, writer, "things") })
        #expect(try await eventually { try await caughtUp(reader, writer, "others") })
        #expect(try await reader.effects() == 400)
        #expect(try await reader.doubled() == 0)
        for service in running { try await service.stop() }
    }

    @Test("a commit is sent at once when its process says so, also by another process's relay")
    func woken() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let outbox = Outbox(source: .mandateRegistry, environment: .test)
        let gate = reader.gate()
        let running = [
            relay(writer, broker, outbox: outbox), relay(writer, broker), runner(reader, broker, gate: gate),
        ]
        try await writer.write([newID()], version: 1, outbox: outbox)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        for version in 2...20 {
            let positions = try await writer.write([newID()], version: Int64(version), outbox: outbox)
            try await gate.wait(for: positions)
        }
        for service in running { try await service.stop() }
    }

    @Test("events published while nobody reads are read later, and a runner stopped in good order misses nothing")
    func restart() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let relay = relay(writer, broker)
        for round in 1...3 {
            try await writer.write((0..<10).map { _ in newID() }, version: Int64(round))
            let runner = runner(reader, broker)
            #expect(try await eventually { try await caughtUp(reader, writer) })
            try await runner.stop()
        }
        #expect(try await reader.effects() == 30)
        #expect(try await reader.doubled() == 0)
        try await relay.stop()
    }

    @Test("a runner says when it has caught up for the first time, also when there is nothing to read")
    func catchUp() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let runner = ProjectionRunner(
            projections: [reader.projection()], gate: reader.gate(), database: reader.database.database,
            kafka: broker.configuration(), trust: .test("profile-resolution"), timing: quick, logger: quiet)
        #expect(try await runner.isCaughtUp() == false)
        let running = [relay(writer, broker), Running(runner)]
        #expect(try await eventually { try await runner.isCaughtUp() })
        for service in running { try await service.stop() }
    }

    @Test("a type that the projection does not know is passed over")
    func unknownType() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let running = [relay(writer, broker), runner(reader, broker)]
        let key = newID()
        try await writer.write([key], version: 1)
        try await writer.write([key], version: 2, type: "thing.renamed")
        try await writer.write([key], version: 3)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        #expect(try await reader.effects() == 2)
        for service in running { try await service.stop() }
    }

    @Test("a message that is no event does not stop the partition")
    func noise() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let running = [relay(writer, broker), runner(reader, broker)]
        let key = newID()
        try await writer.write([key], version: 1)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        let producer = try KafkaProducer(broker.configuration(), logger: quiet)
        for value in ["", "{}", "{\"specversion\":\"1.0\"}", "not json"] {
            _ = try await producer.send(
                topic: Topic.mandates, partition: EventPartition.of(key), key: [], value: Array(value.utf8))
        }
        try await writer.write([key], version: 2)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        await producer.close(within: .seconds(5))
        for service in running { try await service.stop() }
    }

    @Test("a projection that is rebuilt comes to the same state, from the first event on")
    func rebuild() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let relay = relay(writer, broker)
        let keys = (0..<10).map { _ in newID() }
        for version in 1...5 { try await writer.write(keys, version: Int64(version), text: "v\(version)") }
        let first = runner(reader, broker)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        await #expect(throws: ProjectionInUse.self) {
            try await reader.projection().rebuild(on: reader.database.database)
        }
        try await first.stop()
        try await reader.projection().rebuild(on: reader.database.database)
        #expect(try await reader.positions().isEmpty)
        let second = runner(reader, broker)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        #expect(try await reader.effects() == 50)
        #expect(try await reader.database.database.count("SELECT count(*) FROM thing WHERE text = 'v5'") == 10)
        try await second.stop()
        try await relay.stop()
    }

    @Test("a projection is rebuilt any number of times, in any order with restarts, and always comes to the same state")
    func rebuildAgain() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let relay = relay(writer, broker)
        let database = reader.database.database
        let keys = (0..<40).map { _ in newID() }
        try await writer.write(keys, version: 1)
        let first = runner(reader, broker)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        try await first.stop()
        for count in [2, 0, 3, 1] {
            for _ in 0..<count { try await reader.projection().rebuild(on: database) }
            let next = runner(reader, broker)
            #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer) })
            #expect(try await reader.effects() == 40)
            #expect(try await reader.doubled() == 0)
            try await next.stop()
        }
        try await relay.stop()
    }

    @Test("two versions run side by side, one with a projection more: nothing is left to nobody, and both get ready")
    func twoVersions() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let (old, more) = ([reader.projection("a"), reader.projection("b")], reader.projection("c"))
        let running = [relay(writer, broker), runner(reader, broker, projections: old)]
        let keys = (0..<64).map { _ in newID() }
        try await writer.write(keys, version: 1)
        #expect(try await eventually { try await caughtUp(reader, writer, "b") })
        let newer = ProjectionRunner(
            projections: old + [more], gate: reader.gate(old + [more]), database: reader.database.database,
            kafka: broker.configuration("runner"), trust: .test("profile-resolution"), timing: quick, logger: quiet)
        let second = Running(newer)
        #expect(try await eventually(within: .seconds(20)) { try await newer.isCaughtUp() })
        func held() async throws -> Int64 {
            try await reader.database.database.count(
                "SELECT count(*) FROM lease JOIN lease_member USING (owner) WHERE expires_at > clock_timestamp()")
        }
        #expect(try await eventually(within: .seconds(20)) { try await held() == 96 })
        try await writer.write(keys, version: 2)
        for name in ["a", "b", "c"] {
            #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer, name) })
        }
        // The release is undone: what only the newer version knew is read by nobody, which its readers would be told.
        try await second.stop()
        #expect(try await eventually(within: .seconds(20)) { try await held() == 64 })
        try await writer.write(keys, version: 3)
        #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer, "a") })
        #expect(try await !reader.doubts("a").touch(.mandateRegistry))
        #expect(try await reader.doubled() == 0)
        for service in running { try await service.stop() }
    }

    @Test("what nobody has read for ten seconds, or ever, is in doubt")
    func readByNobody() async throws {
        let reader = try await Reader()
        let database = reader.database.database
        let key = newID()
        #expect(try await reader.doubts().cover(key, of: .mandateRegistry))
        try await database.pretendToFollow([reader.projection()])
        #expect(try await !reader.doubts().touch(.mandateRegistry))
        try await reader.execute("UPDATE lease_member SET expires_at = clock_timestamp() - interval '9 seconds'")
        #expect(try await !reader.doubts().cover(key, of: .mandateRegistry))
        try await reader.execute("UPDATE lease_member SET expires_at = clock_timestamp() - interval '11 seconds'")
        #expect(try await reader.doubts().cover(key, of: .mandateRegistry))
        let partition = EventPartition.of(key)
        try await reader.execute(
            "UPDATE lease SET owner = NULL, freed_at = clock_timestamp() WHERE partition = \(partition)")
        #expect(try await !reader.doubts().cover(key, of: .mandateRegistry))
        let report = try await database.read { session in
            try FollowingReport.read([reader.projection().followed], in: session)
        }
        #expect(report.count == 1)
        #expect(report.first?.hasPrefix("things of mandate-registry is read by nobody in partitions ") == true)
    }

    @Test(
        "with the broker away, relay and runner say so by the clock, with source and partitions, and say when it is over"
    )
    func brokerAway() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        var timing = quick
        timing.silence = .seconds(3)
        let relay = OutboxRelay(
            outbox: Outbox(source: writer.source, environment: .test), database: writer.database.database,
            kafka: broker.configuration("relay", properties: ["message.timeout.ms": "2000"]),
            trust: .test("mandate-registry"), timing: timing,
            logger: quiet)
        let runner = ProjectionRunner(
            projections: [reader.projection()], gate: reader.gate(), database: reader.database.database,
            kafka: broker.configuration("runner"), trust: .test("profile-resolution"), timing: timing, logger: quiet)
        let running = [Running(relay), Running(runner)]
        #expect(try await eventually { try await runner.isCaughtUp() })
        #expect(try await eventually { try await runner.problem() == nil })
        #expect(try await eventually { relay.problem() == nil })
        try await broker.kill()
        try await writer.write([newID()], version: 1)
        #expect(
            try await eventually(within: .seconds(20)) {
                relay.problem()?.contains("1 events of mandate-registry wait") == true
            })
        #expect(
            try await eventually(within: .seconds(20)) {
                try await runner.problem()?.contains("mandate-registry is not heard since") == true
            })
        let words = try await runner.problem() ?? ""
        #expect(words.contains("partitions 0–31"))
        try await broker.start()
        #expect(try await eventually(within: .seconds(40)) { try await caughtUp(reader, writer) })
        #expect(try await eventually(within: .seconds(20)) { try await runner.problem() == nil })
        #expect(try await eventually(within: .seconds(20)) { relay.problem() == nil })
        for service in running { try await service.stop() }
    }

    @Test("a control topic with a wrong partition count is named by relay and runner")
    func wrongTopic() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let admin = try KafkaAdmin(broker.configuration(), logger: quiet)
        try await admin.ensureTopic(Topic.heads, partitions: 4)
        var timing = quick
        timing.silence = .seconds(2)
        let relay = OutboxRelay(
            outbox: Outbox(source: writer.source, environment: .test), database: writer.database.database,
            kafka: broker.configuration(),
            trust: .test("mandate-registry"), timing: timing, logger: quiet)
        let runner = ProjectionRunner(
            projections: [reader.projection()], gate: reader.gate(), database: reader.database.database,
            kafka: broker.configuration(), trust: .test("profile-resolution"), timing: timing, logger: quiet)
        let running = [Running(relay), Running(runner)]
        let words = "\(Topic.heads) has 4 partitions instead of 1"
        #expect(try await eventually { relay.problem()?.contains(words) == true })
        #expect(try await eventually { try await runner.problem()?.contains(words) == true })
        for service in running { try await service.stop() }
    }
}
