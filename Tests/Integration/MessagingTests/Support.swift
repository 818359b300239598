import Async
import AuditTrail
import ContractCore
import EventOutbox
import Flow
import Following
import FoundationEssentials
import Kafka
import Logging
import Postgres
import ServiceLifecycle
import Streams
import TestEvents
import TestStore
import TestStream
import Vocabulary

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// The data of the tests' events.
struct Thing: Codable, Sendable {
    let id: UUID
    let version: Int64
    let text: String
}

/// What a reader keeps of things: one row per thing, and one row per handled event, so that effects can be counted.
let thingTables = Migration(
    component: "things", file: "V0001__create_things",
    sql: Array(
        """
        CREATE TABLE thing (id uuid PRIMARY KEY, version bigint NOT NULL, text text NOT NULL);
        CREATE TABLE effect (projection text NOT NULL, event_id uuid NOT NULL, partition integer NOT NULL,
            sequence bigint NOT NULL);
        CREATE TABLE poison (text text PRIMARY KEY);
        """.utf8))

/// Short enough for tests that wait for repair, long enough for a busy machine.
var quick: FlowTiming {
    var timing = FlowTiming()
    timing.leaseLife = .milliseconds(1500)
    timing.outboxPoll = .milliseconds(100)
    timing.heads = .milliseconds(200)
    timing.patience = .milliseconds(800)
    timing.resend = .milliseconds(500)
    timing.firstRetry = .milliseconds(200)
    timing.allHeads = .milliseconds(600)
    timing.longestResend = .seconds(2)
    return timing
}

/// A database with the tables of messaging, for a writer or a reader.
func makeDatabase(_ schema: String) async throws -> TestDatabase {
    try await TestPostgres.database(
        schema: schema,
        migrations: AuditSchema.migrations + OutboxSchema.migrations(of: .mandateRegistry, .access)
            + FollowingSchema.migrations + [thingTables],
        poolSize: 10)
}

func occasion() -> Occasion {
    Acts(service: "test", now: now, civil: .universal, newID: newID) {
        TraceContext(high: 1, low: 2, span: 3, sampled: true)
    }.request("request-1", trace: TraceContext(high: 1, low: 2, span: 3, sampled: true))
}

func now() -> Instant { Instant(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000)) }

let newID: @Sendable () -> UUID = {
    UUIDv7.make(at: now(), random: (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max)))
}

func audit(_ action: String = "thing.change") -> AuditEntry {
    Act(by: ActingPerson(PersonID(newID()), as: .unchosen, through: "test", acr: nil), on: occasion())
        .record(AuditAction(rawValue: action))
}

func draft(_ key: UUID, version: Int64, text: String = "", type: String = "thing.changed") -> EventDraft {
    EventDraft(
        type: type, key: key, aggregate: "thing", version: version, data: Thing(id: key, version: version, text: text))
}

/// A source: a database with an outbox, written by tests and sent by relays.
struct Writer: Sendable {
    let database: TestDatabase
    let source = EventSource.mandateRegistry
    let environment: EnvironmentID

    init(environment: EnvironmentID = .test) async throws {
        self.environment = environment
        database = try await makeDatabase("mandate_registry")
    }

    private init(_ database: TestDatabase, environment: EnvironmentID) {
        self.environment = environment
        self.database = database
    }

    /// The source with its database as it is now, to be put back later.
    func backup() async throws -> Writer {
        Writer(try await database.backup(schema: "mandate_registry"), environment: environment)
    }

    /// Writes one transaction with an event for each key.
    @discardableResult
    func write(
        _ keys: [UUID], version: Int64, text: String = "", type: String = "thing.changed", outbox: Outbox? = nil
    ) async throws -> Positions {
        let outbox = outbox ?? Outbox(source: source, environment: environment)
        return try await outbox.transaction(on: database.database) { session in
            try outbox.append(
                keys.map { draft($0, version: version, text: text, type: type) }, audit: audit(),
                in: session)
        }
    }

    /// The last numbers of the partitions, those without events left out.
    func heads() async throws -> [Int32: Int64] {
        let rows = try await database.database.read { session in
            try session.query("SELECT partition, sequence FROM outbox_head WHERE sequence > 0")
        }
        return Dictionary(uniqueKeysWithValues: try rows.map { try $0.decode(Int32.self, Int64.self) })
    }

    func eventCount() async throws -> Int64 {
        try await database.database.count("SELECT count(*) FROM outbox")
    }
}

extension Database {
    /// The number that a query gives; asks again when a busy machine breaks a connection.
    func count(_ sql: SQL) async throws -> Int64 {
        for _ in 0..<3 {
            do {
                let row = try await read { session in try session.first(sql) }
                return try row?.decode(Int64.self) ?? Int64(-1)
            } catch let error as PostgresError where error.isUnavailable {
                continue
            }
        }
        let row = try await read { session in try session.first(sql) }
        return try row?.decode(Int64.self) ?? Int64(-1)
    }
}

/// A reader: a database with a projection of things.
struct Reader: Sendable {
    let database: TestDatabase

    init() async throws { database = try await makeDatabase("profile_resolution") }

