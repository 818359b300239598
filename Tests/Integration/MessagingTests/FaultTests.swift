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

/// What is killed in these tests is killed without warning; effects are counted afterwards.
@Suite("Faults")
struct FaultTests {
    /// Writes all the time until cancelled; failures of the database are not expected here.
    private func load(_ writer: Writer, keys: [UUID]) -> Task<Int64, any Error> {
        Task {
            var version: Int64 = 0
            while !Task.isCancelled {
                version += 1
                let chosen = keys.shuffled().prefix(3)
                let last = version
                _ = await Task { try await writer.write(Array(chosen), version: last) }.result
                try? await Task.sleep(for: .milliseconds(5))
            }
            return version
        }
    }

    private func checkExact(_ reader: Reader, _ writer: Writer) async throws {
        let (events, effects) = try await (writer.eventCount(), reader.effects())
        #expect(effects == events)
        #expect(try await reader.doubled() == 0)
        #expect(try await reader.database.database.count("SELECT count(*) FROM parked") == 0)
        #expect(
            try await reader.database.database.count("SELECT count(*) FROM position WHERE state = 'halted'") == 0)
    }

    @Test("two relays and two runners share the work, one of each is cut off, and the effects are exact")
    func instanceCutOff() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let relays = [relay(writer, broker), relay(writer, broker)]
        let runners = [runner(reader, broker), runner(reader, broker)]
        let load = load(writer, keys: (0..<60).map { _ in newID() })
        func owners(_ database: Database, _ group: String) async throws -> Int64 {
            try await database.count(
                """
                SELECT count(DISTINCT owner) FROM lease
                WHERE lease_group = \(group) AND expires_at > clock_timestamp()
                """)
        }
        #expect(try await eventually { try await owners(reader.database.database, "projections") == 2 })
        #expect(try await eventually { try await owners(writer.database.database, "relay") == 2 })
        let before = try await reader.effects()
        #expect(try await eventually { try await reader.effects() > before + 100 })
        await relays[0].cutOff()
        await runners[0].cutOff()
        #expect(try await eventually { try await owners(reader.database.database, "projections") == 1 })
        let third = runner(reader, broker)
        #expect(try await eventually { try await owners(reader.database.database, "projections") == 2 })
        let after = try await reader.effects()
        #expect(try await eventually { try await reader.effects() > after + 100 })
        load.cancel()
        _ = try await load.value
        #expect(try await eventually(within: .seconds(40)) { try await caughtUp(reader, writer) })
        try await checkExact(reader, writer)
        for service in [relays[1], runners[1], third] { try await service.stop() }
    }

    @Test("the broker is killed twice under load: nothing is lost, nothing has its effect twice")
    func brokerKilled() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let running = [relay(writer, broker), runner(reader, broker)]
        let load = load(writer, keys: (0..<60).map { _ in newID() })
        for _ in 0..<2 {
            let before = try await reader.effects()
            #expect(try await eventually(within: .seconds(40)) { try await reader.effects() > before + 50 })
            try await broker.kill()
            try await Task.sleep(for: .milliseconds(300))
            try await broker.start()
        }
        load.cancel()
        _ = try await load.value
        #expect(try await eventually(within: .seconds(60)) { try await caughtUp(reader, writer) })
        try await checkExact(reader, writer)
        for service in running { try await service.stop() }
    }

    @Test("the broker loses its whole log under load: it is filled again, and the effects are exact")
    func logLost() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let running = [relay(writer, broker), runner(reader, broker)]
        let load = load(writer, keys: (0..<60).map { _ in newID() })
        #expect(try await eventually { try await reader.effects() > 100 })
        try await broker.kill()
        try broker.wipe()
        try await broker.start()
        let before = try await reader.effects()
        #expect(try await eventually(within: .seconds(60)) { try await reader.effects() > before + 100 })
        load.cancel()
        _ = try await load.value
        #expect(try await eventually(within: .seconds(60)) { try await caughtUp(reader, writer) })
        try await checkExact(reader, writer)
        // A reader that comes later finds everything in the broker's log again.
        let late = try await Reader()
        let lateRunner = runner(late, broker)
        #expect(try await eventually(within: .seconds(60)) { try await caughtUp(late, writer) })
        try await checkExact(late, writer)
        for service in running + [lateRunner] { try await service.stop() }
    }

    @Test("an event that never reached the broker is noticed by the heads, asked for and had")
    func lostLastEvent() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let running = [relay(writer, broker), runner(reader, broker)]
        let key = newID()
        try await writer.write([key], version: 1)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        try await loseNext(writer, key)
        #expect(try await eventually(within: .seconds(40)) { try await caughtUp(reader, writer) })
        try await checkExact(reader, writer)
        for service in running { try await service.stop() }
    }

    @Test("heads with the ends of the number range stop no reader, and events go on having their effect")
    func hostileHeads() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let running = [relay(writer, broker), runner(reader, broker)]
        let keys = (0..<64).map { _ in newID() }
        try await writer.write(keys, version: 1)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        let producer = try KafkaProducer(broker.configuration("stranger"), logger: quiet)
        for number in HostileNumbers.integers.filter({ abs(Double($0)) > 1000 }).sorted() {
            let heads = SourceHeads(
                source: writer.source, time: now(),
                heads: (0..<Int32(Topic.partitions)).map {
                    SourceHeads.Head(partition: $0, sequence: number, eventId: EventID(newID()))
                })
            _ = try await producer.send(
                topic: Topic.heads, partition: 0, key: [], value: Array(try JSONEncoder().encode(heads)))
        }
        await producer.close(within: .seconds(5))
        try await writer.write(keys, version: 2)
        #expect(try await eventually(within: .seconds(40)) { try await caughtUp(reader, writer) })
        for service in running { try await service.stop() }
    }

    @Test("an event missing in the middle halts its partition until it was sent again")
    func gap() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let running = [relay(writer, broker), runner(reader, broker)]
        let key = newID()
        try await writer.write([key], version: 1)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        try await loseNext(writer, key)
        try await writer.write([key], version: 3)
        #expect(try await eventually(within: .seconds(40)) { try await caughtUp(reader, writer) })
        try await checkExact(reader, writer)
        for service in running { try await service.stop() }
    }

    /// Writes an event and has the relay believe that it was sent.
    private func loseNext(_ writer: Writer, _ key: UUID) async throws {
        let partition = EventPartition.of(key)
        try await writer.database.database.transaction { session in
            try Outbox(source: writer.source).append(
                [draft(key, version: 2)], audit: audit(), context: context(), in: session)
            try session.execute(
                "UPDATE outbox_relay SET sequence = sequence + 1 WHERE partition = \(partition)")
        }
    }

    @Test("a source that tells another past than before halts the projection, and what depends on it is unknown")
    func diverged() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let relay = relay(writer, broker)
        let runner = runner(reader, broker)
        let key = newID()
        for version in 1...3 { try await writer.write([key], version: Int64(version)) }
        #expect(try await eventually { try await caughtUp(reader, writer) })
        let healthy = try await reader.database.database.read { session in
            try ProjectionGate.health(of: .mandateRegistry, key: key, in: session)
        }
        #expect(healthy == .reliable)
        try await relay.stop()
        // Another source that took the same numbers, as after a restore from a backup.
        let restored = try await Writer()
        for version in 1...4 { try await restored.write([key], version: Int64(version)) }
        let other = Running(
            OutboxRelay(
                outbox: Outbox(source: restored.source), database: restored.database.database,
                kafka: broker.configuration(), timing: quick, logger: quiet))
        #expect(
            try await eventually {
                try await reader.database.database.count(
                    "SELECT count(*) FROM position WHERE state = 'halted' AND reason = 'diverged'") == 1
            })
        #expect(try await reader.positions()[EventPartition.of(key)] == 3)
        let health = try await reader.database.database.read { session in
            (
                try ProjectionGate.health(of: .mandateRegistry, key: key, in: session),
                try ProjectionGate.unreliable(of: .mandateRegistry, keys: [key], in: session)
            )
        }
        #expect(health.0 == .unknown)
        #expect(health.1 == [key])
        try await other.stop()
        try await runner.stop()
    }

    @Test("an event that cannot be handled parks its aggregate, not its partition, and is had later in order")
    func parked() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let running = [relay(writer, broker), runner(reader, broker)]
        let key = newID()
        let neighbour = try #require(
            (0..<10_000).lazy.map { _ in newID() }.first { EventPartition.of($0) == EventPartition.of(key) })
        try await reader.execute("INSERT INTO poison (text) VALUES ('bad')")
        try await writer.write([key], version: 1)
        try await writer.write([key], version: 2, text: "bad")
        try await writer.write([key], version: 3)
        try await writer.write([neighbour], version: 1)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        let database = reader.database.database
        #expect(try await database.count("SELECT count(*) FROM parked WHERE key = \(key)") == 2)
        #expect(try await database.count("SELECT version FROM thing WHERE id = \(key)") == 1)
        #expect(try await database.count("SELECT count(*) FROM thing WHERE id = \(neighbour)") == 1)
        let health = try await database.read { session in
            [
                try ProjectionGate.health(of: .mandateRegistry, key: key, in: session),
                try ProjectionGate.health(of: .mandateRegistry, key: neighbour, in: session),
            ]
        }
        #expect(health == [.unknown, .reliable])
        #expect(
            try await eventually { try await database.count("SELECT max(attempts)::bigint FROM parked") >= 2 })
        try await writer.write([key], version: 4)
        #expect(try await eventually { try await database.count("SELECT count(*) FROM parked") == 3 })
        try await reader.execute("DELETE FROM poison")
        #expect(try await eventually { try await database.count("SELECT count(*) FROM parked") == 0 })
        #expect(try await database.count("SELECT version FROM thing WHERE id = \(key)") == 4)
        #expect(try await reader.doubled() == 0)
        try await writer.write([key], version: 5)
        #expect(try await eventually { try await database.count("SELECT version FROM thing WHERE id = \(key)") == 5 })
        for service in running { try await service.stop() }
    }

    @Test("an owner whose lease went to another cannot move the position")
    func fenced() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let running = [relay(writer, broker), runner(reader, broker)]
        let keys = (0..<64).map { _ in newID() }
        try await writer.write(keys, version: 1)
        #expect(try await eventually { try await caughtUp(reader, writer) })
        // As if another owner had taken everything over: the next effects must not be written under the old epochs.
        try await reader.execute("UPDATE position SET epoch = epoch + 1000000")
        try await writer.write(keys, version: 2)
        try await Task.sleep(for: .seconds(1))
        #expect(try await reader.database.database.count("SELECT count(*) FROM thing WHERE version = 2") == 0)
        for service in running { try await service.stop() }
    }
}
