import ContractCore
import FoundationEssentials
import Kafka
import Messaging
import Postgres
import TestBasics
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
        let outbox = Outbox(source: .mandateRegistry)
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
            kafka: broker.configuration(), timing: quick, logger: quiet)
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
        await #expect(throws: MessagingError.self) {
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
}
