import AuditTrail
import AuthenticationContracts
import AuthenticationDomain
package import Configuration
import ContractCore
import EventOutbox
import Following
import FoundationEssentials
import Hummingbird
import Keys
import Pages
package import Postgres
package import Process
import Sealing
import ServiceLifecycle
package import Settings
import Tokens
import Vocabulary
import Web

/// authentication-service, put together.
package enum AuthenticationService: ToegangService {
    package typealias Config = AuthenticationConfig

    package static let name = "authentication"
    package static let followsOthers = true
    package static let schema = "authentication"
    package static let needsClientKey = false
    package static let holdsIssuerKeys = true

    package static let migrations: [Migration] =
        AuditSchema.migrations + OutboxSchema.migrations(of: .authentication, .access) + FollowingSchema.migrations
        + TokensSchema.migrations
        + AuthenticationSchema.migrations

    package static let imports: [ImportCommand<AuthenticationConfig>] = [
        ImportCommand(
            name: "accounts", summary: "Accounts: who signs in by user name, password and mobile app.",
            columns: ImportAccounts.columns
        ) { config, base in
            try AuthenticationParts(config, base).importAccounts
        },
        ImportCommand(
            name: "replaced-numbers", summary: "National numbers that stand in the place of others, as BIS numbers.",
            columns: ImportReplacedNumbers.columns
        ) { config, base in
            try AuthenticationParts(config, base).importReplacedNumbers
        },
    ]

    package static let operatorCommands: [OperatorCommands<AuthenticationConfig>] = [accountCommands, personCommands]

    private static let personCommands = OperatorCommands<AuthenticationConfig>(
        name: "person", summary: "Erase a person with everything that is hers.", subject: "person id",
        actions: [
            .init(
                name: "erase", summary: "ends her sessions, forgets her and tells others to; not to be undone",
                effect: .decides
            ) { config, base, wish in
                try await AuthenticationParts(config, base).erasePerson(wish)
            }
        ])

    private static let accountCommands = OperatorCommands<AuthenticationConfig>(
        name: "account", summary: "Look at an account, unlock it, close it, open it, end its sessions.",
        subject: "user name",
        actions: [
            accountAction("show", .reads, "how the account stands; changes nothing") { try await $0.show($1) },
            accountAction("unlock", .decides, "forgets the failures on its name: nobody waits for them any more") {
                try await $0.unlock($1)
            },
            accountAction("disable", .endsAccess, "closes it and ends its sessions at once") {
                try await $0.disable($1)
            },
            accountAction("enable", .decides, "opens it again") { try await $0.enable($1) },
            accountAction("end-sessions", .endsAccess, "ends its sessions at once; it stays open") {
                try await $0.endSessions($1)
            },
        ])

    private static func accountAction(
        _ name: String, _ effect: CommandEffect, _ summary: String,
        _ body: @escaping @Sendable (AdministerAccount, OperatorWish) async throws -> [String]
    ) -> OperatorCommands<AuthenticationConfig>.Action {
        .init(name: name, summary: summary, effect: effect) { config, base, wish in
            let administer = try AuthenticationParts(config, base).administerAccount
            return try await body(administer, wish)
        }
    }

    package static func readConfig(_ reader: ConfigReader) throws -> AuthenticationConfig {
        try AuthenticationConfig(reader)
    }

    package static func warnings(
        _ config: AuthenticationConfig, _ common: CommonConfiguration
    ) -> [ConfigurationProblem] {
        common.warning(of: config.trustedProxies)
    }

    package static func storedKeyCheck(
        _ config: AuthenticationConfig, _ base: ServiceBase
    ) throws -> StoredKeyCheck {
        let parts = try AuthenticationParts(config, base)
        return { session in
            let index = try parts.persons.unknownIndexKeys(in: session).map { id in
                "person_number_index has numbers that only the key \"\(id)\" finds, which keys.numberIndex does not have."
            }
            return try parts.sealed.unknownKeys(in: session) + index
        }
    }

    package static func restorationNotes(
        _ config: AuthenticationConfig, _ base: ServiceBase
    ) async throws -> [String] {
        let accounts = try AuthenticationParts(config, base).accounts
        return try await AccountsAfterRestore(database: base.database, accounts: accounts).lines()
    }

    package static func make(_ config: AuthenticationConfig, _ base: ServiceBase) async throws -> ServiceAssembly {
        let parts = try AuthenticationParts(config, base)
        // Nothing can be signed or verified without keys, so the service does not start without them.
        try await parts.rotation()
        let site = AuthenticationSite(
            issuer: parts.issuer, profilePicker: config.profilePicker, policy: parts.policy, hashes: parts.hashes,
            base: base, pages: try pages(config, base),
            source: SourceAddress(trustedProxies: config.trustedProxies, logger: base.logger))
        let router = Router(context: AppContext.self)
        site.pages.install(on: router)
        DiscoveryRoutes(issuer: parts.issuer, signer: parts.signer).add(to: router)
        router.add(middleware: OwnFactsMiddleware(base.ownFacts))
        addRoutes(of: parts, site, to: router)
        return ServiceAssembly(
            router: router, outbox: parts.outbox,
            restatement: parts.endAfterRestore.restatement,
            projections: FactProjections(tokens: parts.tokens, now: base.now).all,
            services: [
                parts.hasher, parts.rotation,
                parts.deliverLogouts(post: BackChannelPost(base.httpClient), logger: base.logger),
                parts.keepHouse(logger: base.logger),
            ],
            readiness: [
                ReadinessCheck("signing-keys") {
                    parts.signer.keySet.isEmpty ? .failing("no signing key is loaded") : .ok
                }
            ],
            openAPI: OpenAPIDocument.authentication)
    }

    private static func addRoutes(
        of parts: AuthenticationParts, _ site: AuthenticationSite, to router: Router<AppContext>
    ) {
        AuthorizeRoutes(site: site, begin: parts.beginSignIn, resume: parts.resumeSignIn).add(to: router)
        SignInPages(
            site: site, find: parts.findTransaction, signIn: parts.signInWithAppCode, signOut: parts.signOut,
            repeated: parts.repeated
        ).add(to: router)
        EndSessionPages(site: site, signOut: parts.signOut).add(to: router)
        TokenRoutes(
            site: site, authenticate: parts.authenticateClient, exchange: parts.exchangeCode,
            refresh: parts.refreshTokens, issue: parts.issueServiceToken,
            introspect: parts.introspectToken(site.base.verifier), revoke: parts.revokeToken,
            userInfo: parts.readUserInfo
        ).add(to: router)
        BackChannelRoutes(
            site: site, redeem: parts.redeemInteraction, choose: parts.chooseProfile, resolve: parts.resolvePersons,
            names: parts.namePersons
        ).add(to: router)
    }

    private static func pages(_ config: AuthenticationConfig, _ base: ServiceBase) throws -> PageSite {
        let renderer = try PageRenderer(
            templates: [
                "chooser": PackageResources.chooser_mustache,
                "app-code": PackageResources.app_code_mustache,
                "end-session": PackageResources.end_session_mustache,
                "explained": PackageResources.explained_mustache,
            ],
            texts: [
                .nl: PackageResources.texts_nl_json, .fr: PackageResources.texts_fr_json,
                .de: PackageResources.texts_de_json, .en: PackageResources.texts_en_json,
            ],
            product: config.product,
            serviceCenter: ServiceCenter(phone: config.serviceCenterPhone, email: config.serviceCenterEmail),
            civil: base.civil)
        return PageSite(
            renderer: renderer, cookie: AuthenticationSite.sessionCookieName, csrfKey: config.formKey,
            baseURL: base.baseURL)
    }
}

/// The tables of this service alone.
package enum AuthenticationSchema {
    package static let migrations: [Migration] = [
        Migration(
            component: "authentication", file: "V0001__create_person", sql: PackageResources.V0001__create_person_sql),
        Migration(
            component: "authentication", file: "V0002__create_account", sql: PackageResources.V0002__create_account_sql),
        Migration(
            component: "authentication", file: "V0003__create_session", sql: PackageResources.V0003__create_session_sql),
        Migration(
            component: "authentication", file: "V0004__create_transaction",
            sql: PackageResources.V0004__create_transaction_sql),
        Migration(
            component: "authentication", file: "V0005__create_client_facts",
            sql: PackageResources.V0005__create_client_facts_sql),
    ]
}
