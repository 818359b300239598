import Async
import AuthenticationClients
import AuthenticationContracts
import ContractCore
import EventOutbox
import Following
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Imports
import Keys
import Logging
import MandateRegistry
import MandateRegistryContracts
import MandateRegistryDomain
import NIOCore
import Postgres
import Process
import ServiceLifecycle
import TestEvents
import TestService
import TestStore
import TestTokens
import Tokens
import Vocabulary
import Waiting
import Web

/// The whole service in process, over a database of the test's own; tokens are real, and the clock is the test's.
struct RegistryFixture: Sendable {
    let test: TestDatabase
    let base: ServiceBase
    let issuer: TestIssuer
    let clock: TestClock
    let persons: KnownPersons
    let projections: [Projection]
    let services: [any Service]
    /// Each as `POST /mandates/{mandateId}/stop`.
    let routes: [String]
    let http: any TestClientProtocol

    var database: Database { test.database }
    var today: LocalDate { clock.now().utcDate }

    /// Runs a body with the service; everything is gone afterwards.
    static func with(
        civil: CivilTime = .universal, _ body: @Sendable (RegistryFixture) async throws -> Void
    ) async throws {
        try await TestPostgres.withDatabase(
            schema: MandateRegistryService.schema, migrations: MandateRegistryService.migrations
        ) { test in
            let clock = TestClock()
            let issuer = TestIssuer(now: clock.now)
            let base = try ServiceBase.test(
                MandateRegistryService.name, database: test.database, issuer: issuer, now: clock.now,
                civil: civil)
            let persons = KnownPersons()
            let assembly = MandateRegistryService.assemble(
                RegistryConfiguration(nameKey: try nameKey()), base, persons: persons)
            let app = Application(responder: StandardResponder(assembly.router, base: base))
            let (projections, services) = (assembly.projections, assembly.services)
            try await test.database.pretendToFollow(projections)
            let routes = assembly.router.routes.filter { $0.method != .head }.map { "\($0.method.rawValue) \($0.path)" }
            try await app.test(.router) { http in
                try await body(
                    RegistryFixture(
                        test: test, base: base, issuer: issuer, clock: clock, persons: persons,
                        projections: projections, services: services,
                        routes: routes, http: http))
            }
        }
    }

    static func nameKey(_ id: String = "1") throws -> SealingKey {
        let keys = ["1", "2"].map { ($0, [UInt8](repeating: 9, count: 31) + Array($0.utf8)) }
        return try SealingKey(currentID: id, keys: Dictionary(uniqueKeysWithValues: keys)).orThrow()
    }

    /// The part of the service that does what comes at intervals.
    func housekeeping() throws -> Housekeeping {
        try services.compactMap { $0 as? Housekeeping }.first.orThrow()
    }

    // MARK: - Imports

    /// What the command `import mandates` hands its rows over to.
    func importer() throws -> any ImportHandler {
        MandateImport(
            acts: base.acts, persons: persons,
            take: ImportMandates(
                database: database, outbox: Outbox(source: .mandateRegistry, environment: .test),
                tokens: TokenStore(), names: NameSeal(try Self.nameKey(), in: [WaitingTable("waiting_mandate")]),
                patience: .seconds(90 * 86_400)))
    }

    // MARK: - Facts

    /// A care provider's dossier, announced to the registry.
    func dossier(
        _ firstName: String = "An", _ lastName: String = "Peeters", of person: PersonID = PersonID(UUID()),
        profession: String = "persphysician", rizivNumber: String? = TestNumbers.riziv(1),
        state: GrantorDossier.State = .open, id: DossierID = DossierID(UUID()), version: Int64 = 1
    ) async throws -> GrantorDossier {
        let dossier = GrantorDossier(
            id: id, version: version, person: person, lastName: lastName,
            profession: try Profession(code: profession).orThrow(), state: state, hasRizivNumber: rizivNumber != nil)
        let announced = DossierStore.Announced(
            dossier: dossier, firstName: firstName, lastName: lastName,
            rizivNumber: try rizivNumber.map { try RizivNumber($0) })
        _ = try await database.transaction { session in try DossierStore.project(announced, in: session) }
        return dossier
    }

    /// An organisation, announced to the registry.
    func organisation(
        _ name: String = "Verzekeringen Noord NV", number: String = TestNumbers.enterprise(1), isActive: Bool = true
    ) async throws -> OrganisationID {
        let id = OrganisationID(UUID())
        let announced = OrganisationStore.Announced(
            id: id, version: 1, enterpriseNumber: try EnterpriseNumber(number), rizivNumber: nil, name: name,
            isActive: isActive)
        _ = try await database.transaction { session in try OrganisationStore.project(announced, in: session) }
        return id
    }

