import ContractCore
import Crypto
import EventSignatures
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

/// A message of a service, as it would send it.
func signed(_ value: Data, _ topic: String, _ partition: Int32, by trust: EventTrust) throws -> KafkaMessage {
    try #require(
        try RecordSealer(trust).messages([(key: [], value: Array(value))], topic: topic, partition: partition).first)
}

/// Somebody who can write to every topic of the broker, and has read them all.
@Suite("Records that somebody else sends")
struct ForgeryTests {
    private let stranger = EventTrust(
        environment: .test, name: "mandate-registry",
        signer: RecordSigner(EventSigningKey(Curve25519.Signing.PrivateKey())), keys: PublicKeys([]))

    /// A source and a reader, with one thing that both know.
    private struct World {
        let writer: Writer
        let reader: Reader
        let broker: TestKafka
        let producer: KafkaProducer
        let running: [Running]
        let key: UUID

        init() async throws {
            writer = try await Writer()
            reader = try await Reader()
            broker = try await TestKafka()
            running = [relay(writer, broker), runner(reader, broker)]
            key = newID()
            try await writer.write([key], version: 1, text: "true")
            let (reader, writer) = (reader, writer)
            #expect(try await eventually(within: .seconds(40)) { try await caughtUp(reader, writer) })
            producer = try KafkaProducer(broker.configuration("stranger"), logger: quiet)
        }

        var partition: Int32 { EventPartition.of(key) }

        /// An event of the thing's that would be the next, as good as the source would make it.
        func next(version: Int64 = 2, environment: EnvironmentID = .test) async throws -> Data {
            let partition = partition
            let source = writer.source.rawValue
            let last = try await writer.database.database.read { session in
                try session.first(
                    """
                    SELECT sequence, event_id FROM outbox_head WHERE source = \(source) AND partition = \(partition)
                    """)?.decode(Int64.self, EventID.self)
            }
            let (sequence, id) = try #require(last)
            let attributes = EventAttributes(
                id: EventID(newID()), type: "thing.changed", source: writer.source, environment: environment,
                subject: "thing/\(key.uuidString.lowercased())", time: now(), dataVersion: 1, key: key,
                sequence: sequence + 1, previous: id, aggregateVersion: version,
                trace: TraceContext(high: 1, low: 2, span: 3, sampled: false), correlationID: "x", causationID: nil)
            return try JSONEncoder().encode(
                EventEnvelope(attributes: attributes, data: Thing(id: key, version: version, text: "forged")))
        }

        /// What the source says next has its effect, nothing stands still, and nothing of a forgery is known.
        func goesOn() async throws {
            try await writer.write([key], version: 2, text: "still true")
            let (reader, writer) = (reader, writer)
            #expect(try await eventually(within: .seconds(40)) { try await caughtUp(reader, writer) })
            let database = reader.database.database
            #expect(try await database.count("SELECT count(*) FROM thing WHERE text = 'still true'") == 1)
            #expect(try await database.count("SELECT count(*) FROM thing WHERE text = 'forged'") == 0)
            #expect(try await database.count("SELECT count(*) FROM position WHERE state = 'halted'") == 0)
            #expect(try await database.count("SELECT count(*) FROM parked") == 0)
            #expect(try await reader.doubled() == 0)
        }

        /// Another thing that both know, whose partition is another one too.
        func otherKey() async throws -> UUID {
            var other = newID()
            while EventPartition.of(other) == partition { other = newID() }
            try await writer.write([other], version: 1, text: "true")
            let (reader, writer) = (reader, writer)
            #expect(try await eventually(within: .seconds(40)) { try await caughtUp(reader, writer) })
            return other
        }

        /// What the reader would send to have a partition again.
        func request(of partition: Int32? = nil, at time: Instant) throws -> Data {
            try JSONEncoder().encode(
                ResendRequest(
                    origin: EventOrigin(source: writer.source, environment: .test),
                    partition: partition ?? self.partition, from: 1, reader: "profile-resolution",
                    projection: "things", time: time))
        }

        /// The reader's own request has its effect; it asks again until it has, since nobody may listen yet.
        func isAnswered(_ partition: Int32, _ admin: KafkaAdmin) async throws {
            let before = try #require(try await admin.offsets(of: Topic.mandates)[partition]).upperBound
            #expect(
                try await eventually(within: .seconds(40)) {
                    _ = try await producer.send([
                        try signed(
                            try request(of: partition, at: now()), Topic.resend, 0, by: .test("profile-resolution"))
                    ])
                    return try await admin.offsets(of: Topic.mandates)[partition]?.upperBound ?? 0 > before
                })
        }

