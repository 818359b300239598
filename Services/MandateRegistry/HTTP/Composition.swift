import AccessEnds
import AuditTrail
import AuthenticationClients
import Clients
package import Configuration
import ContractCore
import EventOutbox
import Following
import Hummingbird
import MandateRegistryContracts
package import Postgres
package import Process
import Sealing
import Tokens
import Vocabulary
import Waiting
import Web

/// mandate-registry-service: who may act for whom, on which dossier, and until when.
package enum MandateRegistryService: ToegangService {
    package static let name = "mandate-registry"
    package static let followsOthers = true
    package static let schema = "mandate_registry"
    package static let migrations: [Migration] =
        [
            Migration(
                component: "mandate-registry", file: "V0001__create_mandate",
                sql: PackageResources.V0001__create_mandate_sql),
            Migration(
                component: "mandate-registry", file: "V0002__create_projections",
                sql: PackageResources.V0002__create_projections_sql),
            Migration(
                component: "mandate-registry", file: "V0003__create_waiting_mandate",
                sql: PackageResources.V0003__create_waiting_mandate_sql),
        ] + AuditSchema.migrations + OutboxSchema.migrations(of: .mandateRegistry) + FollowingSchema.migrations
        + EndedAccessSchema.migrations + TokensSchema.migrations

    package static func readConfig(_ reader: ConfigReader) throws -> RegistryConfiguration {
        try RegistryConfiguration(reader)
    }

    package static func storedKeyCheck(_ config: RegistryConfiguration, _: ServiceBase) throws -> StoredKeyCheck {
        let stored = names(config).stored
        return { session in try stored.unknownKeys(in: session) }
    }

    private static func names(_ config: RegistryConfiguration) -> NameSeal {
        NameSeal(config.nameKey, in: [WaitingMandateStore.table])
    }

    package static var imports: [ImportCommand<RegistryConfiguration>] {
        [
            ImportCommand(
                name: "mandates", summary: "Take delivered mandates into the register.",
                columns: MandateImport.columns, chunkSize: MandateImport.chunkSize
            ) { config, base in
                MandateImport(
                    acts: base.acts, persons: persons(config, base),
                    take: ImportMandates(
                        database: base.database,
                        outbox: Outbox(source: .mandateRegistry, environment: base.environment),
                        tokens: TokenStore(), names: names(config), patience: config.patience))
            }
        ]
    }

    package static var waiting: [PagedLines] {
        [PagedLines { behind, session in try WaitingMandateStore.waiting.page(behind: behind, in: session) }]
    }

    package static func make(
        _ config: RegistryConfiguration, _ base: ServiceBase
    ) async throws -> ServiceAssembly {
        assemble(config, base, persons: persons(config, base))
    }

    private static func persons(_ config: RegistryConfiguration, _ base: ServiceBase) -> RemotePersons {
        let remote = RemoteService(config.authenticationURL ?? base.issuer, base: base)
        return RemotePersons(AuthenticationClient(remote))
    }

    /// The service with the given way to resolve persons.
    package static func assemble(
        _ config: RegistryConfiguration, _ base: ServiceBase, persons: any PersonResolver
    ) -> ServiceAssembly {
        let outbox = Outbox(source: .mandateRegistry, environment: base.environment)
        let tokens = TokenStore()
        let ends = EndedAccessFollower(base)
        let projections = RegistryProjections(tokens: tokens).all + [ends.projection]
        let gate = ProjectionGate(projections: projections, own: .mandateRegistry, database: base.database)
        let end = EndMandate(database: base.database, outbox: outbox, tokens: tokens)

        let router = Router(context: AppContext.self)
        router.add(middleware: OwnFactsMiddleware(base.ownFacts))
        let api = router.group()
            .add(middleware: BearerAuthentication(base.verifier, audience: .mandateRegistry))
            .add(middleware: ConsistencyMiddleware(gate))
        GrantorRoutes(search: SearchGrantors(database: base.database), persons: persons, today: base.today).add(to: api)
        MandateRoutes(database: base.database, acts: base.acts, end: end, persons: persons).add(to: api)
        ContextRoutes(
            acts: base.acts, verifier: base.verifier,
            open: OpenDossierContext(database: base.database, tokens: tokens),
            introspect: IntrospectDossierContext(
                database: base.database, tokens: tokens, ended: base.verifier.ended)
        ).add(to: api)

        let names = names(config)
        let waiting = StartMandates(
            database: base.database, acts: base.acts, logger: base.logger, outbox: outbox, persons: persons,
            names: names)
        let housekeeping = Housekeeping(
            database: base.database, acts: base.acts,
            expire: ExpireMandates(database: base.database, outbox: outbox, tokens: tokens), waiting: waiting,
            sealed: names.stored, tokens: tokens,
            interval: config.housekeepingInterval, logger: base.logger)
        return ServiceAssembly(
            router: router, outbox: outbox,
            restatement: RestateMandates(database: base.database, tokens: tokens, now: base.now).restatement,
            projections: projections, watches: [ends.watch], gate: gate,
            services: [ends, housekeeping],
            readiness: [ends.readiness], openAPI: OpenAPIDocument.mandateRegistry)
    }
}