    /// A right in an organisation, announced to the registry.
    func right(
        of person: PersonID, in organisation: OrganisationID, role: String = OrganisationStanding.executorRole,
        until end: LocalDate? = nil
    ) async throws -> RightID {
        let id = RightID(UUID())
        let announced = OrganisationStore.AnnouncedRight(
            id: id, version: 1, organisation: organisation, person: person, role: role, isActive: true,
            startsOn: today.adding(days: -10), endsOn: end)
        _ = try await database.transaction { session in try OrganisationStore.project(announced, in: session) }
        return id
    }

    /// A mandate in the register.
    func mandate(
        from dossier: GrantorDossier, to holder: MandateRegistryDomain.Mandate.Holder,
        _ type: MandateType = .administrativeDossier, start: LocalDate? = nil, end: LocalDate? = nil
    ) async throws -> MandateRegistryDomain.Mandate {
        let grantor = MandateRegistryDomain.Mandate.Grantor(
            person: dossier.person, dossier: dossier.id, profession: dossier.profession)
        let terms = try MandateRegistryDomain.Mandate.Terms(
            grantor: grantor, holder: holder, type: type,
            period: try Period(start: start ?? today.adding(days: -1), end: end).orThrow()
        ).orThrow()
        let mandate = MandateRegistryDomain.Mandate.grant(
            terms, as: MandateID(base.newID()), at: clock.now())
        try await database.transaction { session in try MandateStore.insert(mandate, in: session) }
        return mandate
    }

    /// The number that a query counts.
    func count(_ sql: SQL) async throws -> Int {
        try await database.read { session in try session.first(sql)?.column(0, as: Int.self) ?? -1 }
    }

    // MARK: - Tokens

    /// The token of a person who signed in through the portal.
    func personToken(
        _ person: PersonID, _ profile: ProfileChoice = .citizen, session: SessionID = SessionID(UUID()),
        client: String = "portal", scopes: [String] = [Scope.mandates]
    ) throws -> String {
        try issuer.personToken(
            person, session: session, profile: profile, clientID: client, for: .mandateRegistry, scopes: scopes)
    }

    /// The token of a service.
    func serviceToken(_ client: String = "portal", scopes: [String]) throws -> String {
        try issuer.serviceToken(client, for: .mandateRegistry, scopes: scopes)
    }

    // MARK: - Requests

    /// What was answered.
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let body: [UInt8]

        func decode<Body: Decodable>(_ type: Body.Type) throws -> Body {
            try JSONDecoder().decode(type, from: Data(body))
        }

        /// The codes of the reasons of a problem.
        var reasons: [String] {
            get throws { try decode(ProblemDocument.self).reasons?.map(\.code.rawValue) ?? [] }
        }

        var code: String { get throws { try decode(ProblemDocument.self).code } }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, token: String?, headers: HTTPFields = [:], body: String? = nil,
        type: String = "application/json"
    ) async throws -> Answer {
        var headers = headers
        if let token { headers[.authorization] = "Bearer \(token)" }
        if body != nil { headers[.contentType] = type }
        return try await http.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
        ) { response in
            Answer(
                status: response.status.code, headers: response.headers,
                body: Array(response.body.readableBytesView))
        }
    }

    func search(_ search: GrantorSearch, token: String) async throws -> Answer {
        let body = String(decoding: try JSONEncoder().encode(search), as: UTF8.self)
        return try await send(.post, "/grantors/search", token: token, body: body)
    }

    func stop(_ mandate: MandateID, token: String) async throws -> Answer {
        try await send(.post, "/mandates/\(mandate)/stop", token: token)
    }

    func exchange(
        _ dossier: DossierID, subject: String, tab: String = TestNumbers.tab, client: String = "portal"
    ) async throws -> Answer {
        let form = FormEncoding.encode([
            ("grant_type", DossierContextToken.grantType), ("subject_token", subject),
            ("subject_token_type", DossierContextToken.accessTokenType),
            ("audience", DossierContextToken.audience),
            ("resource", "\(DossierContextToken.resourcePrefix)\(dossier)"),
        ])
        return try await send(
            .post, "/token", token: try serviceToken(client, scopes: [Scope.dossierContext]),
            headers: [.toegangTab: tab], body: form, type: "application/x-www-form-urlencoded")
    }

    func open(_ dossier: DossierID, subject: String, tab: String = TestNumbers.tab) async throws -> String {
        let answer = try await exchange(dossier, subject: subject, tab: tab)
        guard answer.status == 200 else { throw Unexpected(text: answer.text) }
        return try answer.decode(DossierContextToken.self).accessToken
    }

    func introspect(_ token: String) async throws -> DossierContextIntrospection {
        let answer = try await send(
            .post, "/introspect",
            token: try serviceToken("profile-resolution", scopes: [Scope.introspect]),
            body: FormEncoding.encode([("token", token)]), type: "application/x-www-form-urlencoded")
        guard answer.status == 200 else { throw Unexpected(text: answer.text) }
        return try answer.decode(DossierContextIntrospection.self)
    }
}