    /// Keeps things by their highest version, counts each event, and throws on a text that is in table `poison`.
    func projection(_ name: String = "things") -> Projection {
        Projection(
            name: name, source: .mandateRegistry,
            erase: { limit, session in
                try session.execute("DELETE FROM thing WHERE id IN (SELECT id FROM thing LIMIT \(limit))")
                    + session.execute("DELETE FROM effect WHERE ctid IN (SELECT ctid FROM effect LIMIT \(limit))")
            },
            handler: { event, session in
                if event.type == "thing.voided" {
                    let voided = try event.data(as: VoidedState.self)
                    try session.execute(
                        """
                        INSERT INTO effect (projection, event_id, partition, sequence)
                        VALUES (\(name), \(event.id), \(event.partition), \(event.attributes.sequence))
                        """)
                    let gone = try session.execute(
                        "DELETE FROM thing WHERE id = \(voided.id) AND version < \(voided.version)")
                    return gone == 1 ? .applied : .stale
                }
                guard ["thing.changed", "thing.restated"].contains(event.type) else { return .unknownType }
                let thing = try event.data(as: Thing.self)
                if try session.first("SELECT text FROM poison WHERE text = \(thing.text)") != nil { throw Poisoned() }
                try session.execute(
                    """
                    INSERT INTO effect (projection, event_id, partition, sequence)
                    VALUES (\(name), \(event.id), \(event.partition), \(event.attributes.sequence))
                    """)
                let changed = try session.execute(
                    """
                    INSERT INTO thing (id, version, text) VALUES (\(thing.id), \(thing.version), \(thing.text))
                    ON CONFLICT (id) DO UPDATE SET version = excluded.version, text = excluded.text
                        WHERE thing.version < excluded.version
                    """)
                return changed == 1 ? .applied : .stale
            })
    }

    func gate(_ projections: [Projection]? = nil, maximumWaiters: Int = 256) -> ProjectionGate {
        ProjectionGate(
            projections: projections ?? [projection()], own: .profileResolution, database: database.database,
            maximumWaiters: maximumWaiters)
    }

    /// How far the projection has come; partitions without events left out.
    func positions(_ name: String = "things") async throws -> [Int32: Int64] {
        let rows = try await database.database.read { session in
            try session.query(
                "SELECT partition, sequence FROM position WHERE projection = \(name) AND sequence > 0")
        }
        return Dictionary(uniqueKeysWithValues: try rows.map { try $0.decode(Int32.self, Int64.self) })
    }

    /// What of the projection cannot be relied on now.
    func doubts(_ name: String = "things") async throws -> Doubts {
        try await database.database.read { session in
            try Doubts.read([Followed(name, .mandateRegistry)], in: session)
        }
    }

    /// Events that had their effect twice.
    func doubled() async throws -> Int64 {
        try await database.database.count(
            """
            SELECT count(*) FROM (SELECT FROM effect GROUP BY projection, event_id HAVING count(*) > 1) AS doubled
            """)
    }

    func effects() async throws -> Int64 { try await database.database.count("SELECT count(*) FROM effect") }

    func execute(_ sql: SQL) async throws {
        _ = try await database.database.transaction { session in try session.execute(sql) }
    }
}

struct Poisoned: Error {}

/// Something that is set once, by any thread.
final class Flag: Sendable {
    private let state = Guarded(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}

/// Something that runs until it is stopped in good order, or cut off.
final class Running: Sendable {
    private let group: ServiceGroup
    private let task: Task<Void, any Error>

    init(_ service: any Service) {
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: service)], logger: quiet))
        self.group = group
        task = Task { try await group.run() }
    }

    /// Stops it in good order.
    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await task.value
    }

    /// Cuts it off in the middle of whatever it does, without the chance to give anything back.
    func cutOff() async {
        task.cancel()
        _ = await task.result
    }
}

/// How the tests' source corrects itself: what it has of a thing lies in its own table, where a test wrote it.
let thingRestatement = Restatement { told, session in
    guard told.kind == "thing",
        let (version, text) = try session.first("SELECT version, text FROM thing WHERE id = \(told.key) FOR UPDATE")?
            .decode(Int64.self, String.self)
    else { return nil }
    let next = told.next(over: version)
    try session.execute("UPDATE thing SET version = \(next) WHERE id = \(told.key)")
    return draft(told.key, version: next, text: text, type: "thing.restated")
}

func makeRelay(
    _ writer: Writer, _ broker: TestKafka, outbox: Outbox? = nil, trust: EventTrust? = nil, timing: FlowTiming = quick,
    restatement: Restatement = thingRestatement
) -> OutboxRelay {
    OutboxRelay(
        outbox: outbox ?? Outbox(source: writer.source, environment: writer.environment),
        database: writer.database.database,
        kafka: broker.configuration("relay", properties: ["message.timeout.ms": "2000"]),
        trust: trust ?? .test(writer.source.owner), restatement: restatement, timing: timing, logger: quiet)
}

func relay(
    _ writer: Writer, _ broker: TestKafka, outbox: Outbox? = nil, trust: EventTrust? = nil
) -> Running {
    Running(makeRelay(writer, broker, outbox: outbox, trust: trust))
}

func runner(
    _ reader: Reader, _ broker: TestKafka, projections: [Projection]? = nil, gate: ProjectionGate? = nil,
    trust: EventTrust = .test("profile-resolution")
) -> Running {
    let projections = projections ?? [reader.projection()]
    return Running(
        ProjectionRunner(
            projections: projections, gate: gate ?? reader.gate(projections), database: reader.database.database,
            kafka: broker.configuration("runner"), trust: trust, timing: quick, logger: quiet))
}

/// Whether the projection has seen all that the source wrote.
func caughtUp(_ reader: Reader, _ writer: Writer, _ name: String = "things") async throws -> Bool {
    try await reader.positions(name) == writer.heads()
}
