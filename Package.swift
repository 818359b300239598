// swift-tools-version:6.2

import PackageDescription

/// One list of settings for every target of ours: Swift 6 mode, no warning survives.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// For the modules that call C: every such call has to say `unsafe`.
let strictMemory: [SwiftSetting] = strict + [.strictMemorySafety()]

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// A module of `Shared`, in the folder of its name unless another is given.
func shared(
    _ name: String, at folder: String? = nil, _ dependencies: [Target.Dependency], resources: [String] = [],
    settings: [SwiftSetting] = strict
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Shared/\(folder ?? name)",
        exclude: folder == nil ? ["README.md"] : [],
        resources: resources.map { .embedInCode($0) }, swiftSettings: settings)
}

/// What a service says to others: bodies, events and its OpenAPI document.
func contracts(_ owner: String, _ dependencies: [Target.Dependency] = ["Vocabulary"]) -> Target {
    shared(
        "\(owner)Contracts", at: "Contracts/\(owner)", ["ContractCore"] + dependencies, resources: ["OpenAPI"])
}

/// The calls of a service, for those who make them.
func clients(_ owner: String, _ dependencies: [Target.Dependency] = []) -> Target {
    shared(
        "\(owner)Clients", at: "Clients/\(owner)",
        ["Clients", "ContractCore", .target(name: "\(owner)Contracts"), "Vocabulary"] + dependencies)
}

/// The three targets of a service: its pure domain, its other rooms, and the process.
///
/// The rooms are the same in each service; `deploy/checks/rooms.py` says what each may import, and fails when a list
/// here has a module that no file of the target imports.
func service(
    _ name: String, executable: String, _ dependencies: [Target.Dependency], domain: [Target.Dependency] = [],
    pages: Bool = false
) -> [Target] {
    [
        .target(
            name: "\(name)Domain", dependencies: ["Vocabulary"] + domain, path: "Services/\(name)/Domain",
            swiftSettings: strict),
        .target(
            name: name, dependencies: [.target(name: "\(name)Domain"), "Vocabulary"] + dependencies,
            path: "Services/\(name)", exclude: ["Domain", "Main", "README.md", "schema.sql"],
            sources: ["Application", "HTTP", "Storage", "Events"],
            resources: [.embedInCode("Migrations")] + (pages ? [.embedInCode("Pages")] : []),
            swiftSettings: strict),
        .executableTarget(
            name: executable, dependencies: [.target(name: name), "Process"], path: "Services/\(name)/Main",
            swiftSettings: strict),
    ]
}

/// A test target that lies in a lane's folder: `Tests/<lane>/<name>`.
///
/// Tests are not optimised, what they test is: to optimise them was a third of a release build, and they run once.
func tests(_ name: String, lane: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(lane)/\(name)",
        swiftSettings: strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))])
}

