import AccessEnds
import AuditTrail
import AuthenticationClients
import AuthenticationContracts
import Clients
package import Configuration
import ContractCore
import EventOutbox
import Following
import Hummingbird
import MandateRegistryClients
import Pages
package import Postgres
package import Process
import ProfileResolutionContracts
import Sealing
import Vocabulary
import Waiting
import Web

/// profile-resolution-service: which profiles a person may take, which she chose, and the dossiers behind them.
package enum ProfileResolutionService: ToegangService {
    package static let name = EventSource.profileResolution.rawValue
    package static let followsOthers = true
    package static let schema = "profile_resolution"

    package static let migrations: [Migration] =
        AuditSchema.migrations + OutboxSchema.migrations(of: .profileResolution) + FollowingSchema.migrations
        + EndedAccessSchema.migrations + [
            Migration(
                component: "profile-resolution", file: "V0001__create_dossier",
                sql: PackageResources.V0001__create_dossier_sql),
            Migration(
                component: "profile-resolution", file: "V0002__create_projections",
                sql: PackageResources.V0002__create_projections_sql),
            Migration(
                component: "profile-resolution", file: "V0003__create_picker",
                sql: PackageResources.V0003__create_picker_sql),
            Migration(
                component: "profile-resolution", file: "V0004__create_waiting_dossier",
                sql: PackageResources.V0004__create_waiting_dossier_sql),
        ]

    package static func readConfig(_ reader: ConfigReader) throws -> ProfileResolutionConfig {
        try ProfileResolutionConfig(reader)
    }

    package static func storedKeyCheck(_ config: ProfileResolutionConfig, _: ServiceBase) throws -> StoredKeyCheck {
        let stored = names(config).stored
        return { session in try stored.unknownKeys(in: session) }
    }

    private static func names(_ config: ProfileResolutionConfig) -> NameSeal {
        NameSeal(config.nameKey, in: [WaitingDossierStore.table])
    }

    package static var waiting: [PagedLines] {
        [PagedLines { behind, session in try WaitingDossierStore.waiting.page(behind: behind, in: session) }]
    }

    package static func make(
        _ config: ProfileResolutionConfig, _ base: ServiceBase
    ) async throws -> ServiceAssembly {
        let outbox = Outbox(source: .profileResolution, environment: base.environment)
        let ends = EndedAccessFollower(base)
        let projections = followedFacts.projections + [ends.projection]
        let gate = ProjectionGate(projections: projections, own: .profileResolution, database: base.database)
        let persons = PersonFactsStore(setUpDays: config.setUpDays)
        let router = Router(context: AppContext.self)
        addAPI(
            to: router.group().add(middleware: OwnFactsMiddleware(base.ownFacts)), config, base, persons: persons,
            outbox: outbox, gate: gate)
        try addPages(to: router, config, base, persons: persons)
        let housekeeping = Housekeeping(
            database: base.database, logger: base.logger, sealed: names(config).stored)
        return ServiceAssembly(
            router: router, outbox: outbox, restatement: RestateDossiers.restatement, projections: projections,
            watches: [ends.watch], gate: gate, services: [ends, housekeeping], readiness: [ends.readiness],
            openAPI: OpenAPIDocument.profileResolution)
    }

    private static var followedFacts: FollowedFacts {
        FollowedFacts(
            saveOrganisation: { try KnownFactsStore.save($0, in: $1) },
            saveRight: { try KnownFactsStore.save($0, in: $1) },
            saveMandate: { try KnownFactsStore.save($0, in: $1) },
            void: { fact, state, session in
                switch fact {
                case .organisation: try KnownFactsStore.voidOrganisation(state, in: session)
                case .right: try KnownFactsStore.voidRight(state, in: session)
                case .mandate: try KnownFactsStore.voidMandate(state, in: session)
                }
            },
            eraseOrganisationRights: { try KnownFactsStore.eraseOrganisationRights(limit: $0, in: $1) },
            eraseMandates: { try KnownFactsStore.eraseMandates(limit: $0, in: $1) })
    }

    private static func addAPI(
        to routes: RouterGroup<AppContext>, _ config: ProfileResolutionConfig, _ base: ServiceBase,
        persons: PersonFactsStore, outbox: Outbox, gate: ProjectionGate
    ) {
        let profiles = routes.group()
            .add(middleware: BearerAuthentication(base.verifier, audience: .profileResolution))
            .add(middleware: ConsistencyMiddleware(gate))
        ProfileRoutes(listProfiles: ListProfiles(database: base.database, persons: persons, today: base.today))
            .add(to: profiles)

        let registry = MandateRegistryClient(RemoteService(config.mandateRegistryURL, base: base))
        let callers = DossierCallers(verifier: base.verifier, acts: base.acts) { token, context in
            try await registry.introspect(token, origin: context.origin)
        }
        DossierRoutes(
            callers: callers, consistency: ConsistencyMiddleware(gate),
            openDossier: OpenDossier(database: base.database, persons: persons),
            changeContact: ChangeContact(database: base.database, outbox: outbox)
        ).add(to: routes)
    }

    private static func addPages(
        to router: Router<AppContext>, _ config: ProfileResolutionConfig, _ base: ServiceBase, persons: PersonFactsStore
    ) throws {
        let renderer = try PageRenderer(
            templates: ["choose-profile": PackageResources.choose_profile_mustache],
            texts: [
                .nl: PackageResources.texts_nl_json, .fr: PackageResources.texts_fr_json,
                .de: PackageResources.texts_de_json, .en: PackageResources.texts_en_json,
            ],
            product: config.product,
            serviceCenter: ServiceCenter(phone: config.serviceCenterPhone, email: config.serviceCenterEmail),
            civil: base.civil)
        let site = PageSite(
            renderer: renderer, cookie: PickerRoutes.cookiePrefix, csrfKey: config.formKey, baseURL: base.baseURL,
            formTargets: [base.issuer])
        site.install(on: router)
        router.add(middleware: OwnFactsMiddleware(base.ownFacts))
        let authentication = AuthenticationClient(RemoteService(base.issuer, base: base))
        PickerRoutes(
            site: site,
            picker: PickProfile(
                database: base.database, persons: persons, acts: base.acts, names: names(config), logger: base.logger),
            redeem: { id, context in try await authentication.redeem(id, origin: context.origin) },
            putChoice: { id, choice, context in
                try await authentication.putChoice(choice, for: id, origin: context.origin)
            },
            acts: base.acts, issuer: base.issuer, random: base.random
        ).add(to: router)
    }
}

