import Async
import ContractCore
import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Keys
import MandateRegistryContracts
import NIOCore
import OrganisationRightsContracts
import Postgres
import Process
import ProfileResolution
import ProfileResolutionContracts
import ProfileResolutionDomain
import Telemetry
import TestEvents
import TestService
import TestStore
import TestTokens
import Testing
import Vocabulary
import Web

/// The service in process, over a database of its own, with neighbours over HTTP.
struct Fixture: Sendable {
    let client: any TestClientProtocol
    let test: TestDatabase
    let issuer: TestIssuer
    let neighbours: Neighbours
    let base: ServiceBase
    /// How far the service's clock is ahead of the system's.
    let clock: TestClock
    let config: ProfileResolutionConfig

    var database: Database { test.database }

    static func run(_ body: @escaping @Sendable (Fixture) async throws -> Void) async throws {
        let neighbours = Neighbours()
        let outside = Application(
            router: neighbours.router, configuration: .init(address: .hostname("127.0.0.1", port: 0)))
        try await TestPostgres.withDatabase(
            schema: ProfileResolutionService.schema, migrations: ProfileResolutionService.migrations
        ) { test in
            try await outside.test(.live) { neighbour in
                let port = try #require(neighbour.port)
                let issuer = TestIssuer(issuer: "http://127.0.0.1:\(port)")
                let clock = TestClock()
                let base = try ServiceBase.test(
                    ProfileResolutionService.name, database: test.database, issuer: issuer,
                    clientKey: P256.Signing.PrivateKey(), now: { clock.now })
                let config = ProfileResolutionConfig(
                    mandateRegistryURL: issuer.issuer, formKey: try #require(HMACKey(RandomBytes.system(32))),
                    nameKey: try nameKey())
                let assembly = try await ProfileResolutionService.make(config, base)
                try await base.database.pretendToFollow(assembly.projections)
                let app = Application(responder: StandardResponder(assembly.router, base: base))
                try await app.test(.router) { client in
                    try await body(
                        Fixture(
                            client: client, test: test, issuer: issuer,
                            neighbours: neighbours, base: base, clock: clock,
                            config: config))
                }
            }
        }
    }

    static func nameKey(_ id: String = "1") throws -> SealingKey {
        let keys = ["1", "2"].map { ($0, [UInt8](repeating: 5, count: 31) + Array($0.utf8)) }
        return try #require(SealingKey(currentID: id, keys: Dictionary(uniqueKeysWithValues: keys)))
    }

    // MARK: - Requests

    func send(
        _ method: HTTPRequest.Method, _ path: String, token: String? = nil, headers: [HTTPField.Name: String] = [:],
        body: String? = nil
    ) async throws -> TestResponse {
        var fields = HTTPFields()
        if let token { fields[.authorization] = "Bearer \(token)" }
        for (name, value) in headers { fields[name] = value }
        return try await client.executeRequest(
            uri: path, method: method, headers: fields, body: body.map { ByteBuffer(string: $0) })
    }

    func person(
        _ person: PersonID, _ profile: ProfileChoice, scopes: [String] = [Scope.dossier, Scope.profiles]
    ) throws -> String {
        try issuer.personToken(person, profile: profile, for: .profileResolution, scopes: scopes)
    }

