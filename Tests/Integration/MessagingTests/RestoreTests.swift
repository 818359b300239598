import Async
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

/// A source whose database is put back to an earlier state while the log keeps what was told.
@Suite("Restore from a backup")
struct RestoreTests {
    /// Writes what the source has of a thing, with its event; the next version of it.
    private func change(_ writer: Writer, _ key: UUID, _ text: String) async throws {
        let outbox = Outbox(source: writer.source, environment: writer.environment)
        try await writer.database.database.transaction { session in
            let row = try session.first(
                """
                INSERT INTO thing (id, version, text) VALUES (\(key), 1, \(text))
                ON CONFLICT (id) DO UPDATE SET version = thing.version + 1, text = excluded.text RETURNING version
                """)
            let version = try row?.decode(Int64.self) ?? 0
            try outbox.append(
                [draft(key, version: version, text: text)], audit: audit(), in: session)
        }
    }

    private func things(_ database: Database) async throws -> [UUID: String] {
        let rows = try await database.read { session in
            try session.query("SELECT id, version || ' ' || text FROM thing")
        }
        return Dictionary(uniqueKeysWithValues: try rows.map { try $0.decode(UUID.self, String.self) })
    }

    /// The reader knows exactly what the source has, each event had its effect once, and nothing is in doubt.
    private func expectWhole(_ reader: Reader, _ writer: Writer) async throws {
        #expect(try await eventually(within: .seconds(40)) { try await caughtUp(reader, writer) })
        #expect(
            try await eventually(within: .seconds(10)) {
                try await reader.database.database.count("SELECT count(*) FROM position WHERE state = 'halted'") == 0
            })
        #expect(try await things(reader.database.database) == things(writer.database.database))
        #expect(try await reader.doubled() == 0)
        #expect(try await reader.effects() == writer.eventCount())
    }

    /// Each event of the outbox names the one before it, and the head is the last.
    private func expectChained(_ writer: Writer) async throws {
        #expect(
            try await writer.database.database.count(
                """
                SELECT count(*) FROM (
                    SELECT previous_id, sequence, lag(event_id) OVER chain AS id, lag(sequence) OVER chain AS number,
                        envelope::jsonb AS event
                    FROM outbox WINDOW chain AS (PARTITION BY source, partition ORDER BY sequence)
                ) AS entry
                WHERE previous_id IS DISTINCT FROM id OR sequence <> coalesce(number, 0) + 1
                    OR event->>'previous' IS DISTINCT FROM previous_id::text
                    OR (event->>'sequence')::bigint <> sequence
                """) == 0)
        #expect(
            try await writer.database.database.count(
                """
                SELECT count(*) FROM outbox_head AS head
                WHERE event_id IS DISTINCT FROM (
                    SELECT event_id FROM outbox
                    WHERE outbox.source = head.source AND outbox.partition = head.partition
                    ORDER BY sequence DESC LIMIT 1)
                """) == 0)
    }

    /// A key in another partition than any of these.
    private func key(apartFrom others: [UUID]) -> UUID {
        let taken = Set(others.map(EventPartition.of))
        var key = newID()
        while taken.contains(EventPartition.of(key)) { key = newID() }
        return key
    }

    /// The partitions whose facts decide nothing in the source itself.
    private func doubted(_ writer: Writer) async throws -> Set<Int32> {
        try await writer.database.database.read { session in
            try AdoptionStore.doubted(Array(0..<Int32(Topic.partitions)), of: writer.source, in: session)
        }
    }

    private func isUncertain(_ reader: Reader, _ key: UUID) async throws -> Bool {
        try await reader.database.database.count(
            """
            SELECT count(*) FROM position WHERE reason = 'uncertain' AND partition = \(EventPartition.of(key))
            """) == 1
    }

    @Test("what was told and lost is taken over and corrected: no ghost, no lost end, no number twice")
    func restored() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let (changed, twice, lost) = (newID(), newID(), newID())
        let stays = key(apartFrom: [changed, twice, lost])
        for key in [changed, twice, stays] { try await change(writer, key, "before") }
        let first = relay(writer, broker)
        let running = runner(reader, broker)
        #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer) })
        let restored = try await writer.backup()
        try await change(writer, changed, "lost")
        for text in ["lost", "lost again"] { try await change(writer, twice, text) }
        try await change(writer, lost, "ghost")
        #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer) })
        try await first.stop()

        // The restored source has gone on before it finds out: under the same numbers, with the same versions.
        let own = newID()
        try await change(restored, changed, "own")
        try await change(restored, own, "own")
        let started = ContinuousClock.now
        let again = relay(restored, broker)
        #expect(try await eventually(within: .seconds(10)) { try await isUncertain(reader, changed) })
        let noticed = ContinuousClock.now
        // The reader writes down one partition after the other.
        #expect(
            try await eventually(within: .seconds(10)) {
                try await reader.doubts().cover(lost, of: .mandateRegistry)
            })
        let uncertain = try await doubted(restored)
        #expect(uncertain.contains(EventPartition.of(lost)))
        #expect(!uncertain.contains(EventPartition.of(stays)))
        // Until the source has looked at a partition it calls that uncertain too.
        #expect(
            try await eventually(within: .seconds(10)) {
                try await !reader.doubts().cover(stays, of: .mandateRegistry)
            })
        try await expectWhole(reader, restored)
        #expect(try await doubted(restored).isEmpty)
        print("measured restore: refused after \(noticed - started), consistent after \(ContinuousClock.now - started)")
        try await expectChained(restored)
        let known = try await things(reader.database.database)
        #expect(known[changed] == "3 own")
        #expect(known[twice] == "4 before")
        #expect(known[stays] == "1 before")
        #expect(known[own] == "1 own")
        #expect(known[lost] == nil)

        // It goes on as any other, and whoever reads it all from the beginning arrives at the same.
        try await change(restored, lost, "entered again")
        try await expectWhole(reader, restored)
        let late = try await Reader()
        let lateRunner = runner(late, broker)
        try await expectWhole(late, restored)
        for service in [again, running, lateRunner] { try await service.stop() }
    }

    @Test("a source that lost everything takes all of it over, and readers have nothing that it does not have")
    func everythingLost() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let keys = (0..<40).map { _ in newID() }
        let first = relay(writer, broker)
        let running = runner(reader, broker)
        for key in keys { try await change(writer, key, "lost") }
        #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer) })
        try await first.stop()
        let empty = try await Writer()
        try await change(empty, keys[0], "entered again")
        let relays = [relay(empty, broker), relay(empty, broker)]
        try await expectWhole(reader, empty)
        #expect(try await things(reader.database.database).count == 1)
        try await expectChained(empty)
        for service in relays + [running] { try await service.stop() }
    }

    @Test("whoever takes over is cut off again and again, writes go on meanwhile, and the end is the same")
    func cutOff() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let keys = (0..<8).map { _ in newID() }
        let first = relay(writer, broker)
        let running = runner(reader, broker)
        for key in keys { try await change(writer, key, "before") }
        #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer) })
        let restored = try await writer.backup()
        for number in 0..<40 { for key in keys { try await change(writer, key, "lost \(number)") } }
        #expect(try await eventually(within: .seconds(30)) { try await caughtUp(reader, writer) })
        try await first.stop()
        let load = Task {
            while !Task.isCancelled {
                try? await change(restored, keys.randomElement() ?? keys[0], "own")
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        for _ in 0..<5 {
            let relay = relay(restored, broker)
            try await Task.sleep(for: .milliseconds(Int.random(in: 700...1900)))
            await relay.cutOff()
        }
        load.cancel()
        await load.value
        let last = relay(restored, broker)
        try await expectWhole(reader, restored)
        try await expectChained(restored)
        for service in [last, running] { try await service.stop() }
    }

    @Test("what rests on the database alone is ended before anything is called certain, and tried again until it is")
    func settled() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let key = newID()
        let first = relay(writer, broker)
        let running = runner(reader, broker)
        try await change(writer, key, "before")
        #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer) })
        let restored = try await writer.backup()
        try await change(writer, key, "lost")
        #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer) })
        try await first.stop()
        let tries = Guarded(0)
        let restatement = Restatement { _ in
            let count = tries.withLock { tries in
                tries += 1
                return tries
            }
            if count < 3 { throw Poisoned() }
        } restate: { told, session in
            #expect(tries.withLock { $0 } >= 3)
            return try thingRestatement.restate.flatMap { try $0(told, session) }
        }
        let again = Running(makeRelay(restored, broker, restatement: restatement))
        try await expectWhole(reader, restored)
        #expect(tries.withLock { $0 } == 3)
        #expect(
            try await restored.database.database.count(
                "SELECT count(*) FROM outbox_restoration WHERE settled_at IS NOT NULL") == 1)
        for service in [again, running] { try await service.stop() }
    }

    @Test("a thing that the source cannot read is taken back, and keeps nobody waiting")
    func unreadable() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let key = newID()
        let bad = try #require(
            (0..<10_000).lazy.map { _ in newID() }.first { EventPartition.of($0) == EventPartition.of(key) })
        let first = relay(writer, broker)
        let running = runner(reader, broker)
        for thing in [key, bad] { try await change(writer, thing, "before") }
        #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer) })
        let restored = try await writer.backup()
        for thing in [key, bad] { try await change(writer, thing, "lost") }
        #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer) })
        try await first.stop()
        let again = Running(
            makeRelay(
                restored, broker,
                restatement: Restatement { told, session in
                    if told.key == bad { throw Poisoned() }
                    return try thingRestatement.restate.flatMap { try $0(told, session) }
                }))
        #expect(
            try await eventually(within: .seconds(30)) {
                try await things(reader.database.database) == [key: "3 before"]
            })
        #expect(try await eventually(within: .seconds(10)) { try await caughtUp(reader, restored) })
        for service in [again, running] { try await service.stop() }
    }

    @Test("a copy of the database beside the living one sends nothing, says so, and changes nothing for the readers")
    func clone() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let key = newID()
        let original = makeRelay(writer, broker)
        let running = [Running(original), runner(reader, broker)]
        try await change(writer, key, "before")
        #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer) })
        let copy = try await writer.backup()
        try await change(writer, key, "true")
        #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer) })
        try await change(copy, key, "of the copy")
        let clone = makeRelay(copy, broker)
        let cloned = Running(clone)
        #expect(
            try await eventually(within: .seconds(20)) {
                clone.problem()?.contains("another database sends in the name of mandate-registry") == true
            })
        for number in 0..<10 { try await change(writer, key, "true \(number)") }
        try await change(copy, key, "of the copy again")
        try await expectWhole(reader, writer)
        #expect(try await things(reader.database.database) == [key: "12 true 9"])
        #expect(original.problem() == nil)
        for service in running + [cloned] { try await service.stop() }
    }

    /// An event as a copy of the database would write it next.
    private func unwritten(_ writer: Writer, _ key: UUID) async throws -> String {
        let found = Guarded<String?>(nil)
        await #expect(throws: Poisoned.self) {
            try await writer.database.database.transaction { session in
                try Outbox(source: writer.source, environment: writer.environment).append(
                    [draft(key, version: 2, text: "of the copy")], audit: audit(), in: session)
                let envelope = try session.first("SELECT envelope FROM outbox ORDER BY sequence DESC LIMIT 1")?
                    .decode(String.self)
                found.withLock { $0 = envelope }
                throw Poisoned()
            }
        }
        return try #require(found.withLock { $0 })
    }

    @Test("whoever writes behind what a living source sent stops it: nothing is sent, what depends on it is refused")
    func overrun() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let key = newID()
        let original = makeRelay(writer, broker)
        let running = Running(original)
        let reading = runner(reader, broker)
        try await change(writer, key, "before")
        #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer) })
        // A copy that has the source's key, and sends without looking.
        let envelope = try await unwritten(writer, key)
        let producer = try KafkaProducer(broker.configuration(), logger: quiet)
        _ = try await producer.send([
            try signed(
                Data(envelope.utf8), Topic.mandates, EventPartition.of(key), by: .test(writer.source.owner))
        ])
        await producer.close(within: .seconds(5))
        #expect(
            try await eventually(within: .seconds(20)) {
                original.problem()?.contains("another database sends in the name of mandate-registry") == true
            })
        #expect(try await eventually(within: .seconds(20)) { try await isUncertain(reader, key) })
        try await change(writer, key, "waits")
        let admin = try KafkaAdmin(broker.configuration(), logger: quiet)
        #expect(try await admin.offsets(of: Topic.mandates)[EventPartition.of(key)]?.upperBound == 2)
        // The copy is gone, the source is started anew: it takes over what was said in its name, and corrects it.
        try await running.stop()
        let again = relay(writer, broker)
        try await expectWhole(reader, writer)
        #expect(try await things(reader.database.database) == [key: "3 waits"])
        for service in [again, reading] { try await service.stop() }
    }

    @Test("a database that goes back under a living relay is noticed before anything is sent over what was told")
    func underLivingRelay() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let key = newID()
        let running = [relay(writer, broker), runner(reader, broker)]
        try await change(writer, key, "before")
        try await change(writer, key, "lost")
        #expect(try await eventually(within: .seconds(20)) { try await caughtUp(reader, writer) })
        // As a standby that took over without the last commit.
        let outbox = Outbox(source: writer.source, environment: .test)
        try await writer.database.database.transaction { session in
            try session.execute("DELETE FROM outbox WHERE sequence = 2")
            try session.execute(
                """
                UPDATE outbox_head SET sequence = 1, event_id = outbox.event_id, before_id = NULL
                FROM outbox WHERE outbox.partition = outbox_head.partition AND outbox_head.sequence = 2
                """)
            try session.execute(
                "UPDATE outbox_relay SET sequence = 1, kafka_offset = 0 WHERE sequence = 2")
            try session.execute("UPDATE thing SET version = 2, text = 'own'")
            try outbox.append(
                [draft(key, version: 2, text: "own")], audit: audit(), in: session)
        }
        #expect(
            try await eventually(within: .seconds(30)) {
                try await things(reader.database.database) == [key: "3 own"]
            })
        try await expectWhole(reader, writer)
        try await expectChained(writer)
        for service in running { try await service.stop() }
    }
}
