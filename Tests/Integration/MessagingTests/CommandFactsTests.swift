import Async
import ContractCore
import EventOutbox
import Imports
import Kafka
import Postgres
import Process
import TestBasics
import TestService
import TestStore
import TestStream
import TestTokens
import Testing
import Vocabulary

/// Whether a command decides by the database of its service: it looks for itself, also while no instance serves.
@Suite("Commands and own facts")
struct CommandFactsTests {
    private func base(_ writer: Writer, _ kafka: KafkaConfiguration) throws -> ServiceBase {
        try ServiceBase.test(
            writer.source.owner, database: writer.database.database, issuer: TestIssuer(), kafka: kafka, logger: quiet)
    }

    /// A source that went back to a backup and knows of less than it told; no instance of it runs.
    private func restored(_ broker: TestKafka) async throws -> Writer {
        let writer = try await Writer()
        let first = relay(writer, broker)
        try await writer.write([newID()], version: 1)
        #expect(try await eventually(within: .seconds(20)) { try await isSent(writer) })
        let restored = try await writer.backup()
        try await writer.write([newID()], version: 1)
        #expect(try await eventually(within: .seconds(20)) { try await isSent(writer) })
        try await first.stop()
        return restored
    }

    private func isSent(_ writer: Writer) async throws -> Bool {
        try await writer.database.database.count(
            """
            SELECT count(*) FROM outbox_head JOIN outbox_relay USING (source, partition)
            WHERE outbox_head.sequence > outbox_relay.sequence
            """) == 0
    }

    @Test("on a backup whose service does not run yet, what decides is refused, and the rest says that it is in doubt")
    func inDoubt() async throws {
        let broker = try await TestKafka()
        let base = try base(try await restored(broker), broker.configuration("command"))
        for effect in CommandEffect.allCases {
            let hasBegun = Flag()
            let perform = {
                try await CommandFacts.perform(effect, base, patience: .seconds(30)) { facts in
                    hasBegun.set()
                    return await facts.doubts()
                }
            }
            switch effect {
            case .decides:
                let refusal = await #expect(throws: OwnFactsInDoubt.self) { try await perform() }
                let text = try #require(refusal?.description)
                #expect(text.hasPrefix("mandate-registry told others more than its database knows"))
                #expect(text.contains("Nothing was written.") && text.contains("Then run the same command again"))
                #expect(text.contains("mandate-registry-service outbox restorations"))
                #expect(!hasBegun.isSet)
            case .endsAccess, .reads:
                #expect(try await perform().first?.hasPrefix("In doubt: mandate-registry told others more") == true)
            case .apart: #expect(try await perform() == [])
            }
        }
    }

    @Test("on a database that knows all that it told, every command goes on, with nothing more to say")
    func certain() async throws {
        let (writer, broker) = try await (Writer(), TestKafka())
        let sending = relay(writer, broker)
        try await writer.write([newID(), newID()], version: 1)
        #expect(try await eventually(within: .seconds(20)) { try await isSent(writer) })
        let base = try base(writer, broker.configuration("command"))
        for effect in CommandEffect.allCases {
            let start = ContinuousClock.now
            #expect(try await CommandFacts.perform(effect, base, patience: .seconds(30)) { await $0.doubts() } == [])
            print("measured look of a command (\(effect)): \(ContinuousClock.now - start)")
        }
        try await sending.stop()
    }

    @Test("a broker that is away keeps a command waiting for a while only, and it says what it could not look at")
    func brokerAway() async throws {
        let base = try base(try await Writer(), KafkaConfiguration(bootstrap: "127.0.0.1:1", clientID: "command"))
        let start = ContinuousClock.now
        let said = try await CommandFacts.perform(.decides, base, patience: .milliseconds(500)) { await $0.doubts() }
        #expect(ContinuousClock.now - start >= .milliseconds(450))
        #expect(said.count == 1 && said.first?.contains("could not be compared") == true)
    }

    @Test("a backup that a running instance has noticed is in doubt for commands too, also with the broker away")
    func writtenDown() async throws {
        let writer = try await Writer()
        try await doubt(writer)
        let base = try base(writer, KafkaConfiguration(bootstrap: "127.0.0.1:1", clientID: "command"))
        await #expect(throws: OwnFactsInDoubt.self) {
            try await CommandFacts.perform(.decides, base, patience: .seconds(5)) { _ in }
        }
    }

    @Test("an import stops at the rows before which its service went back to a backup")
    func onItsWay() async throws {
        let (writer, broker) = try await (Writer(), TestKafka())
        let base = try base(writer, broker.configuration("command"))
        let row = ImportRow(line: 2, values: [:])
        try await CommandFacts.perform(.decides, base, patience: .seconds(30)) { facts in
            let handler = facts.guarding(Accepting())
            #expect(try await handler.take([row]) == [.added])
            try await doubt(writer)
            #expect(try await eventually(within: .seconds(5)) { (try? await handler.take([row])) == nil })
        }
    }

    /// As a relay writes it down that finds more in the log than in the database.
    private func doubt(_ writer: Writer) async throws {
        try await writer.database.database.transaction { session in
            try AdoptionStore.doubt(0, of: writer.source, true, in: session)
        }
        #expect(try await writer.database.database.count("SELECT count(*) FROM outbox_relay WHERE doubted") == 1)
    }

    private struct Accepting: ImportHandler {
        func take(_ rows: [ImportRow], tell: (ImportVerdict) -> Void) async throws {
            for _ in rows { tell(.added) }
        }
    }
}
