import AuditTrail
package import Configuration
import ContractCore
import Hummingbird
import Pages
import PortalContracts
import PortalDomain
package import Postgres
package import Process
import Sealing
package import Settings
import Vocabulary
import Web

/// The portal: a relying party of authentication-service, and the pages of the seed.
package enum PortalService: ToegangService {
    package static let name = "portal"
    package static let takesPartInEvents = false
    package static let schema = "portal"

    /// What the portal asks the identity provider for.
    static let scopes = [
        Scope.openID, Scope.profiles, Scope.dossier, Scope.mandates, Scope.organisations, Scope.offlineAccess,
    ]

    /// The APIs that the portal calls for a person; the first is that of the first page.
    static let apis: [APIAudience] = [.profileResolution, .mandateRegistry, .organisationRights]

    package static let migrations: [Migration] =
        [
            Migration(
                component: name, file: "V0001__create_session", sql: PackageResources.V0001__create_session_sql),
            Migration(component: name, file: "V0002__create_tab", sql: PackageResources.V0002__create_tab_sql),
            Migration(component: name, file: "V0003__create_draft", sql: PackageResources.V0003__create_draft_sql),
        ] + AuditSchema.migrations

    package static func readConfig(_ reader: ConfigReader) throws -> PortalConfiguration {
        try PortalConfiguration(reader)
    }

    package static func warnings(
        _ config: PortalConfiguration, _ common: CommonConfiguration
    ) -> [ConfigurationProblem] {
        common.warning(of: config.trustedProxies)
    }

    package static func storedKeyCheck(_ config: PortalConfiguration, _: ServiceBase) throws -> StoredKeyCheck {
        let stored = PortalSeal(config.sealingKey).stored
        return { session in try stored.unknownKeys(in: session) }
    }

    package static func make(_ config: PortalConfiguration, _ base: ServiceBase) async throws -> ServiceAssembly {
        let portal = try PortalPages(config, base)
        let router = Router(context: AppContext.self)
        portal.site.install(on: router, reader: portal.reader)
        SignInRoutes(portal: portal).add(to: router)
        BackChannelRoutes(
            logout: BackChannelLogout(database: base.database, acts: base.acts, provider: portal.provider),
            acts: base.acts
        ).add(to: router)
        WelcomeRoutes(portal: portal).add(to: router)
        OwnDossierRoutes(portal: portal).add(to: router)
        GrantorRoutes(portal: portal).add(to: router)
        TabDossierRoutes(portal: portal).add(to: router)
        MandateRoutes(portal: portal).add(to: router)
        OrganisationRoutes(portal: portal).add(to: router)
        return ServiceAssembly(
            router: router,
            services: [
                Housekeeping(
                    database: base.database, now: base.now, lifetime: config.lifetime,
                    sealed: PortalSeal(config.sealingKey).stored, logger: base.logger)
            ],
            openAPI: OpenAPIDocument.portal)
    }
}