        func stop() async throws {
            await producer.close(within: .seconds(5))
            for service in running { try await service.stop() }
        }
    }

    @Test("a right that nobody gave: without a proof, with another's key, with another service's key")
    func event() async throws {
        let world = try await World()
        let forged = try await world.next(version: 999_999)
        let plain = KafkaMessage(topic: Topic.mandates, partition: world.partition, key: [], value: Array(forged))
        _ = try await world.producer.send([
            plain, try signed(forged, Topic.mandates, world.partition, by: stranger),
            try signed(forged, Topic.mandates, world.partition, by: .test("organisation-rights")),
        ])
        try await world.goesOn()
        try await world.stop()
    }

    @Test("heads with the largest number, with another id, and with doubt about every partition")
    func heads() async throws {
        let world = try await World()
        let origin = EventOrigin(source: world.writer.source, environment: .test)
        let all = 0..<Int32(Topic.partitions)
        let forged = [
            SourceHeads(
                origin: origin, time: now(),
                heads: all.map { SourceHeads.Head(partition: $0, last: .max, eventId: EventID(newID())) }),
            SourceHeads(
                origin: origin, time: now(),
                heads: all.map { SourceHeads.Head(partition: $0, last: 1, eventId: EventID(newID())) }),
            SourceHeads(origin: origin, time: now(), heads: [], uncertain: Array(all)),
        ]
        for message in forged {
            let value = try JSONEncoder().encode(message)
            _ = try await world.producer.send([
                KafkaMessage(topic: Topic.heads, partition: 0, key: [], value: Array(value)),
                try signed(value, Topic.heads, 0, by: stranger),
                try signed(value, Topic.heads, 0, by: .test("profile-resolution")),
            ])
        }
        try await world.goesOn()
        try await world.stop()
    }

    @Test("requests to send everything again: unsigned, of a stranger, in another's name, and an old one")
    func resend() async throws {
        let world = try await World()
        let admin = try KafkaAdmin(world.broker.configuration(), logger: quiet)
        // The reader's own requests, of another partition, show that the relay listens, and that it has read what lies
        // before them.
        let other = try await world.otherKey()
        try await world.isAnswered(EventPartition.of(other), admin)
        let fresh = try world.request(at: now())
        _ = try await world.producer.send([
            KafkaMessage(topic: Topic.resend, partition: 0, key: [], value: Array(fresh)),
            try signed(fresh, Topic.resend, 0, by: stranger),
            try signed(fresh, Topic.resend, 0, by: .test("organisation-rights")),
            try signed(
                try world.request(at: now().adding(.seconds(-61))), Topic.resend, 0, by: .test("profile-resolution")),
        ])
        try await world.isAnswered(EventPartition.of(other), admin)
        try await world.goesOn()
        #expect(try await admin.offsets(of: Topic.mandates)[world.partition]?.upperBound == 2)
        // What was refused is answered when it comes from whom it belongs to.
        try await world.isAnswered(world.partition, admin)
        try await world.stop()
    }

    @Test("a true record that is sent again into another partition proves nothing there")
    func replay() async throws {
        let world = try await World()
        let consumer = try KafkaConsumer(
            world.broker.configuration(), headers: [SignatureHeader.name], logger: quiet)
        try await consumer.assign([
            TopicPartitionOffset(TopicPartition(Topic.mandates, world.partition), .beginning)
        ])
        let deadline = ContinuousClock.now + .seconds(20)
        var read: [KafkaRecord] = []
        // A batch may bring nothing but a problem, such as a broker that is not connected yet.
        while read.isEmpty, ContinuousClock.now < deadline {
            read = try await consumer.next(max: 1, within: .seconds(1)).records
        }
        let record = try #require(read.first)
        await consumer.close(within: .seconds(5))
        let proof = try #require(record.headers[SignatureHeader.name])
        for partition in 0..<Int32(Topic.partitions) {
            _ = try await world.producer.send(
                topic: Topic.mandates, partition: partition, key: record.key, value: record.value,
                headers: [KafkaHeader(SignatureHeader.name, proof)])
        }
        try await world.goesOn()
        #expect(try await world.reader.effects() == 2)
        try await world.stop()
    }

    @Test("another installation on the same topics: its events, heads and requests have no effect")
    func otherEnvironment() async throws {
        let world = try await World()
        let environment = try #require(EnvironmentID("acceptance"))
        let other = try await Writer(environment: environment)
        let theirs = relay(
            other, world.broker, trust: .test("mandate-registry", environment: environment))
        for version in 1...3 { try await other.write([world.key], version: Int64(version), text: "forged") }
        #expect(
            try await eventually(within: .seconds(20)) {
                try await other.database.database.count(
                    "SELECT count(*) FROM outbox_relay WHERE sequence = 3") == 1
            })
        try await world.goesOn()
        try await theirs.stop()
        try await world.stop()
    }

    /// A new key in the place of a leaked one, for the owner and for a reader.
    private func replacing(_ leaked: EventTrust) -> (owner: EventTrust, reader: EventTrust) {
        let key = EventSigningKey(Curve25519.Signing.PrivateKey())
        let keys = PublicKeys([
            ("mandate-registry", .withdrawn, leaked.signer.key.publicKey),
            ("mandate-registry", .current, key.publicKey),
        ])
        let trust = { name in EventTrust(environment: .test, name: name, signer: RecordSigner(key), keys: keys) }
        return (trust("mandate-registry"), trust("profile-resolution"))
    }

    @Test("after a leak: what the withdrawn key signed has no effect until its owner has published it again")
    func withdrawn() async throws {
        let (writer, reader, broker) = try await (Writer(), Reader(), TestKafka())
        let leaked = EventTrust.test("mandate-registry")
        let first = relay(writer, broker)
        for version in 1...3 { try await writer.write([newID()], version: Int64(version)) }
        #expect(
            try await eventually(within: .seconds(20)) {
                try await writer.database.database.count("SELECT sum(sequence)::bigint FROM outbox_relay") == 3
            })
        await #expect(throws: OutboxInUse.self) {
            try await OutboxRelay.publishAgain(on: writer.database.database)
        }
        try await first.stop()

        let (owner, readers) = replacing(leaked)
        let following = runner(reader, broker, trust: readers)
        let second = relay(writer, broker, trust: owner)
        let key4 = newID()
        try await writer.write([key4], version: 1)
        #expect(
            try await eventually(within: .seconds(20)) {
                try await writer.database.database.count("SELECT sum(sequence)::bigint FROM outbox_relay") == 4
            })
        try await second.stop()
        #expect(try await OutboxRelay.publishAgain(on: writer.database.database) == 4)
        let third = relay(writer, broker, trust: owner)
        #expect(try await eventually(within: .seconds(40)) { try await caughtUp(reader, writer) })
        #expect(try await reader.effects() == 4)
        try await third.stop()
        try await following.stop()
    }

    @Test("what has no effect is counted by its reason")
    func counted() throws {
        let (ours, theirs) = (EventTrust.test("mandate-registry"), EventTrust.test("profile-resolution"))
        let origin = EventOrigin(source: .mandateRegistry, environment: .test)
        let elsewhere = EventOrigin(
            source: .mandateRegistry, environment: try #require(EnvironmentID("acceptance")))
        let value = Data("{}".utf8)
        var inspector = RecordInspector(ours)
        func admits(_ message: KafkaMessage, _ origin: EventOrigin, partition: Int32 = 7) -> Bool {
            let proof = message.headers.last { $0.name == SignatureHeader.name }?.value
            let record = KafkaRecord(
                topic: message.topic, partition: partition, offset: 0, key: [], value: message.value,
                headers: proof.map { [SignatureHeader.name: $0] } ?? [:])
            return inspector.admits(record, from: origin, by: "mandate-registry")
        }
        let genuine = try signed(value, Topic.mandates, 7, by: ours)
        #expect(admits(genuine, origin))
        #expect(!admits(genuine, origin, partition: 8))
        #expect(!admits(KafkaMessage(topic: Topic.mandates, partition: 7, key: [], value: Array(value)), origin))
        let foreign = try signed(value, Topic.mandates, 7, by: theirs)
        let strange = try signed(value, Topic.mandates, 7, by: stranger)
        let distant = try signed(
            value, Topic.mandates, 7, by: .test("mandate-registry", environment: elsewhere.environment))
        #expect(!admits(foreign, origin))
        #expect(!admits(strange, origin))
        #expect(!admits(distant, elsewhere))
        #expect(
            inspector.counts == [
                .unproven(.wrong): 1, .unproven(.unsigned): 1, .unproven(.unknownKey): 1, .foreign: 1,
                .otherEnvironment: 1,
            ])
    }
}
