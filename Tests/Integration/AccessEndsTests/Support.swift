import AccessEnds
import AuditTrail
import ContractCore
import EventOutbox
import Flow
import Following
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import Postgres
import Process
import ServiceLifecycle
import Streams
import Synchronization
import Telemetry
import TestEvents
import TestService
import TestStore
import TestStream
import TestTokens
import Vocabulary
import Web

let quiet: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()

/// Messaging in a hurry.
var quick: FlowTiming {
    var timing = FlowTiming()
    timing.leaseLife = .milliseconds(900)
    timing.outboxPoll = .milliseconds(100)
    timing.heads = .milliseconds(200)
    timing.allHeads = .milliseconds(600)
    timing.patience = .milliseconds(800)
    timing.resend = .milliseconds(500)
    return timing
}

/// authentication-service as far as its ends of access go: an outbox with two streams, and the relay of the one.
struct Issuer: Sendable {
    let tokens = TestIssuer()
    let database: TestDatabase
    let outbox: Outbox

    init() async throws {
        database = try await TestPostgres.database(
            schema: "authentication",
            migrations: AuditSchema.migrations + OutboxSchema.migrations(of: .authentication, .access)
                + FollowingSchema.migrations)
        outbox = Outbox(
            source: .authentication, environment: .test,
            beside: [Outbox(source: .access, environment: .test, keeping: .seconds(900))])
    }

    func relay(_ broker: TestKafka) -> Running {
        Running(
            outbox.beside.map {
                OutboxRelay(
                    outbox: $0, database: database.database,
                    kafka: broker.configuration("relay", properties: ["message.timeout.ms": "2000"]),
                    trust: .test("authentication"), restatement: Restatement(restate: nil), timing: quick, logger: quiet
                )
            })
    }

    /// Tells that something has ended, in one transaction.
    func end(_ subjects: [AccessEnded.Subject], at moment: Instant? = nil) async throws {
        let act = Acts(service: "portal", now: systemClock, civil: .universal, newID: { UUID() }) {
            TraceContext(high: 1, low: 2, span: 3, sampled: true)
        }.own(run: "request-1")
        let entry = act.record(AuditAction(rawValue: "session.end"))
        let drafts = subjects.map { subject in
            EventDraft(
                type: AccessEnded.ended, key: subject.id.uuid, aggregate: "access", version: 1, stream: .access,
                data: AccessEnded(subject, at: moment ?? act.time))
        }
        _ = try await outbox.transaction(on: database.database) { [outbox] session in
            try outbox.append(drafts, audit: entry, in: session)
        }
    }
}

/// An instance of an API.
struct Instance: Sendable {
    let base: ServiceBase
    let readiness: Readiness
    let running: Running

    /// Starts an instance over a database.
    init(
        _ issuer: Issuer, _ database: TestDatabase, _ broker: TestKafka,
        ask: (@Sendable (String) async -> Bool?)? = nil
    ) throws {
        base = try ServiceBase.test(
            "organisation-rights", database: database.database, issuer: issuer.tokens,
            kafka: broker.configuration("reader"), ask: ask, logger: quiet)
        let follower = EndedAccessFollower(base)
        let parts = ServiceParts(
            ServiceAssembly(
                router: Router(context: AppContext.self), projections: [follower.projection],
                watches: [follower.watch], services: [follower], readiness: [follower.readiness], openAPI: []),
            base: base, timing: quick)
        readiness = parts.readiness
        running = Running(parts.services)
    }

    /// The status that a person's token gets.
    func status(_ token: String, isCommand: Bool = false) async -> Int {
        do throws(Problem) {
            _ = try await base.verifier.verify(token, audience: .organisationRights, isCommand: isCommand)
            return 200
        } catch {
            return error.status.code
        }
    }

    /// What health says about ended access, as `status: detail`.
    func health() async -> String {
        let check = await readiness.report().checks.first { $0.name == "ended-access" }
        return "\(check?.status ?? "none"): \(check?.detail ?? "")"
    }
}

/// The database of an API.
func makeDatabase() async throws -> TestDatabase {
    try await TestPostgres.database(
        schema: "organisation_rights", migrations: FollowingSchema.migrations + EndedAccessSchema.migrations,
        poolSize: 10)
}

/// Services that run until they are stopped in good order.
final class Running: Sendable {
    private let group: ServiceGroup
    private let task: Task<Void, any Error>

    init(_ services: [any Service]) {
        let group = ServiceGroup(
            configuration: .init(services: services.map { .init(service: $0) }, logger: quiet))
        self.group = group
        task = Task { try await group.run() }
    }

    /// Stops them in good order.
    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await task.value
    }
}