    func json<Value: Decodable>(_ response: TestResponse, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(response.body.readableBytesView))
    }

    func problem(_ response: TestResponse) throws -> ProblemDocument { try json(response) }

    func profiles(of person: PersonID) async throws -> [ProfileList.Entry] {
        let response = try await send(.get, "/me/profiles", token: try self.person(person, .citizen))
        #expect(response.status == .ok)
        return try json(response, as: ProfileList.self).profiles
    }

    // MARK: - Facts

    /// Registers a dossier as a file of the authority would.
    @discardableResult
    func dossier(
        of person: PersonID, _ code: String = "persphysician", _ status: DossierStatus = .open,
        riziv: RizivNumber? = nil
    ) async throws -> Dossier {
        let recognition = try #require(Recognition(rizivNumber: try riziv ?? Samples.riziv(), visum: nil))
        return try await dossier(of: person, code, status, recognition)
    }

    @discardableResult
    func dossier(
        of person: PersonID, _ code: String, _ status: DossierStatus, _ recognition: Recognition
    ) async throws -> Dossier {
        let provider = CareProvider(
            profession: try #require(Profession(code: code)), firstName: "An", lastName: "Peeters",
            recognition: recognition)
        return try await register(person, status, .careProvider(provider))
    }

    @discardableResult
    func functionDossier(of person: PersonID) async throws -> Dossier {
        let employer = try #require(
            Employer(name: "De Linde", enterpriseNumber: nil, rizivNumber: try Samples.riziv()))
        let holder = FunctionHolder(function: "director", organisation: employer)
        return try await register(person, .open, .functionHolder(holder))
    }

    private func register(
        _ person: PersonID, _ status: DossierStatus, _ subject: DossierSubject
    ) async throws -> Dossier {
        let dossier = Dossier(
            id: DossierID(UUID()), personID: person, isHers: true, version: 1, contactVersion: 1, status: status,
            subject: subject, contact: try Samples.contact())
        let time = base.now()
        try await database.transaction { session in
            try DossierStore.insert([dossier], at: time, in: session)
        }
        return dossier
    }

    /// What organisation-rights publishes when somebody gets a right, taken in.
    func right(
        of person: PersonID, in organisation: OrganisationID, role: String = "member", status: RightStatus = .active,
        id: RightID = RightID(UUID()), version: Int64 = 1
    ) async throws {
        let today = base.now().utcDate
        let state = RightState(
            rightId: id, version: version, organisationId: organisation, personId: person, role: role, status: status,
            startsOn: today.adding(days: -1), endsOn: nil, endedAt: nil)
        _ = try await database.transaction { session in try KnownFactsStore.save(state, in: session) }
    }

    func organisation(_ name: String, status: OrganisationStatus = .active) async throws -> OrganisationID {
        let id = OrganisationID(UUID())
        let state = OrganisationState(
            organisationId: id, version: 1, enterpriseNumber: nil, rizivNumber: nil, name: name,
            type: try #require(OrganisationType(code: "orghospital")), status: status)
        _ = try await database.transaction { session in try KnownFactsStore.save(state, in: session) }
        return id
    }

    func mandate(holder: MandateHolder, status: MandateStatus = .active) async throws {
        let today = base.now().utcDate
        let state = MandateState(
            mandateId: MandateID(UUID()), version: 1, grantorPersonId: PersonID(UUID()),
            grantorDossierId: DossierID(UUID()), holder: holder, type: .administrativeDossier, status: status,
            startsOn: today.adding(days: -1), endsOn: nil, endedAt: nil)
        _ = try await database.transaction { session in try KnownFactsStore.save(state, in: session) }
    }

    // MARK: - What is left behind

    struct AuditRow: Sendable, Equatable {
        let action: String
        let outcome: String
        let reasons: [String]
        let onBehalfOf: PersonID?
        var client = "portal"
        var isUnderMandate = false
    }

    func audit(of actor: PersonID) async throws -> [AuditRow] {
        try await database.read { session in
            try session.query(
                """
                SELECT action, outcome, reasons, on_behalf_of, actor_client, mandate IS NOT NULL FROM audit_record
                WHERE actor = \(actor) ORDER BY id
                """
            ).map { row in
                let (action, outcome, reasons, onBehalfOf, client, isUnderMandate) = try row.decode(
                    String.self, String.self, [String].self, PersonID?.self, String.self, Bool.self)
                return AuditRow(
                    action: action, outcome: outcome, reasons: reasons, onBehalfOf: onBehalfOf, client: client,
                    isUnderMandate: isUnderMandate)
            }
        }
    }

    /// The envelopes of the events of a dossier, in order.
    func events(of dossier: DossierID) async throws -> [String] {
        try await database.read { session in
            try session.query(
                "SELECT envelope::text FROM outbox WHERE key = \(dossier) ORDER BY sequence"
            ).map { try $0.decode(String.self) }
        }
    }
}

extension Fixture {
    /// Puts contact data, as the owner unless another token is given.
    func put(
        _ dossier: Dossier, street: String, version: String?, token: String? = nil,
        headers: [HTTPField.Name: String] = [:]
    ) async throws -> TestResponse {
        var headers = headers
        headers[.ifMatch] = version
        headers[.contentType] = "application/json"
        return try await send(
            .put, "/dossiers/\(dossier.id)/contact",
            token: try token ?? person(dossier.personID, dossier.subject.profile), headers: headers,
            body: Samples.contactJSON(street: street))
    }
}

/// The system's clock, which a test can put forward.
final class TestClock: Sendable {
    private let ahead = Guarded(Duration.zero)

    var now: Instant { systemClock().adding(ahead.withLock { $0 }) }

    func advance(by duration: Duration) { ahead.withLock { $0 += duration } }
}

/// Values for tests, with numbers that nobody has.
enum Samples {
    private static let rizivNumbers = Guarded(Int.random(in: 0..<50))
    private static let nationalNumbers = Guarded(Int.random(in: 0..<50_000))

    static func contact(street: String = "Lindelaan 12") throws -> Contact {
        try Contact(
            email: "an@praktijk.example", phone: "+32 470 00 00 01", street: street, postalCode: "9000", city: "Gent")
    }

    static func contactJSON(street: String) -> String {
        """
        {"email":"an@praktijk.example","phone":"+32 470 00 00 01","street":"\(street)","postalCode":"9000",\
        "city":"Gent"}
        """
    }

    /// A RIZIV number that no test used before: prefixes 1 to 9, sequences 99 900 to 99 999.
    static func riziv() throws -> RizivNumber {
        let index = next(rizivNumbers)
        let base = (1 + index / 100 % 9) * 100_000 + 99_900 + index % 100
        let check = 97 - base % 97
        return try RizivNumber("\(base)" + (check < 10 ? "0\(check)" : "\(check)") + "004")
    }

    /// A national number that no test used before: born from 1950 on, sequences 991 to 998.
    static func nationalNumber() -> String {
        let index = next(nationalNumbers)
        let (day, month, year) = (1 + index / 8 % 28, 1 + index / 224 % 12, 50 + index / 2_688 % 50)
        let base = (year * 10_000 + month * 100 + day) * 1_000 + 991 + index % 8
        let check = 97 - base % 97
        return "\(base)" + (check < 10 ? "0\(check)" : "\(check)")
    }

    private static func next(_ counter: borrowing Guarded<Int>) -> Int {
        counter.withLock { value in
            value += 1
            return value
        }
    }
}