// MARK: - Imports

extension ProfileResolutionService {
    private static let contactColumns = ["email", "phone", "street", "postal_code", "city"]

    package static let imports: [ImportCommand<ProfileResolutionConfig>] = [
        ImportCommand(
            name: "care-providers", summary: "Care providers with their recognition and their dossier.",
            columns: [
                "national_number", "first_name", "last_name", "profession", "riziv_number", "visum", "visum_date",
                "dossier_state",
            ] + contactColumns
        ) { config, base in importer(.careProviders, config, base) },
        ImportCommand(
            name: "non-care-providers",
            summary: "People with an administrative function in an institution or grouping, with their dossier.",
            columns: [
                "national_number", "last_name", "function", "organisation_kbo", "organisation_riziv",
                "organisation_name",
            ] + contactColumns
        ) { config, base in importer(.functionHolders(functions: config.functions), config, base) },
    ]

    private static func importer(
        _ file: ImportDossiers.File, _ config: ProfileResolutionConfig, _ base: ServiceBase
    ) -> ImportDossiers {
        let authentication = AuthenticationClient(RemoteService(base.issuer, base: base))
        return ImportDossiers(
            file,
            resolve: { numbers, origin in
                let request = ResolvePersonsRequest(mode: .getOrCreate, nationalNumbers: numbers.map(\.digits))
                let answer = try await authentication.resolvePersons(request, origin: origin)
                return answer.persons.map(\.personId)
            },
            lastNames: { persons, origin in try await authentication.lastNames(of: persons, origin: origin) },
            register: RegisterDossiers(
                database: base.database, outbox: Outbox(source: .profileResolution, environment: base.environment),
                names: names(config)),
            acts: base.acts)
    }
}
