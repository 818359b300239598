import Async
import FoundationEssentials
import Hummingbird
import HummingbirdTesting
import Keys
import Logging
import NIOCore
import Pages
import Portal
import PortalDomain
import Postgres
import Process
import ServiceLifecycle
import Telemetry
import TestBasics
import TestService
import TestStore
import Vocabulary
import Web

/// A portal in process over a real database, with a foreign identity provider and foreign services on the loopback.
struct PortalWorld: Sendable {
    let provider: ForeignProvider
    let services: ForeignServices
    let database: Database
    /// How a superuser enters the database: to break it.
    let superuser: DatabaseConfiguration
    let base: ServiceBase
    let clock: TestClock
    let client: any TestClientProtocol

    /// A person's browser; `behind` a proxy that says from which address it came.
    func browser(behind forwardedFor: String? = nil) -> Browser { Browser(client, forwardedFor: forwardedFor) }

    /// A browser in which the provider's person has signed in.
    func signedIn(_ person: ForeignPerson = ForeignPerson()) async throws -> Browser {
        provider.state.withLock { $0.person = person }
        let browser = browser()
        _ = try await signIn(browser)
        return browser
    }

    /// Goes through the sign-in, from the portal to the provider and back.
    func signIn(_ browser: Browser, returning: String? = nil) async throws -> Browser.Page {
        let away = try await browser.get("/sign-in" + (returning.map { "?return=\($0)" } ?? ""))
        guard let address = away.location else { throw TestKitError("no redirect to the provider: \(away.status)") }
        return try await browser.get(try callback(try provider.authorize(address)))
    }

    /// The path and query of an address of the portal.
    func callback(_ address: String) throws -> String {
        guard address.hasPrefix(base.baseURL) else { throw TestKitError("\(address) is not the portal's") }
        return String(address.dropFirst(base.baseURL.count))
    }

    /// The actions in the audit trail with their outcomes, oldest first.
    func audit() async throws -> [String] {
        try await database.read { session in
            try session.query("SELECT action, outcome FROM audit_record ORDER BY at, id").map { row in
                let (action, outcome) = try row.decode(String.self, String.self)
                return "\(action) \(outcome)"
            }
        }
    }

    func count(_ sql: SQL) async throws -> Int64 {
        try await database.read { session in try session.first(sql)?.column(0, as: Int64.self) ?? -1 }
    }
}

/// A clock that a test moves.
final class TestClock: Sendable {
    private let offset = Guarded<Duration>(.zero)

    var now: Instant { systemClock().adding(offset.withLock { $0 }) }

    func advance(by duration: Duration) { offset.withLock { $0 += duration } }
}

/// Runs a body in a world of its own.
///
/// - Parameter trustedProxies: given, the portal listens, so that its requests come from an address.
func withPortal(
    lifetime: SessionLifetime = .standard, trustedProxies: [String]? = nil,
    _ body: @Sendable (PortalWorld) async throws -> Void
) async throws {
    try await TestPostgres.withDatabase(schema: PortalService.schema, migrations: PortalService.migrations) {
        database in
        let port = PortBox()
        let clock = TestClock()
        let services = ForeignServices()
        let providerBox = ProviderBox()
        let router = Router()
        services.addRoutes(to: router.group("api"))
        router.add(middleware: LateProvider(box: providerBox))
        let foreign = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in port.set(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "foreign", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await foreign.runService(gracefulShutdownSignals: []) }
            let address = "http://127.0.0.1:\(try await port.value())"
            let provider = ForeignProvider(address: "\(address)/idp", now: { clock.now })
            providerBox.set(provider)
            let base = try ServiceBase.test(
                "portal", database: database.database, issuer: provider.issuer, clientKey: provider.clientKey,
                now: { clock.now },
                logger: Logger(label: "portal", factory: { _ in SwiftLogNoOpLogHandler() }))
            let config = try configuration(
                "\(address)/api", lifetime: lifetime,
                trustedProxies: (trustedProxies ?? []).compactMap(NetworkRange.init))
            let assembly = try await PortalService.make(config, base)
            let application = Application(responder: StandardResponder(assembly.router, base: base))
            try await application.test(trustedProxies == nil ? .router : .live) { client in
                try await body(
                    PortalWorld(
                        provider: provider, services: services, database: database.database,
                        superuser: database.superuser, base: base, clock: clock, client: client))
            }
            group.cancelAll()
        }
    }
}

/// Runs a body with a second instance of the portal: another process over the same database.
///
/// - Parameter sealing: the ids of its sealing keys, the current one first.
func withSecondInstance(
    of world: PortalWorld, sealing: [String] = ["1"], _ body: @Sendable (any TestClientProtocol) async throws -> Void
) async throws {
    let address = String(world.base.issuer.dropLast("/idp".count))
    let assembly = try await PortalService.make(try configuration("\(address)/api", sealing: sealing), world.base)
    let application = Application(responder: StandardResponder(assembly.router, base: world.base))
    try await application.test(.router) { client in try await body(client) }
}

func configuration(
    _ api: String, lifetime: SessionLifetime = .standard, trustedProxies: [NetworkRange] = [],
    sealing: [String] = ["1"]
) throws -> PortalConfiguration {
    let keys = Dictionary(uniqueKeysWithValues: sealing.map { ($0, [UInt8](repeating: $0.utf8.first ?? 0, count: 32)) })
    guard let seal = SealingKey(currentID: sealing[0], keys: keys), let key = HMACKey([UInt8](repeating: 7, count: 32))
    else { throw TestKitError("no keys") }
    return PortalConfiguration(
        profileResolution: "\(api)/profiles", mandateRegistry: "\(api)/mandates",
        organisationRights: "\(api)/organisations", sealingKey: seal, formKey: key, lifetime: lifetime,
        trustedProxies: trustedProxies, serviceCenter: ServiceCenter(email: "help@example.test"))
}

/// The port of the foreign server, once it listens.
private final class PortBox: Sendable {
    private let port = Guarded(0)

    func set(_ value: Int) { port.withLock { $0 = value } }

    func value() async throws -> Int {
        guard try await eventually({ port.withLock { $0 } != 0 }) else { throw TestKitError("no foreign server") }
        return port.withLock { $0 }
    }
}

/// The provider signs with its own address, which is known only once the server listens.
private final class ProviderBox: Sendable {
    private let router = Guarded<RouterResponder<BasicRequestContext>?>(nil)

    func set(_ provider: ForeignProvider) {
        let router = Router()
        provider.addRoutes(to: router.group("idp"))
        let responder = router.buildResponder()
        self.router.withLock { $0 = responder }
    }

    var responder: RouterResponder<BasicRequestContext>? { router.withLock { $0 } }
}

private struct LateProvider: RouterMiddleware {
    typealias Context = BasicRequestContext
    let box: ProviderBox

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        guard request.uri.path.hasPrefix("/idp/"), let responder = box.responder else {
            return try await next(request, context)
        }
        return try await responder.respond(to: request, context: context)
    }
}
