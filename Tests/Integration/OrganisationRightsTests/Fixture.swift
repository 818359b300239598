import Async
import AuthenticationContracts
import ContractCore
import Crypto
import Following
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Imports
import Keys
import NIOCore
import OrganisationRights
import OrganisationRightsContracts
import OrganisationRightsDomain
import Postgres
import Process
import ServiceLifecycle
import Settings
import TestBasics
import TestEvents
import TestService
import TestStore
import TestTokens
import Testing
import Vocabulary
import Web

/// Numbers of nobody and nothing that exists.
enum Sample {
    static let insurer = "1999901161"
    static let hospital = "1999902250"
    static let pharmacy = "1999904428"
    static let chief = "69062199461"
    static let manager = "82122499789"
    static let other = "73032899015"
    static let subject = "71093099349"
    /// What the person of `subject` is called, and whoever a test gives a right to.
    static let subjectName = "De Smet"
    static let subjectMasked = "71.09.30-***.**"
}

/// The service in this process, over a database of its own and a neighbour that knows persons.
struct Fixture: Sendable {
    let client: any TestClientProtocol
    let base: ServiceBase
    let config: OrganisationRightsConfiguration
    let database: TestDatabase
    let neighbour: Neighbour
    let today: LocalDate
    let projections: [Projection]
    let services: [any Service]

    static func with(_ body: @escaping @Sendable (Fixture) async throws -> Void) async throws {
        try await Neighbour.with { neighbour in
            try await TestPostgres.withDatabase(
                schema: OrganisationRightsService.schema, migrations: OrganisationRightsService.migrations
            ) { database in
                let base = try ServiceBase.test(
                    OrganisationRightsService.name, database: database.database, issuer: neighbour.issuer,
                    clientKey: P256.Signing.PrivateKey(), logger: quiet)
                let config = OrganisationRightsConfiguration(nameKey: try nameKey())
                let assembly = try await OrganisationRightsService.make(config, base)
                let (projections, services) = (assembly.projections, assembly.services)
                try await serve(assembly, base) { client in
                    let fixture = Fixture(
                        client: client, base: base, config: config, database: database, neighbour: neighbour,
                        today: base.now().utcDate, projections: projections, services: services)
                    fixture.call(Sample.subject, last: Sample.subjectName)
                    try await body(fixture)
                }
            }
        }
    }

    static func nameKey(_ id: String = "1") throws -> SealingKey {
        let keys = ["1", "2"].map { ($0, [UInt8](repeating: 7, count: 31) + Array($0.utf8)) }
        return try #require(SealingKey(currentID: id, keys: Dictionary(uniqueKeysWithValues: keys)))
    }

    /// Answers requests as the process of the service would.
    static func serve(
        _ assembly: ServiceAssembly, _ base: ServiceBase,
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let application = Application(responder: StandardResponder(assembly.router, base: base), logger: quiet)
        try await application.test(.router) { client in try await body(client) }
    }

    /// The same facts, over another composition of the service.
    func over(_ client: any TestClientProtocol, _ base: ServiceBase) -> Fixture {
        Fixture(
            client: client, base: base, config: config, database: database, neighbour: neighbour, today: today,
            projections: projections, services: services)
    }

    // MARK: Calls

    func token(of number: String, scopes: [String] = [Scope.organisations]) throws -> String {
        try token(of: neighbour.persons.id(number), scopes: scopes)
    }

    func token(of person: PersonID, scopes: [String] = [Scope.organisations]) throws -> String {
        try TestIssuer(issuer: base.issuer, key: neighbour.issuer.key)
            .personToken(person, for: .organisationRights, scopes: scopes)
    }

    func call(
        _ method: HTTPRequest.Method, _ path: String, token: String?, body: String? = nil,
        headers: [HTTPField.Name: String] = [:]
    ) async throws -> TestResponse {
        var fields = HTTPFields()
        if let token { fields[.authorization] = "Bearer \(token)" }
        if body != nil { fields[.contentType] = "application/json" }
        for (name, value) in headers { fields[name] = value }
        return try await client.execute(
            uri: path, method: method, headers: fields, body: body.map { ByteBuffer(string: $0) })
    }

    func give(
        _ number: String = Sample.subject, name: String = Sample.subjectName, role: String = "mandate-executor",
        from: LocalDate? = nil,
        to: LocalDate? = nil, in organisation: OrganisationID, by manager: String
    ) async throws -> TestResponse {
        let end = to.map { ", \"endsOn\": \"\($0)\"" } ?? ""
        let body = """
            {"nationalNumber": "\(number)", "lastName": "\(name)", "role": "\(role)", "startsOn": "\(from ?? today)"\(end)}
            """
        return try await call(
            .post, "/organisations/\(organisation)/rights", token: token(of: manager), body: body)
    }

    func end(_ right: RightID, in organisation: OrganisationID, by manager: String) async throws -> TestResponse {
        try await call(.post, "/organisations/\(organisation)/rights/\(right)/end", token: token(of: manager))
    }

