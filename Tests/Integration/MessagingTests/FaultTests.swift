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
        func owners(_ database: Database, _ scope: String) async throws -> Int64 {
            try await database.count(
                """
                SELECT count(DISTINCT owner) FROM lease JOIN lease_member USING (owner)
                WHERE scope = \(scope) AND expires_at > clock_timestamp()
                """)
        }
        #expect(try await eventually { try await owners(reader.database.database, "things/mandate-registry") == 2 })
        #expect(try await eventually { try await owners(writer.database.database, "outbox/mandate-registry") == 2 })
        let before = try await reader.effects()
        #expect(try await eventually { try await reader.effects() > before + 100 })
        await relays[0].cutOff()
        await runners[0].cutOff()
        #expect(try await eventually { try await owners(reader.database.database, "things/mandate-registry") == 1 })
        let third = runner(reader, broker)
        #expect(try await eventually { try await owners(reader.database.database, "things/mandate-registry") == 2 })
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
                origin: EventOrigin(source: writer.source, environment: .test), time: now(),
                heads: (0..<Int32(Topic.partitions)).map {
                    SourceHeads.Head(partition: $0, last: number, eventId: EventID(newID()))
                })
            // Signed by the source itself: even then, no number may stop anybody.
            _ = try await producer.send(
                [try signed(try JSONEncoder().encode(heads), Topic.heads, 0, by: .test(writer.source.owner))])
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
        // The relay must not answer before the halt was seen.
        try await running[0].stop()
        let producer = try KafkaProducer(broker.configuration(), logger: quiet)
        try await writer.write([key], version: 3)
        let envelope = try await writer.database.database.read { session in
            try session.first("SELECT envelope FROM outbox ORDER BY sequence DESC LIMIT 1")?.decode(String.self)
        }
        _ = try await producer.send([
            try signed(
                Data((envelope ?? "").utf8), Topic.mandates, EventPartition.of(key), by: .test(writer.source.owner))
        ])
        await producer.close(within: .seconds(5))
        let database = reader.database.database
        #expect(
            try await eventually(within: .seconds(20)) {
                try await database.count("SELECT count(*) FROM position WHERE state = 'halted' AND reason = 'gap'") == 1
            })
        #expect(try await reader.doubts().cover(key, of: .mandateRegistry))
        let again = relay(writer, broker)
        #expect(try await eventually(within: .seconds(40)) { try await caughtUp(reader, writer) })
        try await checkExact(reader, writer)
        try await again.stop()
        try await running[1].stop()
    }

    /// Writes an event and has the relay believe that it was sent.
    private func loseNext(_ writer: Writer, _ key: UUID) async throws {
        let partition = EventPartition.of(key)
        try await writer.database.database.transaction { session in
            try Outbox(source: writer.source, environment: .test).append(
                [draft(key, version: 2)], audit: audit(), in: session)
            try session.execute(
                "UPDATE outbox_relay SET sequence = sequence + 1 WHERE partition = \(partition)")
        }
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
        let doubts = try await reader.doubts()
        #expect(doubts.cover(key, of: .mandateRegistry))
        #expect(!doubts.cover(neighbour, of: .mandateRegistry))
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

    @Test("an owner whose lease went to another has no effect, and neither has a relay")
    func fenced() async throws {
        let reader = try await Reader()
        let (projection, database) = (reader.projection(), reader.database.database)
        let unit = projection.units[7]
        let (first, second) = (newID(), newID())
        func take(_ owner: UUID) async throws -> Int64 {
            try await database.transaction { session in
                try LeaseStore.register(scopes: [unit.work.scope], partitions: Topic.partitions, in: session)
                // As after the expiry of whoever had it.
                try session.execute("DELETE FROM lease_member")
                _ = try LeaseStore.renew(
                    LeaseMember(id: owner, scopes: [unit.work.scope]), life: .seconds(60), in: session)
                return try LeaseStore.take([unit.work], for: owner, in: session)[unit.work] ?? -1
            }
        }
        let epoch = try await take(first)
        let adopted = try await database.transaction { session in
            try ProjectionStore.adopt([unit: epoch], in: session)
        }
        let before = try #require(adopted.first)
        var after = before
        after.advance(to: EventPlace(sequence: 1, id: EventID(newID()), previous: nil, offset: 0))
        #expect(try await take(second) == epoch + 1)
        let (start, end) = (before, after)
        await #expect(throws: Fenced.self) {
            try await database.transaction { session in
                try session.execute("INSERT INTO poison (text) VALUES ('effect of an owner that slept')")
                try ProjectionStore.advance(from: start, to: end, in: session)
            }
        }
        #expect(try await database.count("SELECT count(*) FROM poison") == 0)
        #expect(try await database.count("SELECT max(sequence) FROM position") == 0)
        let stillHeld = try await database.transaction { session in
            try LeaseStore.held([unit.work: epoch], in: session)
        }
        #expect(stillHeld.isEmpty)
    }

    @Test("a lease under which somebody is writing is not taken away before the commit")
    func takenAfterCommit() async throws {
        let reader = try await Reader()
        let database = reader.database.database
        let unit = WorkUnit("things/mandate-registry", 1)
        let owner = newID()
        let epoch = try await database.transaction { session in
            try LeaseStore.register(scopes: [unit.scope], partitions: Topic.partitions, in: session)
            return try LeaseStore.take([unit], for: owner, in: session)[unit] ?? -1
        }
        let (entered, leave) = (Flag(), Flag())
        let writing = Task {
            try await database.transaction { session in
                try LeaseStore.fence(unit, epoch: epoch, in: session)
                entered.set()
                while !leave.isSet { try session.execute("SELECT pg_sleep(0.01)") }
            }
        }
        #expect(try await eventually { entered.isSet })
        let other = newID()
        let early = try await database.transaction { session in
            try LeaseStore.take([unit], for: other, in: session)
        }
        #expect(early.isEmpty)
        leave.set()
        try await writing.value
        let late = try await database.transaction { session in try LeaseStore.take([unit], for: other, in: session) }
        #expect(late == [unit: epoch + 1])
    }
}
