import AuditTrail
import ContractCore
import EventOutbox
import FoundationEssentials
import Postgres
import TestEvents
import TestStore
import Testing
import Vocabulary

@Suite("Outbox")
struct OutboxTests {
    @Test("with eight writers at once, the numbers of each partition have no gap and follow each other")
    func gapFree() async throws {
        let writer = try await Writer()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for round in 1...40 {
                        let keys = (0..<Int.random(in: 1...6)).map { _ in newID() }
                        // Every seventh transaction changes its mind after it took numbers.
                        if round % 7 == 0 {
                            await #expect(throws: Poisoned.self) {
                                try await writer.database.database.transaction { session in
                                    try Outbox(source: writer.source, environment: .test).append(
                                        keys.map { draft($0, version: 1) }, audit: audit(),
                                        in: session)
                                    throw Poisoned()
                                }
                            }
                        } else {
                            try await writer.write(keys, version: 1)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let rows = try await writer.database.database.read { session in
            try session.query(
                "SELECT partition, sequence, event_id, previous_id FROM outbox ORDER BY partition, sequence")
        }
        var last: (partition: Int32, sequence: Int64, id: UUID)?
        for row in rows {
            let (partition, sequence, id, previous) = try row.decode(Int32.self, Int64.self, UUID.self, UUID?.self)
            if let before = last, before.partition == partition {
                #expect(sequence == before.sequence + 1)
                #expect(previous == before.id)
            } else {
                #expect(sequence == 1)
                #expect(previous == nil)
            }
            last = (partition, sequence, id)
        }
        #expect(rows.count > 300)
        let heads = try await writer.heads()
        #expect(heads.values.reduce(0, +) == Int64(rows.count))
    }

    @Test("events, head and audit record commit together or not at all")
    func atomic() async throws {
        let writer = try await Writer()
        await #expect(throws: Poisoned.self) {
            try await writer.database.database.transaction { session in
                try Outbox(source: writer.source, environment: .test).append(
                    [draft(newID(), version: 1)], audit: audit(), in: session)
                throw Poisoned()
            }
        }
        #expect(try await writer.eventCount() == 0)
        #expect(try await writer.heads().isEmpty)
        #expect(try await writer.database.database.count("SELECT count(*) FROM audit_record") == 0)
    }

