import Async
import AuditTrail
import Authentication
import AuthenticationDomain
import ContractCore
import Crypto
import FoundationEssentials
import Hummingbird
import HummingbirdTesting
import Keys
import Logging
import Postgres
import Process
import Telemetry
import TestEvents
import TestService
import TestStore
import TestTokens
import Testing
import Vocabulary
import Web

/// A clock that a test sets.
final class TestClock: Sendable {
    private let moment: Guarded<Instant>

    init(_ start: Instant = systemClock()) {
        moment = Guarded(start)
    }

    var now: Instant { moment.withLock { $0 } }

    func advance(_ duration: Duration) {
        moment.withLock { $0 = $0.adding(duration) }
    }
}

/// A registered client with its private key.
struct TestClient: Sendable {
    let client: Client
    let key: P256.Signing.PrivateKey

    var id: String { client.id }

    init(
        _ id: String, kind: Client.Kind, redirectURIs: [String] = [], backChannel: String? = nil,
        personScopes: Set<String> = [], ownScopes: Set<String> = [], audiences: [String]
    ) {
        client = Client(
            id: id, name: "Toepassing \(id)", kind: kind, redirectURIs: redirectURIs,
            postLogoutRedirectURIs: redirectURIs.map { $0 + "/signed-out" }, backChannelLogoutURI: backChannel,
            initiateLoginURI: redirectURIs.isEmpty ? nil : "http://\(id).test/start",
            personScopes: personScopes, ownScopes: ownScopes, audiences: audiences, defaultAcr: .level350)
        key = P256.Signing.PrivateKey()
    }
}

/// The service in process, over a database of its own, with clients, accounts and a clock.
struct World: Sendable {
    static let issuer = "http://authentication.test"
    static let picker = "http://picker.test"
    static let callback = "http://portal.test/callback"
    static let password = "correct horse battery"

    let database: TestDatabase
    let base: ServiceBase
    let config: AuthenticationConfig
    let parts: AuthenticationParts
    let rotation: RotateSigningKeys
    let responder: StandardResponder
    let clock: TestClock
    let portal: TestClient
    let otherPortal: TestClient
    let pickerService: TestClient

    /// Runs a body with a world of its own.
    static func with<R>(
        policy: SignInPolicy = SignInPolicy(), backChannel: String? = nil, poolSize: Int = 6,
        _ body: (World) async throws -> R
    ) async throws -> R {
        try await TestPostgres.withDatabase(
            schema: AuthenticationService.schema, migrations: AuthenticationService.migrations, poolSize: poolSize
        ) { database in
            try await body(try await World(database, policy: policy, backChannel: backChannel))
        }
    }

    private init(_ database: TestDatabase, policy: SignInPolicy, backChannel: String?) async throws {
        self.database = database
        let clock = TestClock()
        self.clock = clock
        portal = TestClient(
            "portal", kind: .portal, redirectURIs: [Self.callback], backChannel: backChannel,
            personScopes: Scope.ofPersons, ownScopes: [Scope.dossierContext],
            audiences: ["urn:toegang:profile-resolution", "urn:toegang:mandate-registry"])
        otherPortal = TestClient(
            "other-portal", kind: .portal, redirectURIs: ["http://other.test/callback"],
            personScopes: ["openid", "offline_access"], audiences: [])
        pickerService = TestClient(
            "profile-resolution", kind: .service,
            ownScopes: [Scope.interactions, Scope.resolvePersons, Scope.personNames],
            audiences: ["urn:toegang:authentication"])
        base = try Self.base(database.database, clock: clock)
        config = try Self.config([portal, otherPortal, pickerService], policy: policy)
        let assembly = try await AuthenticationService.make(config, base)
        try await database.database.pretendToFollow(assembly.projections)
        responder = StandardResponder(assembly.router, base: base)
        // The same parts again, so that use cases can be called beside the routes.
        let parts = try AuthenticationParts(config, base)
        try await parts.rotation()
        self.parts = parts
        rotation = parts.rotation
    }

    static func base(_ database: Database, clock: TestClock) throws -> ServiceBase {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let other = try ServiceBase.test(
            "authentication", database: database, issuer: TestIssuer(), now: { clock.now }, logger: logger)
        return ServiceBase(
            name: "authentication", baseURL: issuer, issuer: issuer, logger: logger, environment: .test,
            database: database, kafka: other.kafka, trust: other.trust, httpClient: other.httpClient,
            now: { clock.now }, civil: .universal,
            verifier: AccessTokenVerifier(
                issuer: issuer, seals: TestIssuer.seals, keys: IssuerKeys(heldBy: logger), now: { clock.now }),
            tokens: other.tokens)
    }