/// A clock that a test moves; it starts at noon of a day.
final class TestClock: Sendable {
    private let instant = Guarded(Instant(secondsSinceEpoch: 1_781_524_800))

    var now: @Sendable () -> Instant { { self.instant.withLock { $0 } } }

    func advance(_ duration: Duration) { instant.withLock { $0 = $0.adding(duration) } }
}

/// The persons whom authentication-service would know, by national number.
final class KnownPersons: PersonResolver {
    /// What persons are called.
    let called = Guarded<[PersonID: String]>([:])

    /// Whether names can be asked for.
    let tellsNames = Guarded(true)

    func names(of persons: [PersonID], origin: CallOrigin) async -> KnownNames {
        guard tellsNames.withLock(\.self) else { return KnownNames([:], isComplete: false) }
        return KnownNames(called.withLock { known in known.filter { persons.contains($0.key) } }, isComplete: true)
    }

    /// The last names that somebody has told.
    let lastNames = Guarded<[PersonID: String]>([:])

    func lastNames(of persons: [PersonID], origin: CallOrigin) async throws(RemoteError) -> [PersonID: String] {
        lastNames.withLock { known in known.filter { persons.contains($0.key) } }
    }

    private let known = Guarded<[String: PersonID]>([:])
    /// For how many numbers it was asked who has them.
    let asked = Guarded(0)

    /// Somebody has the number, and is called so, if anybody has told it.
    func add(_ number: String, _ person: PersonID, _ lastName: String? = nil) {
        known.withLock { $0[number] = person }
        lastNames.withLock { $0[person] = lastName }
    }

    /// Who has the number.
    func person(_ number: String) -> PersonID? { known.withLock { $0[number] } }

    func resolve(
        _ nationalNumbers: [String], _ mode: ResolvePersonsRequest.Mode, origin: CallOrigin
    ) async throws(RemoteError) -> [PersonID?] {
        asked.withLock { $0 += nationalNumbers.count }
        return known.withLock { known in
            nationalNumbers.map { number in
                if mode == .getOrCreate, known[number] == nil { known[number] = PersonID(UUID()) }
                return known[number]
            }
        }
    }
}

/// Numbers of nobody.
enum TestNumbers {
    /// The handle of a tab.
    static let tab = "tab-handle-0123456789"
    static let otherTab = "tab-handle-9876543210"

    /// A RIZIV number of the range 1 99 9xx, of which `index` is one of a hundred.
    static func riziv(_ index: Int) -> String {
        let base = 199_900 + index
        return "\(base)" + padded(97 - base % 97)
    }

    /// An enterprise number of the range 1999 9xx xxx.
    static func enterprise(_ index: Int) -> String {
        let base = 19_999_000 + index
        return "\(base)" + padded(97 - base % 97)
    }

    /// A national number of somebody born on a day of July 1985, with the sequence 990.
    static func national(day: Int) -> String {
        let base = "8507" + padded(day) + "990"
        return base + padded(97 - (Int(base) ?? 0) % 97)
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

struct Unexpected: Error {
    let text: String
}

extension Optional {
    func orThrow() throws -> Wrapped {
        guard let self else { throw Unexpected(text: "nil") }
        return self
    }
}

extension ImportRow {
    /// A row of a file of mandates; people are named by the day of their numbers.
    static func mandate(
        _ line: Int, grantor: Int = 1, profession: String = "persphysician", holder: Int? = nil, kbo: String = "",
        type: String = "administrative-dossier", start: String = "2026-01-01", end: String = "",
        grantorName: String = "Peeters", holderName: String? = nil, status: String = "active"
    ) -> ImportRow {
        ImportRow(
            line: line,
            values: [
                "grantor_national_number": TestNumbers.national(day: grantor), "grantor_last_name": grantorName,
                "grantor_profession": profession,
                "holder_national_number": holder.map { TestNumbers.national(day: $0) } ?? "",
                "holder_last_name": holderName ?? (holder == nil ? "" : "Dubois"), "holder_kbo_number": kbo,
                "mandate_type": type, "start_date": start, "end_date": end, "status": status,
            ])
    }
}

extension GrantorSearch {
    init(riziv: String? = nil, national: String? = nil, last: String? = nil, first: String? = nil, page: Int = 1) {
        self.init(rizivNumber: riziv, nationalNumber: national, lastName: last, firstName: first, page: page)
    }
}