    @Test("a write tells the places of its events")
    func positions() async throws {
        let writer = try await Writer()
        let keys = [newID(), newID(), newID()]
        try await writer.write(keys, version: 1)
        let positions = try await writer.write(keys, version: 2)
        let heads = try await writer.heads()
        #expect(
            positions.sequences
                == Dictionary(uniqueKeysWithValues: heads.map { (Positions.Place(.mandateRegistry, $0.key), $0.value) })
        )
        #expect(Positions(header: positions.header) == positions)
    }

    @Test("the published text is a CloudEvents event with the extensions of the contract")
    func envelope() async throws {
        let writer = try await Writer()
        let key = newID()
        try await writer.write([key], version: 7, text: "first")
        try await writer.write([key], version: 8, text: "second")
        let rows = try await writer.database.database.read { session in
            try session.query("SELECT event_id, envelope FROM outbox ORDER BY sequence")
        }
        let (firstID, _) = try rows[0].decode(EventID.self, String.self)
        let (secondID, text) = try rows[1].decode(EventID.self, String.self)
        let event = try JSONDecoder().decode(EventEnvelope<Thing>.self, from: Data(text.utf8))
        #expect(event.attributes.id == secondID)
        #expect(event.attributes.previous == firstID)
        #expect(event.attributes.sequence == 2)
        #expect(event.attributes.subject == "thing/\(key.uuidString.lowercased())")
        #expect(event.attributes.partitionkey == key.uuidString.lowercased())
        #expect(event.attributes.aggregateversion == 8)
        #expect(event.attributes.dataschema == "https://toegang.be/schemas/events/thing.changed/1")
        #expect(event.attributes.correlationid == "request-1")
        #expect(event.data.text == "second")
        #expect(text.contains("\"specversion\":\"1.0\""))
        #expect(text.contains("\"datacontenttype\":\"application/json\""))
    }

    @Test("audit records and events cannot be changed, and audit records cannot be removed")
    func appendOnly() async throws {
        let writer = try await Writer()
        try await writer.write([newID()], version: 1)
        for statement: SQL in [
            "UPDATE audit_record SET action = 'other.thing'", "DELETE FROM audit_record",
            "UPDATE outbox SET type = 'other.thing'",
        ] {
            await #expect(throws: PostgresError.self) {
                try await writer.database.database.transaction { session in try session.execute(statement) }
            }
        }
        #expect(try await writer.database.database.count("SELECT count(*) FROM audit_record") == 1)
    }

    @Test("a number that is taken is refused by the schema")
    func constraints() async throws {
        let writer = try await Writer()
        let key = newID()
        try await writer.write([key], version: 1)
        let failure = await #expect(throws: PostgresError.self) {
            try await writer.database.database.transaction { session in
                try session.execute(
                    """
                    INSERT INTO outbox (source, partition, sequence, event_id, key, type, audit_id, envelope)
                    VALUES (\(writer.source.rawValue), \(EventPartition.of(key)), 1, \(newID()), \(key), 'thing.changed',
                        \(newID()), '{}')
                    """)
            }
        }
        #expect(failure?.isUniqueViolation == true)
    }

    @Test("a backlog in ten partitions keeps no other waiting: each has its part of every batch")
    func fair() async throws {
        let writer = try await Writer()
        var keys: [Int32: UUID] = [:]
        while keys.count < Topic.partitions {
            let key = newID()
            keys[EventPartition.of(key)] = key
        }
        let low = try (0..<Int32(12)).map { try #require(keys[$0]) }
        for version in 1...12 {
            try await writer.write(low.flatMap { key in (0..<20).map { _ in key } }, version: Int64(version))
        }
        try await writer.write([try #require(keys[31])], version: 1)
        let pending = try await writer.database.database.read { session in
            try OutboxStore.pending(Array(0..<32), of: writer.source, in: session)
        }
        let counts = Dictionary(grouping: pending, by: \.partition).mapValues(\.count)
        #expect(counts[31] == 1)
        #expect((0..<Int32(12)).allSatisfy { counts[$0] == 1000 / 13 })
        let alone = try await writer.database.database.read { session in
            try OutboxStore.pending([3], of: writer.source, in: session)
        }
        #expect(alone.count == 100)
        let backlog = try await writer.database.database.read { session in
            try OutboxStore.backlog(of: writer.source, in: session)
        }
        #expect(backlog.events == 12 * 20 * 12 + 1)
        #expect(backlog.age > 0 && backlog.age < 600)
    }

    @Test("an act that publishes nothing is recorded too; a refusal needs a reason")
    func refusals() async throws {
        let writer = try await Writer()
        let person = ActingPerson(PersonID(newID()), as: .unchosen, through: nil, acr: .level400)
        let entry = Act(by: person, on: occasion())
            .record(AuditAction(rawValue: "dossier.open"), reasons: [ReasonCode(rawValue: "mandate.stopped")])
        try await writer.database.database.transaction { session in try Audit.record(entry, in: session) }
        let failure = await #expect(throws: PostgresError.self) {
            try await writer.database.database.transaction { session in
                _ = try session.execute(
                    """
                    INSERT INTO audit_record (id, at, actor, action, outcome, request_id)
                    VALUES (\(newID()), now(), \(newID()), 'dossier.open', 'refused', 'r')
                    """)
            }
        }
        #expect(failure?.isCheckViolation == true)
    }
}

@Suite("Positions")
struct PositionsTests {
    @Test("a header is read and written in one form")
    func roundTrip() throws {
        let positions = try #require(Positions(header: "profile-resolution:3:9, mandate-registry:31:2"))
        #expect(positions.header == "mandate-registry:31:2,profile-resolution:3:9")
        #expect(positions.merging(Positions(.init(.mandateRegistry, 31), 5)).header.hasPrefix("mandate-registry:31:5"))
        #expect(positions.merging(Positions(.init(.mandateRegistry, 31), 1)) == positions)
    }

    @Test(
        "what is not well formed is refused",
        arguments: [
            "", ",", "mandate-registry", "mandate-registry:1", "mandate-registry:1:", "mandate-registry:1:x",
            "mandate-registry:32:1", "mandate-registry:-1:1", "mandate-registry:1:-1", "portal:1:1",
            "mandate-registry:1:1:1", "mandate-registry:1:9999999999999999999", "mandate-registry:+1:1",
            String(repeating: "mandate-registry:1:1,", count: Int(Topic.partitions) * EventSource.allCases.count)
                + "mandate-registry:1:1",
        ])
    func malformed(_ header: String) {
        #expect(Positions(header: header) == nil)
    }
}
