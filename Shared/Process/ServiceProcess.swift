import AsyncHTTPClient
import AuditTrail
import Clients
import CoreMetrics
import EventOutbox
import EventSignatures
import Following
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Imports
import Keys
import Logging
import NIOCore
import NIOHTTP1
import Postgres
import ServiceLifecycle
import Streams
import Telemetry
import UnixSignals
import Vocabulary
import Web

/// The projection that is to be rebuilt does not exist.
struct RebuildFailure: Error, CustomStringConvertible {
    let name: String
    let known: [String]

    var description: String { "There is no projection \"\(name)\"; there are: \(known.joined(separator: ", "))." }
}

/// The process of a service: what it shares with all others, put together once.
package struct ServiceProcess<Subject: ToegangService>: Sendable {
    private let settings: ServiceSettings<Subject>

    /// A process with those settings.
    package init(_ settings: ServiceSettings<Subject>) {
        self.settings = settings
    }

    /// Serves until SIGTERM or SIGINT, and then stops in order: server, projections, relay, pool.
    package func serve(unreadKeys: [String]) async throws {
        ProcessObservation.start(service: Subject.name, level: settings.common.logLevel)
        let logger = Logger(label: Subject.name)
        for key in unreadKeys {
            logger.warning("The configuration has a key that is not read", metadata: ["key": "\(key)"])
        }
        for warning in settings.warnings {
            logger.warning("The configuration may not do what is meant", metadata: ["warning": "\(warning)"])
        }
        ProcessLimits.prepare(logger: logger)
        let httpClient = Self.httpClient()
        do {
            try await serve(httpClient: httpClient, logger: logger)
            try await httpClient.shutdown()
            logger.info("Stopped")
            LineWriter.standardOutput.flush()
        } catch {
            logger.critical("Stopped by an error", metadata: ["error": "\(String(reflecting: error))"])
            try? await httpClient.shutdown()
            throw error
        }
    }

    private func serve(httpClient: HTTPClient, logger: Logger) async throws {
        let base = base(httpClient: httpClient, logger: logger)
        try await StartChecks.reach(base.database, within: settings.common.databaseStartDeadline, logger: logger)
        try await StartChecks.checkMigrated(
            Migrator(schema: Subject.schema, migrations: Subject.migrations), base.database,
            executable: Subject.executable)
        try await StartChecks.checkStoredKeys(of: Subject.self, settings.own, base)
        let assembly = try await Subject.make(settings.own, base)
        let running = ServiceParts(assembly, base: base)
        let server = server(assembly, base: base)
        var configuration = ServiceGroupConfiguration(
            services: [base.database, base.verifier.keys, healthServer(running.readiness, base: base)]
                + running.services + [server],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = settings.common.shutdownDeadline
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Takes a file in, and prints a verdict for each row.
    package func importFile(
        _ command: ImportCommand<Subject.Config>, path: String, json: Bool
    ) async throws -> ImportSummary {
        try await beside(.decides) { base, facts in
            let handler = facts.guarding(try await command.handler(settings.own, base))
            let report = ImportReport(json: json) { LineWriter.standardOutput.write($0) }
            let runner = ImportRunner(columns: command.columns, chunkSize: command.chunkSize, report: report)
            return try await runner.run(path: path, handler: handler)
        }
    }

    /// Has a projection forget what it learnt, so that the next start builds it from the first event.
    ///
    /// - Throws: `ProjectionInUse` while an instance of the service works on it; `RebuildFailure` for a name that
    ///   no projection has.
    package func rebuild(_ name: String) async throws {
        try await beside(.apart) { base, _ in
            let projections = try await Subject.make(settings.own, base).projections
            guard let projection = projections.first(where: { $0.name == name }) else {
                throw RebuildFailure(name: name, known: projections.map(\.name))
            }
            try await projection.rebuild(on: base.database)
        }
    }

    /// What of the stored data this configuration could not read, for `check-config`; nil when the database does not
    /// answer, or has no schema to look at yet.
    package func unknownStoredKeys() async -> [String]? {
        let logger = Logger(label: Subject.name) { _ in SwiftLogNoOpLogHandler() }
        let httpClient = Self.httpClient()
        let base = base(httpClient: httpClient, logger: logger)
        var found: [String]?
        if let check = try? Subject.storedKeyCheck(settings.own, base) {
            found = try? await base.database.read(check)
        }
        await base.database.shutdown()
        try? await httpClient.shutdown()
        return found
    }

    /// Does what an operator wants, and answers the lines to print.
    package func operate(
        _ action: OperatorCommands<Subject.Config>.Action, _ wish: OperatorWish
    ) async throws -> [String] {
        try await beside(action.effect) { base, facts in
            do {
                let lines = try await action.body(settings.own, base, wish)
                // Whoever serves sends it now; if that cannot be asked, it is sent within half a second.
                try? await OutboxRelay.callOthers(on: base.database)
                return await facts.doubts() + lines
            } catch let failure as OperatorFailure {
                throw OperatorFailure(([failure.description] + (await facts.doubts())).joined(separator: " "))
            }
        }
    }

    /// Has the whole outbox sent again by the next start.
    ///
    /// - Throws: `OutboxInUse` while an instance sends.
    package func publishAgain() async throws -> Int64 {
        try await beside(.decides) { base, _ in try await OutboxRelay.publishAgain(on: base.database) }
    }

    /// What the database says of the times at which it had gone back to a backup, as lines to print.
    ///
    /// - Parameters:
    ///   - listing: Whether each event that was lost is a line.
    ///   - commandedBy: Who wants to know, for the record.
    package func restorations(listing: Bool, commandedBy: String) async throws -> [String] {
        try await beside(.reads) { base, facts in
            let entry = base.acts.own(commandedBy: commandedBy).record(.showRestorations)
            let lines = try await base.database.transaction { session in
                try Audit.record(entry, in: session)
                let lines = try RestorationReport.read(in: session).lines
                return try listing ? lines + RestorationReport.lost(in: session) : lines
            }
            return try await facts.doubts() + lines + Subject.restorationNotes(settings.own, base)
        }
    }

    /// Does something with the service's database and neighbours without serving; every command goes this way.
    ///
    /// - Throws: `OwnFactsInDoubt` for what decides by facts that are in doubt.
    func beside<R: Sendable>(
        _ effect: CommandEffect, _ body: (ServiceBase, CommandFacts) async throws -> R
    ) async throws -> R {
        ProcessObservation.start(service: Subject.name, level: .error, descriptor: 2)
        let logger = Logger(label: Subject.name)
        let httpClient = Self.httpClient()
        let base = base(httpClient: httpClient, logger: logger)
        let result: Result<R, any Error>
        do {
            try await StartChecks.reach(base.database, within: settings.common.databaseStartDeadline, logger: logger)
            try await StartChecks.checkMigrated(
                Migrator(schema: Subject.schema, migrations: Subject.migrations), base.database,
                executable: Subject.executable)
            result = .success(try await CommandFacts.perform(effect, base) { try await body(base, $0) })
        } catch {
            result = .failure(error)
        }
        await base.database.shutdown()
        try? await httpClient.shutdown()
        LineWriter.standardOutput.flush()
        return try result.get()
    }

    private func base(httpClient: HTTPClient, logger: Logger) -> ServiceBase {
        let common = settings.common
        let newID: @Sendable () -> UUID = { UUIDv7.make(at: systemClock(), random: RandomBytes.system.words()) }
        let keys =
            Subject.holdsIssuerKeys
            ? IssuerKeys(heldBy: logger)
            : IssuerKeys(logger: logger, fetch: Self.keyFetch(issuer: common.issuer, httpClient: httpClient))
        let signer = common.clientKey.map {
            ClientAssertionSigner(clientID: Subject.name, key: $0, now: systemClock, newID: newID)
        }
        let probe = signer.map { IntrospectionProbe(issuer: common.issuer, signer: $0, httpClient: httpClient) }
        let trust = common.eventKeys.map { keys in
            EventTrust(
                environment: common.environment, name: Subject.name, signer: keys.signer, keys: keys.publicKeys)
        }
        return ServiceBase(
            name: Subject.name, baseURL: common.baseURL, issuer: common.issuer, logger: logger,
            environment: common.environment, database: Database(common.database, logger: logger), kafka: common.kafka,
            trust: trust,
            httpClient: httpClient,
            civil: common.civil, newID: newID,
            verifier: AccessTokenVerifier(
                issuer: common.issuer, audiences: common.audiences, seals: common.audienceKeys, keys: keys,
                ask: probe?.isActive, now: systemClock),
            tokens: ServiceTokenSource(
                issuer: common.issuer, audiences: common.audiences, signer: signer, httpClient: httpClient,
                now: systemClock))
    }

    private func server(_ assembly: ServiceAssembly, base: ServiceBase) -> some Service {
        let common = settings.common
        return Application(
            responder: assembly.responder(base: base),
            server: .http1(
                configuration: BoundedConnections.configuration(
                    maximum: common.maximumConnections, perPeer: common.connectionsPerPeer,
                    bodyDeadline: common.bodyDeadline)),
            configuration: ApplicationConfiguration(address: .hostname(common.host, port: common.port)),
            onServerRunning: Self.said("Listening", common.host, base.logger), logger: base.logger)
    }

    /// Answers those who run the service, however many connections the other listener has.
    private func healthServer(_ readiness: Readiness, base: ServiceBase) -> some Service {
        let common = settings.common
        return Application(
            router: OperationalRoutes.router(readiness: readiness),
            server: .http1(
                configuration: BoundedConnections.configuration(maximum: 64, perPeer: 64, bodyDeadline: .seconds(2))),
            configuration: ApplicationConfiguration(address: .hostname(common.healthHost, port: common.healthPort)),
            onServerRunning: Self.said("Health and metrics", common.healthHost, base.logger), logger: base.logger)
    }

    private static func said(
        _ what: String, _ host: String, _ logger: Logger
    ) -> @Sendable (any Channel) async -> Void {
        { channel in
            let port = channel.localAddress?.port.map(String.init) ?? "?"
            logger.info("\(what)", metadata: ["host": "\(host)", "port": "\(port)"])
        }
    }

    private static func httpClient() -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(1), read: .seconds(3)))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    private static func keyFetch(issuer: String, httpClient: HTTPClient) -> @Sendable () async throws -> [UInt8] {
        {
            let request = HTTPClientRequest(url: issuer + "/jwks")
            let response = try await httpClient.execute(request, timeout: .seconds(3))
            guard response.status == .ok else { throw KeyFetchError(status: Int(response.status.code)) }
            return Array(try await response.body.collect(upTo: 64 * 1024).readableBytesView)
        }
    }
}

/// The issuer answered something else than its keys.
struct KeyFetchError: Error, CustomStringConvertible {
    let status: Int
    var description: String { "the issuer answered with status \(status)" }
}