    /// A configuration with rings of keys, by the byte that each key repeats; the first of a ring is the current one.
    static func config(
        _ clients: [TestClient], policy: SignInPolicy, sealing: [UInt8] = [1], index: [UInt8] = [2]
    ) throws -> AuthenticationConfig {
        let key = { (byte: UInt8) in [UInt8](repeating: byte, count: 32) }
        let ring = Dictionary(uniqueKeysWithValues: sealing.map { ("s\($0)", key($0)) })
        let registry = ClientRegistry(
            clients.map { RegisteredClient(client: $0.client, keys: [.init(id: "k", key: $0.key.publicKey)]) })
        return AuthenticationConfig(
            profilePicker: picker, sealing: try #require(SealingKey(currentID: "s\(sealing[0])", keys: ring)),
            numberIndex: index.map { ("i\($0)", key($0)) }, pairwise: try #require(HMACKey(key(3))),
            failures: try #require(HMACKey(key(4))), formKey: try #require(HMACKey(key(5))),
            clients: try #require(registry),
            policy: policy, passwordCost: try #require(PasswordCost(rounds: 2, blockSize: 1, parallelism: 1)))
    }

    /// The same service with other rings of keys, as after a restart.
    func parts(sealing: [UInt8], index: [UInt8]) throws -> AuthenticationParts {
        try AuthenticationParts(
            Self.config([portal, otherPortal, pickerService], policy: SignInPolicy(), sealing: sealing, index: index),
            base)
    }

    /// Runs a body with a client of the service's routes.
    func test<R: Sendable>(_ body: @Sendable @escaping (any TestClientProtocol) async throws -> R) async throws -> R {
        let application = Application(responder: responder, logger: base.logger)
        return try await application.test(.router, body)
    }

    /// What would be done in a request from an address.
    func act(source: String? = nil) -> ProgramAct {
        let acts = base.acts
        let occasion = acts.request(
            "test-request", trace: TraceContext(high: 1, low: 2, span: 3, sampled: true),
            source: source.map(parts.hashes.network))
        return Act(by: ActingProgram(acts.service), on: occasion)
    }

    /// An account of a person of its own.
    func account(sequence: Int = Int.random(in: 990...998)) async throws -> TestAccount {
        try await account(of: try Self.nationalNumber(sequence: sequence))
    }

    /// An account of the person with a number.
    func account(of number: NationalNumber) async throws -> TestAccount {
        let person = try await parts.database.transaction { [parts, clock] session in
            try parts.persons.findOrCreate(
                [number], at: clock.now, newID: { _ in PersonID(UUID()) }, in: session)
        }[number]
        let name = try #require(UserName("user-\(UUID().uuidString.prefix(8))"))
        let secret = [UInt8](UUID().uuidString.utf8.prefix(20))
        let hash = try await parts.hasher.permit(for: .operation).hash(try #require(Password(new: Self.password)))
        let account = Account(
            personID: try #require(person), userName: name, password: hash, appSecret: secret, lastCodeStep: nil,
            firstName: "An", lastName: "Peeters", email: "an@example.be", language: .nl, isEnabled: true)
        try await parts.database.transaction { [parts, clock] session in
            try parts.accounts.save(account, at: clock.now, in: session)
        }
        return TestAccount(person: account.personID, userName: name.folded, secret: secret)
    }

    /// A valid number with a sequence that nobody has, born on a day of its own.
    static func nationalNumber(sequence: Int) throws -> NationalNumber {
        let day = Int.random(in: 0..<10_000)
        let date = LocalDate(daysSinceEpoch: day)
        let body = String(
            date.year % 100 * 10_000_000 + date.month * 100_000 + date.day * 1000 + sequence + 1_000_000_000
        ).suffix(9)
        let remainder = 97 - (Int(body) ?? 0) % 97
        return try NationalNumber(body + (remainder < 10 ? "0" : "") + String(remainder), today: systemClock().utcDate)
    }

    /// Counts the rows that a statement counts.
    func count(_ sql: SQL) async throws -> Int64 {
        try await database.database.read { session in
            try #require(try session.first(sql)).decode(Int64.self)
        }
    }
}

/// Somebody who can sign in.
struct TestAccount: Sendable {
    let person: PersonID
    let userName: String
    let secret: [UInt8]

    /// What her app shows at a moment.
    func code(at moment: Instant) -> String {
        let key = SymmetricKey(data: secret)
        let code = AppCodeRule.code(step: AppCodeRule().step(at: moment)) { message in
            Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
        }
        let text = String(code.value)
        return String(repeating: "0", count: 6 - text.count) + text
    }
}
