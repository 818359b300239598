import Async
import ContractCore
import EventOutbox
import Flow
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

/// Whether a source decides by its own database, from its first moment on.
@Suite("Own facts")
struct OwnFactsTests {
    /// What a watch told, and when.
    private final class Told: Sendable {
        private let said = Guarded<[(at: ContinuousClock.Instant, decides: Bool)]>([])

        func note(_ decides: Bool) { said.withLock { $0.append((.now, decides)) } }
        var decides: Bool { said.withLock { $0.last?.decides ?? false } }
        var firstDecided: ContinuousClock.Instant? { said.withLock { $0.first(where: \.decides)?.at } }
        var hasDecided: Bool { firstDecided != nil }
    }

    private func watch(
        _ writer: Writer, _ kafka: KafkaConfiguration, _ told: Told, patience: Duration = .seconds(30)
    ) -> OwnFactsWatch {
        OwnFactsWatch(
            streams: [Outbox(source: writer.source, environment: writer.environment)],
            database: writer.database.database, kafka: kafka, trust: .test(writer.source.owner), logger: quiet,
            patience: patience, tell: { told.note($0) })
    }

    /// Whether relays wrote down that the database does not know all that was told.
    private func isDoubted(_ writer: Writer) async throws -> Bool {
        try await writer.database.database.read { session in try AdoptionStore.areOwnFactsInDoubt(in: session) }
    }

    @Test("a restored source decides nothing from its first moment on until it is corrected")
    func restored() async throws {
        let (writer, broker) = try await (Writer(), TestKafka())
        let keys = (0..<20).map { _ in newID() }
        let first = relay(writer, broker)
        try await writer.write(keys, version: 1)
        #expect(try await eventually(within: .seconds(20)) { try await isSent(writer) })
        let restored = try await writer.backup()
        try await writer.write(Array(keys.prefix(3)), version: 2)
        #expect(try await eventually(within: .seconds(20)) { try await isSent(writer) })
        try await first.stop()

        // No relay runs, as while the lease of the instance before it lapses: the watch finds out by itself.
        let told = Told()
        let watch = watch(restored, broker.configuration("watch"), told)
        let watching = Running(watch)
        #expect(try await eventually(within: .seconds(10)) { watch.answer == .doubted })
        #expect(!told.hasDecided)
        #expect(try await !isDoubted(restored))
        let again = relay(restored, broker)
        #expect(try await eventually(within: .seconds(40)) { told.decides })
        #expect(watch.answer == .certain)
        #expect(try await !isDoubted(restored))
        #expect(try await restored.database.database.count("SELECT count(*) FROM outbox_told") == 0)
        #expect(
            try await restored.database.database.count(
                "SELECT count(*) FROM outbox WHERE type = 'thing.voided' OR type = 'thing.restated'") == 3)

        // What a relay finds later under a living instance is heard of too.
        try await restored.database.database.transaction { session in
            try AdoptionStore.doubt(0, of: restored.source, true, in: session)
        }
        #expect(try await eventually(within: .seconds(2)) { !told.decides })
        for service in [again, watching] { try await service.stop() }
    }

    @Test("an ordinary start, also behind a crash between sending and writing that down, decides within a moment")
    func started() async throws {
        let (writer, broker) = try await (Writer(), TestKafka())
        let fresh = Told()
        let early = Running(watch(writer, broker.configuration("watch"), fresh))
        #expect(try await eventually(within: .seconds(5)) { fresh.decides })
        let first = relay(writer, broker)
        for version in 1...3 { try await writer.write((0..<60).map { _ in newID() }, version: Int64(version)) }
        #expect(try await eventually(within: .seconds(20)) { try await isSent(writer) })
        try await first.stop()
        // As if the last event of each partition had been sent and nobody had written that down.
        _ = try await writer.database.database.transaction { session in
            try session.execute(
                """
                UPDATE outbox_relay SET sequence = sequence - 1, kafka_offset = kafka_offset - 1 WHERE sequence > 1
                """)
        }
        let (told, start) = (Told(), ContinuousClock.now)
        let late = Running(watch(writer, broker.configuration("watch"), told))
        #expect(try await eventually(within: .seconds(5)) { told.decides })
        if let decided = told.firstDecided { print("measured start: decides after \(decided - start)") }
        for service in [early, late] { try await service.stop() }
    }

    @Test("a broker that is away keeps a start waiting for a while only, and what it shows later counts")
    func brokerAway() async throws {
        let (writer, broker) = try await (Writer(), TestKafka())
        let first = relay(writer, broker)
        try await writer.write([newID()], version: 1)
        #expect(try await eventually(within: .seconds(20)) { try await isSent(writer) })
        let restored = try await writer.backup()
        try await writer.write([newID()], version: 1)
        #expect(try await eventually(within: .seconds(20)) { try await isSent(writer) })
        try await first.stop()
        try broker.suspend()

        let told = Told()
        let watch = watch(restored, broker.configuration("watch"), told, patience: .seconds(1))
        let (start, watching) = (ContinuousClock.now, Running(watch))
        #expect(try await eventually(within: .seconds(10)) { told.decides })
        #expect(told.firstDecided.map { $0 - start >= .milliseconds(900) } == true)
        #expect(watch.answer == .unlooked)
        try broker.resume()
        #expect(try await eventually(within: .seconds(20)) { watch.answer == .doubted && !told.decides })
        try await watching.stop()
    }

    private func isSent(_ writer: Writer) async throws -> Bool {
        try await writer.database.database.count(
            """
            SELECT count(*) FROM outbox_head JOIN outbox_relay USING (source, partition)
            WHERE outbox_head.sequence > outbox_relay.sequence
            """) == 0
    }
}