    func rights(
        in organisation: OrganisationID, _ list: RightList = .active, by manager: String
    ) async throws -> OrganisationRights {
        let response = try await call(
            .get, "/organisations/\(organisation)/rights?status=\(list.rawValue)", token: token(of: manager))
        #expect(response.status == .ok)
        return try response.decoded()
    }

    // MARK: Imports

    /// Takes a file in as the command would; answers the report's lines.
    func take(_ what: String, _ lines: String...) async throws -> [String] {
        let command = try #require(OrganisationRightsService.imports.first { $0.name == what })
        let path = "/tmp/toegang-test-\(UUID().uuidString).csv"
        let text = ([command.columns.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
        try Data(text.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let report = Guarded<[String]>([])
        let runner = ImportRunner(
            columns: command.columns, chunkSize: command.chunkSize,
            report: ImportReport(json: false) { line in report.withLock { $0.append(line) } })
        _ = try await runner.run(path: path, handler: try await command.handler(config, base))
        return report.withLock { $0 }
    }

    /// The person of a number is called so from now on; the first name is told of who has signed in.
    func call(_ number: String, first: String? = nil, last: String) {
        neighbour.persons.called.withLock { $0[neighbour.persons.id(number)] = (first, last) }
    }

    /// Somebody signs in: the event as authentication-service publishes it.
    func signsIn(_ number: String) async throws {
        let session = SessionState(
            sessionId: SessionID(UUID()), version: 1, personId: neighbour.persons.id(number), acr: 400,
            startedAt: base.now(), endedAt: nil, endReason: nil)
        #expect(try await follow(SessionState.started, key: session.sessionId.uuid, session) == .applied)
    }

    /// Hands an event of authentication-service to the projection, in a transaction as the runner does.
    func follow(_ type: String, key: UUID, _ data: some Encodable & Sendable) async throws -> Handled {
        let attributes = EventAttributes(
            id: EventID(base.newID()), type: type, source: .authentication, environment: .test,
            subject: "aggregate/\(key)", time: base.now(), dataVersion: 1, key: key, sequence: 1, previous: nil,
            aggregateVersion: 1, trace: TraceContext(high: 1, low: 1, span: 1, sampled: false), correlationID: "test",
            causationID: nil)
        let envelope = try JSONEncoder().encode(EventEnvelope(attributes: attributes, data: data))
        let event = try IncomingEvent(partition: EventPartition.of(key), rawData: Array(envelope))
        let projection = try #require(projections.first { $0.source == .authentication })
        return try await database.database.transaction { session in try projection.handler(event, session) }
    }

    /// Waits until the names of everybody who signed in were compared.
    func compared() async throws -> Bool {
        try await eventually { try await count("SELECT count(*) FROM waiting_right WHERE due_at IS NOT NULL") == 0 }
    }

    /// A hospital with a chief and an access manager, and an insurer of somebody else.
    func populate() async throws -> (hospital: OrganisationID, insurer: OrganisationID) {
        _ = try await take(
            "organisations", "\(Sample.hospital),,Ziekenhuis,orghospital,active",
            "\(Sample.insurer),,Verzekeraar,orginsurance,active")
        try await appoint(
            (Sample.hospital, Sample.chief, "chief-access-manager"),
            (Sample.hospital, Sample.manager, "access-manager"),
            (Sample.insurer, Sample.other, "chief-access-manager"))
        return (try await organisation(Sample.hospital), try await organisation(Sample.insurer))
    }

    /// Appoints people whose names are known while it happens, and not any more afterwards.
    func appoint(_ appointments: (organisation: String, number: String, role: String)...) async throws {
        for (organisation, number, role) in appointments {
            call(number, last: "Beheerder")
            let report = try await take("access-managers", "\(organisation),\(number),Beheerder,\(role),active")
            #expect(report.first != nil && !report[0].contains("refused"))
            neighbour.persons.called.withLock { $0[neighbour.persons.id(number)] = nil }
        }
    }

    func organisation(_ number: String) async throws -> OrganisationID {
        let id = try await database.database.read { session in
            try session.first("SELECT id FROM organisation WHERE enterprise_number = \(number)")?
                .decode(OrganisationID.self)
        }
        return try #require(id)
    }

    // MARK: What was kept

    func count(_ statement: SQL) async throws -> Int {
        try await database.database.read { try $0.first(statement)?.decode(Int.self) ?? -1 }
    }

    func events(_ type: String) async throws -> Int {
        try await count("SELECT count(*) FROM outbox WHERE type = \(type)")
    }

    func audits(_ action: String, _ outcome: String) async throws -> Int {
        try await count("SELECT count(*) FROM audit_record WHERE action = \(action) AND outcome = \(outcome)")
    }
}

extension TestResponse {
    func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body.readableBytesView))
    }

    /// The stable code of a problem.
    var problem: String? { (try? decoded(as: ProblemDocument.self))?.code }

    /// The codes of the reasons of a refusal.
    var reasons: [String] { (try? decoded(as: ProblemDocument.self))?.reasons?.map(\.code.rawValue) ?? [] }

    var text: String { String(buffer: body) }
}
