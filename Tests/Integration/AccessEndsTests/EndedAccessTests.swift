import AccessEnds
import Async
import ContractCore
import EventOutbox
import Following
import FoundationEssentials
import Postgres
import Process
import Telemetry
import TestBasics
import TestService
import TestStore
import TestStream
import TestTokens
import Testing
import Vocabulary
import Web

@Suite("Ended access at an API")
struct EndedAccessTests {
    private let session = SessionID(UUID())
    private let family = UUID()

    private func token(_ issuer: Issuer, id: String = UUID().uuidString) throws -> String {
        try issuer.tokens.personToken(
            session: session, family: family, tokenID: id, for: .organisationRights, scopes: [])
    }

    @Test("an end is refused at each instance at once, and nobody else is refused")
    func refused() async throws {
        let (issuer, broker, database) = try await (Issuer(), TestKafka(), makeDatabase())
        let relay = issuer.relay(broker)
        let instances = try (0..<2).map { _ in try Instance(issuer, database, broker) }
        for instance in instances {
            #expect(try await eventually(within: .seconds(20)) { await instance.health() == "ok: " })
        }
        let other = try issuer.tokens.personToken(for: .organisationRights, scopes: [])
        let single = try token(issuer, id: "one")
        let sibling = try token(issuer, id: "two")
        for (subject, ended) in [
            (AccessEnded.Subject.token("one"), [single]), (.family(family), [single, sibling]),
        ] {
            try await issuer.end([subject])
            for (instance, token) in instances.flatMap({ instance in ended.map { (instance, $0) } }) {
                #expect(try await eventually(within: .seconds(3)) { await instance.status(token) == 401 })
            }
            if ended.count == 1 {
                for instance in instances { #expect(await instance.status(sibling) == 200) }
            }
        }
        for instance in instances {
            #expect(await instance.status(other) == 200)
            #expect(await instance.health() == "ok: ")
            #expect(await instance.status(other, isCommand: true) == 200)
        }
        for service in instances.map(\.running) + [relay] { try await service.stop() }
    }

    @Test("what ended while an instance was down is known before it is ready")
    func start() async throws {
        let (issuer, broker, database) = try await (Issuer(), TestKafka(), makeDatabase())
        let relay = issuer.relay(broker)
        let first = try Instance(issuer, database, broker)
        #expect(try await eventually(within: .seconds(20)) { await first.health() == "ok: " })
        try await first.running.stop()
        try await issuer.end([.session(session)])
        let second = try Instance(issuer, database, broker)
        // Whoever asks before that is told that the service is not ready.
        #expect(await second.health() == "failing: what has ended is being read")
        let isReady = try await eventually(within: .seconds(20)) { await second.health() == "ok: " }
        #expect(isReady)
        #expect(await second.status(try token(issuer)) == 401)
        for service in [second.running, relay] { try await service.stop() }
    }

    @Test("an API begins with what is kept, not with the beginning of time; what is over is not kept")
    func forgetting() async throws {
        let (issuer, broker, database) = try await (Issuer(), TestKafka(), makeDatabase())
        let relay = issuer.relay(broker)
        let old = (0..<40).map { _ in AccessEnded.Subject.family(UUID()) }
        try await issuer.end(old, at: systemClock().adding(.seconds(-1000)))
        let count: SQL = "SELECT count(*) FROM outbox WHERE source = 'access'"
        let isEmpty = try await eventually {
            _ = try await issuer.database.database.transaction { session in
                try OutboxStore.prune(.access, keeping: .zero, in: session)
            }
            return try await issuer.database.database.read { session in
                try session.first(count)?.decode(Int64.self) == 0
            }
        }
        #expect(isEmpty)
        let instance = try Instance(issuer, database, broker)
        #expect(try await eventually(within: .seconds(20)) { await instance.health() == "ok: " })
        try await issuer.end([.session(session)])
        let ended = try token(issuer)
        #expect(try await eventually(within: .seconds(3)) { await instance.status(ended) == 401 })
        let kept = try await database.database.read { session in
            try session.query("SELECT kind, id FROM ended_access").map { try $0.decode(String.self, UUID.self) }
        }
        #expect(kept.count == 1 && kept.first?.0 == "sid" && kept.first?.1 == session.uuid)
        for service in [instance.running, relay] { try await service.stop() }
    }

    @Test("with the broker away reads believe tokens, commands ask, health says so; afterwards the end counts")
    func brokerAway() async throws {
        let (issuer, broker, database) = try await (Issuer(), TestKafka(), makeDatabase())
        let answers = Guarded<[String: Bool]>([:])
        let relay = issuer.relay(broker)
        let instance = try Instance(issuer, database, broker) { token in answers.withLock { $0[token] } }
        #expect(try await eventually(within: .seconds(20)) { await instance.health() == "ok: " })
        let (ended, other) = (
            try token(issuer), try issuer.tokens.personToken(for: .organisationRights, scopes: [])
        )
        answers.withLock { $0 = [ended: false, other: true] }
        try await broker.kill()
        try await issuer.end([.session(session)])
        #expect(try await eventually(within: .seconds(20)) { await instance.health().hasPrefix("degraded: ") })
        #expect(await instance.health().contains("access is not heard"))
        #expect(await instance.readiness.report().ready)
        #expect(await instance.status(ended) == 200)
        #expect(await instance.status(ended, isCommand: true) == 401)
        #expect(await instance.status(other, isCommand: true) == 200)
        // Nobody answers either.
        answers.withLock { $0 = [:] }
        #expect(await instance.status(ended, isCommand: true) == 200)
        try await broker.start()
        #expect(try await eventually(within: .seconds(30)) { await instance.status(ended) == 401 })
        #expect(try await eventually(within: .seconds(20)) { await instance.health() == "ok: " })
        #expect(await instance.status(other) == 200)
        for service in [instance.running, relay] { try await service.stop() }
    }

    @Test("what no token can be left of is removed, from the table and from memory")
    func pruned() async throws {
        let database = try await makeDatabase()
        let issuer = TestIssuer()
        let time = Guarded(systemClock())
        let base = try ServiceBase.test(
            "organisation-rights", database: database.database, issuer: issuer, now: { time.withLock { $0 } },
            logger: quiet)
        try await database.database.transaction { session in
            try session.execute(
                """
                INSERT INTO ended_access (kind, id, until, partition, sequence)
                SELECT 'jti', gen_random_uuid(), \(systemClock()) + number * interval '1 second', number % 32, number
                FROM generate_series(1, 2500) AS number
                """)
        }
        let follower = EndedAccessFollower(base)
        try await follower.look()
        #expect(base.verifier.ended.count == 2500)
        time.withLock { $0 = $0.adding(.seconds(2000)) }
        try await EndedAccessFollower(base).look()
        #expect(base.verifier.ended.count <= 501)
        let left = try await database.database.read { session in
            try session.first("SELECT count(*) FROM ended_access")?.decode(Int64.self)
        }
        #expect((500...561).contains(left ?? 0))
    }
}
