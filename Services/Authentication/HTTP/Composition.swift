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
import Settings
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
            let essentials = try AuthenticationParts(config, base).essentials
            return ImportAccounts(essentials) {
                RequestFacts(events: base.eventContext(), requestID: "import", source: nil)
            }
        },
        ImportCommand(
            name: "replaced-numbers", summary: "National numbers that stand in the place of others, as BIS numbers.",
            columns: ImportReplacedNumbers.columns
        ) { config, base in
            ImportReplacedNumbers(try AuthenticationParts(config, base).essentials) {
                RequestFacts(events: base.eventContext(), requestID: "import", source: nil)
            }
        },
    ]

    package static let operatorCommands: [OperatorCommands<AuthenticationConfig>] = [accountCommands, personCommands]

    private static let personCommands = OperatorCommands<AuthenticationConfig>(
        name: "person", summary: "Erase a person with everything that is hers.", subject: "person id",
        actions: [
            .init(name: "erase", summary: "ends her sessions, forgets her and tells others to; not to be undone") {
                config, base, wish in
                try await ErasePerson(try AuthenticationParts(config, base).essentials) {
                    RequestFacts(events: base.eventContext(), requestID: "command", source: nil)
                }(wish)
            }
        ])

    private static let accountCommands = OperatorCommands<AuthenticationConfig>(
        name: "account", summary: "Look at an account, unlock it, close it, open it, end its sessions.",
        subject: "user name",
        actions: [
            accountAction("show", "how the account stands; changes nothing") { try await $0.show($1) },
            accountAction("unlock", "forgets the failures on its name: nobody waits for them any more") {
                try await $0.unlock($1)
            },
            accountAction("disable", "closes it and ends its sessions at once") { try await $0.disable($1) },
            accountAction("enable", "opens it again") { try await $0.enable($1) },
            accountAction("end-sessions", "ends its sessions at once; it stays open") { try await $0.endSessions($1) },
        ])

    private static func accountAction(
        _ name: String, _ summary: String,
        _ body: @escaping @Sendable (AdministerAccount, OperatorWish) async throws -> [String]
    ) -> OperatorCommands<AuthenticationConfig>.Action {
        .init(name: name, summary: summary) { config, base, wish in
            let administer = AdministerAccount(try AuthenticationParts(config, base).essentials) {
                RequestFacts(events: base.eventContext(), requestID: "command", source: nil)
            }
            return try await body(administer, wish)
        }
    }

    package static func readConfig(_ reader: ConfigReader) throws -> AuthenticationConfig {
        try AuthenticationConfig(reader)
    }

    package static func storedKeyCheck(
        _ config: AuthenticationConfig, _ base: ServiceBase
    ) throws -> StoredKeyCheck {
        let essentials = try AuthenticationParts(config, base).essentials
        return { session in
            let index = try essentials.stores.persons.unknownIndexKeys(in: session).map { id in
                "person_number_index has numbers that only the key \"\(id)\" finds, which keys.numberIndex does not have."
            }
            return try essentials.sealed.unknownKeys(in: session) + index
        }
    }

    package static func make(_ config: AuthenticationConfig, _ base: ServiceBase) async throws -> ServiceAssembly {
        let parts = try AuthenticationParts(config, base)
        // Nothing can be signed or verified without keys, so the service does not start without them.
        try await parts.rotation()
        let site = AuthenticationSite(
            essentials: parts.essentials, base: base, pages: try pages(config, base),
            source: SourceAddress(trustedProxies: config.trustedProxies, logger: base.logger))
        let router = Router(context: AppContext.self)
        site.pages.install(on: router)
        DiscoveryRoutes(site).add(to: router)
        AuthorizeRoutes(site).add(to: router)
        SignInPages(site).add(to: router)
        EndSessionPages(site).add(to: router)
        TokenRoutes(site).add(to: router)
        BackChannelRoutes(site).add(to: router)
        let facts = { @Sendable in
            let events = base.eventContext()
            return RequestFacts(events: events, requestID: events.correlationID, source: nil)
        }
        return ServiceAssembly(
            router: router, outbox: parts.essentials.outbox,
            restatement: EndAfterRestore(parts.essentials, facts: facts).restatement,
            projections: FactProjections(tokens: parts.essentials.tokens, now: base.now).all,
            services: [
                parts.essentials.hasher, parts.rotation,
                DeliverLogouts(parts.essentials, post: BackChannelPost(base.httpClient), logger: base.logger),
                KeepHouse(parts.essentials, facts: facts, logger: base.logger),
            ],
            readiness: [
                ReadinessCheck("signing-keys") {
                    parts.essentials.signer.keySet.isEmpty ? .failing("no signing key is loaded") : .ok
                }
            ],
            openAPI: OpenAPIDocument.authentication)
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

/// The parts of the service that do not depend on HTTP.
package struct AuthenticationParts: Sendable {
    package let essentials: Essentials
    /// Keeps the signing keys; to be called once before anything is signed.
    package let rotation: RotateSigningKeys

    package init(_ config: AuthenticationConfig, _ base: ServiceBase) throws {
        let sealing = SealedRows(key: config.sealing)
        guard let vault = NationalNumberVault(sealing: sealing, index: config.numberIndex) else {
            throw ConfigurationProblem("keys.numberIndex", "must name keys of at least 32 bytes")
        }
        let signer = TokenSigner(schedule: config.signingKeys, now: base.now)
        let stores = Stores(
            persons: PersonStore(vault: vault), accounts: AccountStore(sealing: sealing),
            signingKeys: SigningKeyStore(sealing: sealing))
        essentials = Essentials(
            issuer: base.baseURL, audiences: base.verifier.audiences, seals: base.verifier.seals,
            profilePicker: config.profilePicker, database: base.database, now: base.now,
            civil: base.civil, newID: base.newID, random: base.random, policy: config.policy, clients: config.clients,
            signer: signer,
            hasher: PasswordHasher(
                cost: config.passwordCost, threads: config.passwordThreads, places: config.passwordPlaces,
                random: base.random),
            keyedHashes: KeyedHashes(pairwise: config.pairwise, failures: config.failures),
            repeated: RepeatedForms(key: config.formKey), stores: stores,
            sealed: SealedData(
                columns: [
                    stores.persons.vault.sealedColumn, stores.accounts.sealedColumn, stores.signingKeys.sealedColumn,
                ],
                currentID: config.sealing.currentID, keyIDs: config.sealing.ids),
            tokens: TokenStore(),
            outbox: Outbox(
                source: .authentication, environment: base.environment,
                beside: [
                    Outbox(source: .access, environment: base.environment, keeping: SessionEnder.accessEndsAreKept)
                ]),
            logoutBell: Bell())
        rotation = RotateSigningKeys(
            database: base.database, store: stores.signingKeys, schedule: config.signingKeys, signer: signer,
            verifierKeys: base.verifier.keys, now: base.now, logger: base.logger)
    }
}

/// Seals rows with the service's sealing key.
private struct SealedRows: Sealing {
    let key: SealingKey

    var currentID: String { key.currentID }
    var ids: [String] { key.ids }

    func seal(_ plain: [UInt8], associated: [UInt8]) throws -> [UInt8] {
        try key.seal(plain, associated: associated)
    }

    func open(_ sealed: [UInt8], associated: [UInt8]) throws -> [UInt8] {
        try key.open(sealed, associated: associated)
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