let package = Package(
    name: "toegang",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["JSON"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: ["ConfigurationSupport"]),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Pure words of the field, and what the services say to each other.
        .target(name: "Vocabulary", path: "Shared/Vocabulary", exclude: ["README.md"], swiftSettings: strict),
        shared("Async", []),
        shared("ContractCore", at: "Contracts/Core", ["Vocabulary"]),
        contracts("Authentication"),
        contracts("ProfileResolution"),
        contracts("MandateRegistry"),
        contracts("OrganisationRights"),
        contracts("Portal", []),

        // C libraries, reached by one module each.
        .systemLibrary(
            name: "CLibpq", path: "Shared/CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CRdKafka", path: "Shared/CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        shared("Postgres", ["Async", "CLibpq", "Vocabulary", lifecycle, logging, metrics], settings: strictMemory),
        shared("Kafka", ["Async", "CRdKafka", logging, metrics], settings: strictMemory),

        // Who sent a record: pure, so that whoever reads events can use it.
        shared("EventSignatures", ["Keys", crypto]),

        // What every service is built from.
        shared(
            "AuditTrail", at: "Messaging/Audit",
            [
                "ContractCore", "Postgres", "Vocabulary", metrics,
            ], resources: ["Migrations"]),
        shared("Flow", at: "Messaging/Flow", ["Async", "ContractCore", "Vocabulary"]),
        shared(
            "EventOutbox", at: "Messaging/Outbox",
            [
                "Async", "AuditTrail", "ContractCore", "Flow", "Postgres", "Vocabulary",
            ], resources: ["Migrations"]),
        shared(
            "Following", at: "Messaging/Following",
            [
                "Async", "ContractCore", "Flow", "Postgres", "Vocabulary", logging,
            ], resources: ["Migrations"]),
        shared(
            "Streams", at: "Messaging/Streams",
            [
                "Async", "AuditTrail", "ContractCore", "EventOutbox", "EventSignatures", "Flow", "Following", "Kafka",
                "Postgres", "Vocabulary", lifecycle, logging, metrics,
            ]),
        shared("Sealing", ["Async", "Postgres", logging, metrics]),
        shared(
            "Waiting",
            [
                "AuditTrail", "ContractCore", "EventOutbox", "Keys", "Postgres", "Sealing", "Vocabulary", logging,
            ]),
        shared("Tokens", ["Keys", "Postgres", "Vocabulary", crypto], resources: ["Migrations"]),
        shared("Keys", ["ContractCore", "Vocabulary", crypto]),
        shared("Telemetry", ["Async", "Vocabulary", coreMetrics, logging]),
        shared("Settings", ["Async", "ContractCore", "Keys", "Vocabulary", configuration, crypto]),
        shared("Imports", ["Telemetry", "Vocabulary"]),
        shared(
            "Web",
            [
                "Async", "ContractCore", "Keys", "Telemetry", "Vocabulary", crypto, httpTypes, hummingbird,
                hummingbirdCore, lifecycle, logging, metrics, nioCore, nioHTTPTypes,
            ]),
        shared(
            "Clients", at: "Clients/Core",
            [
                "ContractCore", "Keys", "Vocabulary", asyncHTTPClient, nioCore, nioHTTP1, nioPosix,
            ]),
        clients("Authentication", ["Async", "Keys"]),
        clients("ProfileResolution"),
        clients("MandateRegistry"),
        clients("OrganisationRights"),
        shared(
            "Process",
            [
                "Async", "AuditTrail", "Clients", "ContractCore", "EventOutbox", "EventSignatures", "Flow", "Following",
                "Imports", "Kafka", "Keys", "Postgres", "Settings", "Streams", "Telemetry", "Vocabulary", "Web",
                argumentParser, asyncHTTPClient, configuration, coreMetrics, crypto, httpTypes, hummingbird,
                hummingbirdCore, lifecycle, logging, nioCore, nioHTTP1, unixSignals,
            ]),
        shared(
            "Pages",
            [
                "ContractCore", "Keys", "Settings", "Vocabulary", "Web", configuration, crypto, httpTypes, hummingbird,
                logging, mustache, nioCore,
            ], resources: ["Assets"]),

        shared(
            "AccessEnds",
            [
                "Async", "ContractCore", "Following", "Postgres", "Process", "Vocabulary", "Web", lifecycle, logging,
                metrics,
            ], resources: ["Migrations"]),

        // For tests only.
        shared("TestBasics", at: "TestKit/Basics", ["Async"]),
        shared("TestStore", at: "TestKit/Store", ["Async", "Postgres", "TestBasics", logging]),
        shared(
            "TestEvents", at: "TestKit/Events",
            [
                "ContractCore", "EventSignatures", "Flow", "Following", "Postgres", "Streams", crypto,
            ]),
        shared("TestStream", at: "TestKit/Stream", ["Async", "Kafka", "TestBasics", logging]),
        shared(
            "TestTokens", at: "TestKit/Tokens",
            [
                "ContractCore", "Keys", "Telemetry", "Vocabulary", "Web", crypto, logging,
            ]),
        shared(
            "TestService", at: "TestKit/Service",
            [
                "Clients", "ContractCore", "Kafka", "Keys", "Postgres", "Process", "Telemetry", "TestEvents",
                "TestTokens", "Vocabulary", "Web", asyncHTTPClient, crypto, lifecycle, logging,
            ]),
        .executableTarget(
            name: "TestBroker", dependencies: ["CRdKafka"], path: "Shared/TestBroker", exclude: ["README.md"],
            swiftSettings: strictMemory),
        .executableTarget(
            name: "number-oracle", dependencies: ["Vocabulary"], path: "Tests/Interop/Programs/NumberOracle",
            swiftSettings: strict),
        .executableTarget(
            name: "event-oracle", dependencies: ["EventSignatures", "Kafka", crypto, logging],
            path: "Tests/Interop/Programs/EventOracle", swiftSettings: strict),
    ]
        + service(
            "Authentication", executable: "authentication-service",
            [
                "Async", "AuditTrail", "AuthenticationClients", "AuthenticationContracts", "ContractCore",
                "EventOutbox", "Following", "Imports", "Keys", "OrganisationRightsContracts", "Pages", "Postgres",
                "Process", "ProfileResolutionContracts", "Sealing", "Settings", "Tokens", "Web", asyncHTTPClient,
                configuration, crypto, cryptoExtras, httpTypes, hummingbird, lifecycle, logging, metrics, nioCore,
                nioHTTP1, nioPosix,
            ], pages: true)
        + service(
            "ProfileResolution", executable: "profile-resolution-service",
            [
                "AccessEnds", "AuditTrail", "AuthenticationClients", "AuthenticationContracts", "Clients",
                "ContractCore", "EventOutbox", "Following", "Imports", "Keys", "MandateRegistryClients",
                "MandateRegistryContracts", "OrganisationRightsContracts", "Pages", "Postgres", "Process",
                "ProfileResolutionContracts", "Sealing", "Settings", "Waiting", "Web", configuration, httpTypes,
                hummingbird, lifecycle, logging,
            ], pages: true)
        + service(
            "MandateRegistry", executable: "mandate-registry-service",
            [
                "AccessEnds", "AuditTrail", "AuthenticationClients", "AuthenticationContracts", "Clients",
                "ContractCore", "EventOutbox", "Following", "Imports", "Keys", "MandateRegistryContracts",
                "OrganisationRightsContracts", "Postgres", "Process", "ProfileResolutionContracts", "Sealing",
                "Settings", "Tokens", "Waiting", "Web", configuration, httpTypes, hummingbird, lifecycle, logging,
                nioCore,
            ])
        + service(
            "OrganisationRights", executable: "organisation-rights-service",
            [
                "AccessEnds", "AuditTrail", "AuthenticationClients", "AuthenticationContracts", "Clients",
                "ContractCore", "EventOutbox", "Following", "Imports", "Keys", "OrganisationRightsContracts",
                "Postgres", "Process", "Sealing", "Settings", "Waiting", "Web", configuration, httpTypes, hummingbird,
                lifecycle, logging,
            ])
        + service(
            "Portal", executable: "portal-service",
            [
                "Async", "AuditTrail", "AuthenticationClients", "Clients", "ContractCore", "Keys",
                "MandateRegistryClients", "MandateRegistryContracts", "OrganisationRightsClients",
                "OrganisationRightsContracts", "Pages", "PortalContracts", "Postgres", "Process",
                "ProfileResolutionClients", "ProfileResolutionContracts", "Sealing", "Settings", "Web", configuration,
                crypto, httpTypes, hummingbird, lifecycle, logging, metrics,
            ], pages: true)
        + [
            tests("AsyncTests", lane: "Unit", ["Async", "TestBasics"]),
            tests("AuditTrailTests", lane: "Unit", ["AuditTrail", "ContractCore", "Vocabulary"]),
            tests(
                "AuthenticationDomainTests", lane: "Unit",
                [
                    "AuthenticationDomain", "TestBasics", "Vocabulary", crypto,
                ]),
            tests(
                "ClientsTests", lane: "Unit",
                [
                    "Async", "AuthenticationClients", "Clients", "ContractCore", "Keys", "MandateRegistryClients",
                    "Process", "ProfileResolutionClients", "ProfileResolutionContracts", "Telemetry", "Vocabulary",
                    "Web", asyncHTTPClient, crypto, httpTypes, hummingbird, hummingbirdTesting, logging, nioCore,
                ]),
            tests("EventSignatureTests", lane: "Unit", ["EventSignatures", "TestBasics", crypto]),
            tests("FlowTests", lane: "Unit", ["Async", "ContractCore", "Flow", "TestBasics", "Vocabulary"]),
            tests("ImportsTests", lane: "Unit", ["Async", "Imports", "TestBasics"]),
            tests("KeysTests", lane: "Unit", ["ContractCore", "Keys", "Vocabulary", crypto]),
            tests(
                "MandateRegistryDomainTests", lane: "Unit",
                [
                    "MandateRegistryDomain", "OrganisationRightsDomain", "PortalDomain", "ProfileResolutionDomain",
                    "Vocabulary",
                ]),
            tests(
                "OrganisationRightsDomainTests", lane: "Unit",
                [
                    "OrganisationRightsDomain", "TestBasics", "Vocabulary",
                ]),
            tests(
                "PagesTests", lane: "Unit",
                [
                    "ContractCore", "Keys", "Pages", "Vocabulary", "Web", httpTypes, hummingbird, hummingbirdTesting,
                    logging, nioCore,
                ]),
            tests("PortalDomainTests", lane: "Unit", ["PortalDomain", "TestBasics", "Vocabulary"]),
            tests("ProcessTests", lane: "Unit", ["Async", "Process", "TestBasics", lifecycle, logging]),
            tests("ProfileResolutionDomainTests", lane: "Unit", ["ProfileResolutionDomain", "Vocabulary"]),
            tests(
                "SettingsTests", lane: "Unit",
                [
                    "ContractCore", "EventSignatures", "Kafka", "Keys", "Postgres", "Process", "Settings", "Vocabulary",
                    configuration, crypto, logging,
                ]),
            tests("TelemetryTests", lane: "Unit", ["Telemetry", "TestBasics", "Vocabulary", coreMetrics, logging]),
            tests("VocabularyTests", lane: "Unit", ["TestBasics", "Vocabulary"]),
            tests(
                "WebTests", lane: "Unit",
                [
                    "Async", "ContractCore", "Following", "Keys", "Postgres", "Process", "Telemetry", "TestBasics",
                    "TestService", "TestTokens", "Vocabulary", "Web", crypto, httpTypes, hummingbird,
                    hummingbirdTesting, logging, nioCore,
                ]),
            tests(
                "ContractTests", lane: "Contract",
                [
                    "Authentication", "AuthenticationContracts", "AuthenticationDomain", "Clients", "ContractCore",
                    "Keys", "MandateRegistry", "MandateRegistryContracts", "OrganisationRights",
                    "OrganisationRightsContracts", "Portal", "Postgres", "Process", "ProfileResolution",
                    "ProfileResolutionContracts", "Settings", "Telemetry", "TestBasics", "TestEvents", "TestService",
                    "TestStore", "TestTokens", "Tokens", "Vocabulary", "Web", configuration, crypto, httpTypes,
                    hummingbird, hummingbirdTesting, logging, nioCore,
                ]),
            tests(
                "AccessEndsTests", lane: "Integration",
                [
                    "AccessEnds", "Async", "AuditTrail", "ContractCore", "EventOutbox", "Flow", "Following", "Postgres",
                    "Process", "Streams", "Telemetry", "TestBasics", "TestEvents", "TestService", "TestStore",
                    "TestStream", "TestTokens", "Vocabulary", "Web", httpTypes, hummingbird, lifecycle, logging,
                ]),
            tests(
                "AuthenticationTests", lane: "Integration",
                [
                    "Async", "AuditTrail", "Authentication", "AuthenticationContracts", "AuthenticationDomain",
                    "ContractCore", "EventOutbox", "Following", "Imports", "Keys", "OrganisationRightsContracts",
                    "Pages", "Postgres", "Process", "ProfileResolutionContracts", "Sealing", "Telemetry", "TestBasics",
                    "TestEvents", "TestService", "TestStore", "TestTokens", "Tokens", "Vocabulary", "Web", crypto,
                    httpTypes, hummingbird, hummingbirdTesting, logging, nioCore,
                ]),
            tests("KafkaTests", lane: "Integration", ["Async", "Kafka", "TestBasics", "TestStream", "Web", logging]),
            tests(
                "MandateRegistryTests", lane: "Integration",
                [
                    "Async", "AuditTrail", "AuthenticationClients", "AuthenticationContracts", "ContractCore",
                    "EventOutbox", "Following", "Imports", "Keys", "MandateRegistry", "MandateRegistryContracts",
                    "MandateRegistryDomain", "OrganisationRightsContracts", "Postgres", "Process",
                    "ProfileResolutionContracts", "TestBasics", "TestEvents", "TestService", "TestStore", "TestTokens",
                    "Tokens", "Vocabulary", "Waiting", "Web", httpTypes, hummingbird, hummingbirdTesting, lifecycle,
                    logging, nioCore,
                ]),
            tests(
                "MessagingTests", lane: "Integration",
                [
                    "Async", "AuditTrail", "CRdKafka", "ContractCore", "EventOutbox", "EventSignatures", "Flow",
                    "Following", "Imports", "Kafka", "Postgres", "Process", "Streams", "TestBasics", "TestEvents",
                    "TestService", "TestStore", "TestStream", "TestTokens", "Vocabulary", crypto, lifecycle, logging,
                ]),
            tests(
                "OrganisationRightsTests", lane: "Integration",
                [
                    "Async", "AuthenticationClients", "AuthenticationContracts", "ContractCore", "Following", "Imports",
                    "Keys", "OrganisationRights", "OrganisationRightsContracts", "OrganisationRightsDomain", "Postgres",
                    "Process", "Settings", "TestBasics", "TestEvents", "TestService", "TestStore", "TestTokens",
                    "Vocabulary", "Web", crypto, httpTypes, hummingbird, hummingbirdTesting, lifecycle, logging,
                    nioCore,
                ]),
            tests(
                "PortalTests", lane: "Integration",
                [
                    "Async", "ContractCore", "Keys", "MandateRegistryContracts", "OrganisationRightsContracts", "Pages",
                    "Portal", "PortalDomain", "Postgres", "Process", "ProfileResolutionContracts", "Sealing",
                    "Telemetry", "TestBasics", "TestService", "TestStore", "TestTokens", "Vocabulary", "Web", crypto,
                    httpTypes, hummingbird, hummingbirdTesting, lifecycle, logging, nioCore,
                ]),
            tests(
                "PostgresTests", lane: "Integration",
                [
                    "Async", "Postgres", "TestBasics", "TestStore", "Vocabulary", lifecycle, logging,
                ]),
            tests(
                "ProfileResolutionTests", lane: "Integration",
                [
                    "Async", "AuthenticationClients", "AuthenticationContracts", "ContractCore", "Imports", "Keys",
                    "MandateRegistryContracts", "OrganisationRightsContracts", "Pages", "Postgres", "Process",
                    "ProfileResolution", "ProfileResolutionContracts", "ProfileResolutionDomain", "Telemetry",
                    "TestEvents", "TestService", "TestStore", "TestTokens", "Vocabulary", "Web", crypto, httpTypes,
                    hummingbird, hummingbirdTesting, nioCore,
                ]),
            tests(
                "ServiceStartTests", lane: "Integration",
                [
                    "ContractCore", "Postgres", "Process", "TestStore", "Web", logging,
                ]),
            tests("TokensTests", lane: "Integration", ["Postgres", "TestStore", "Tokens", "Vocabulary"]),
        ],
    swiftLanguageModes: [.v6]
)
