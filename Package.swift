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
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// The three targets of a service: its pure domain, its other rooms, and the process.
///
/// The rooms are the same in each service; `deploy/checks/rooms.py` says what each may import.
func service(
    _ name: String, executable: String, dependencies: [Target.Dependency] = [], pages: Bool = false
) -> [Target] {
    [
        .target(
            name: "\(name)Domain",
            dependencies: ["Vocabulary"],
            path: "Services/\(name)/Domain",
            swiftSettings: strict
        ),
        .target(
            name: name,
            dependencies: [
                .target(name: "\(name)Domain"), "AuditTrail", "Contracts", "EventOutbox", "Following", "HTTPClients",
                "Pages", "Postgres", "Sealing", "ServiceKit", "Tokens", "Vocabulary", crypto, hummingbird, httpTypes,
                lifecycle,
                logging, metrics,
                nioCore,
            ] + dependencies,
            path: "Services/\(name)",
            exclude: ["Domain", "Main", "README.md", "schema.sql"],
            sources: ["Application", "HTTP", "Storage", "Events"],
            resources: [.embedInCode("Migrations")] + (pages ? [.embedInCode("Pages")] : []),
            swiftSettings: strict
        ),
        .executableTarget(
            name: executable,
            dependencies: [
                .target(name: name), .target(name: "\(name)Domain"), "Contracts", "HTTPClients", "Pages", "Postgres",
                "ServiceKit", "Tokens", "Vocabulary", argumentParser, configuration, crypto, hummingbird,
                lifecycle, logging,
            ],
            path: "Services/\(name)/Main",
            swiftSettings: strict
        ),
    ]
}

/// A test target that lies in a lane's folder: `Tests/<lane>/<name>`.
func tests(_ name: String, lane: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(lane)/\(name)", swiftSettings: strict)
}

/// What an integration test of one service may reach for: the service in process, over real parts.
func integrationTests(_ name: String) -> Target {
    tests(
        "\(name)Tests", lane: "Integration",
        [
            .target(name: name), .target(name: "\(name)Domain"), "AuditTrail", "Contracts", "EventOutbox", "Flow",
            "Following", "HTTPClients", "Pages", "Postgres", "Sealing", "ServiceKit", "TestKit", "Tokens", "Vocabulary",
            crypto,
            httpTypes, hummingbird,
            .product(name: "HummingbirdTesting", package: "hummingbird"), jwtKit, lifecycle, logging, nioCore,
        ])
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
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Pure words of the field, and what the services say to each other.
        .target(name: "Vocabulary", path: "Shared/Vocabulary", swiftSettings: strict),
        .target(name: "Async", path: "Shared/Async", exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "Contracts", dependencies: ["Vocabulary"], path: "Shared/Contracts",
            exclude: ["AsyncAPI"], resources: [.embedInCode("OpenAPI")], swiftSettings: strict),

        // C libraries, reached by one module each.
        .systemLibrary(
            name: "CLibpq", path: "Shared/CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CRdKafka", path: "Shared/CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .target(
            name: "Postgres", dependencies: ["CLibpq", "Vocabulary", lifecycle, logging, metrics],
            path: "Shared/Postgres",
            swiftSettings: strictMemory),
        .target(
            name: "Kafka", dependencies: ["Async", "CRdKafka", lifecycle, logging, metrics], path: "Shared/Kafka",
            swiftSettings: strictMemory),

        // Who sent a record: pure, so that whoever reads events can use it.
        .target(name: "EventSignatures", dependencies: [crypto], path: "Shared/EventSignatures", swiftSettings: strict),

        // What every service is built from.
        .target(
            name: "AuditTrail", dependencies: ["Postgres", "Vocabulary"], path: "Shared/Messaging/Audit",
            resources: [.embedInCode("Migrations")], swiftSettings: strict),
        .target(
            name: "EventOutbox", dependencies: ["Async", "AuditTrail", "Contracts", "Flow", "Postgres", "Vocabulary"],
            path: "Shared/Messaging/Outbox", resources: [.embedInCode("Migrations")], swiftSettings: strict),
        .target(
            name: "Flow", dependencies: ["Contracts", "Vocabulary"], path: "Shared/Messaging/Flow",
            swiftSettings: strict),
        .target(
            name: "Following",
            dependencies: ["Async", "Contracts", "Flow", "Postgres", "Vocabulary", logging],
            path: "Shared/Messaging/Following", resources: [.embedInCode("Migrations")], swiftSettings: strict),
        .target(
            name: "Streams",
            dependencies: [
                "Async", "Contracts", "EventOutbox", "EventSignatures", "Flow", "Following", "Kafka", "Postgres",
                "Vocabulary", lifecycle, logging, metrics,
            ],
            path: "Shared/Messaging/Streams", swiftSettings: strict),
        .target(
            name: "Tokens", dependencies: ["Postgres", "Vocabulary", crypto], path: "Shared/Tokens",
            resources: [.embedInCode("Migrations")], swiftSettings: strict),
        .target(
            name: "Sealing", dependencies: ["Postgres", logging, metrics], path: "Shared/Sealing",
            exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "ServiceKit",
            dependencies: [
                "AuditTrail", "Contracts", "EventOutbox", "EventSignatures", "Flow", "Following", "Kafka", "Postgres",
                "Streams", "Vocabulary", argumentParser, asyncHTTPClient,
                configuration, crypto, httpTypes, hummingbird, hummingbirdCore, jwtKit, lifecycle, logging, metrics,
                nioCore, nioHTTP1, nioHTTPTypes, .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Shared/ServiceKit", swiftSettings: strict),
        .target(
            name: "HTTPClients",
            dependencies: [
                "Contracts", "ServiceKit", "Vocabulary", asyncHTTPClient, crypto, httpTypes, jwtKit, logging, nioCore,
                nioHTTP1, nioPosix,
            ],
            path: "Shared/HTTPClients", swiftSettings: strict),
        .target(
            name: "Pages",
            dependencies: ["Contracts", "ServiceKit", "Vocabulary", crypto, httpTypes, hummingbird, mustache, nioCore],
            path: "Shared/Pages", resources: [.embedInCode("Assets")], swiftSettings: strict),

        // For tests only.
        .target(
            name: "TestKit",
            dependencies: [
                "Contracts", "EventSignatures", "Flow", "Following", "HTTPClients", "Kafka", "Postgres", "ServiceKit",
                "Streams", "Tokens", "Vocabulary", asyncHTTPClient, crypto, jwtKit, lifecycle, logging,
            ],
            path: "Shared/TestKit", swiftSettings: strict),
        .executableTarget(
            name: "TestBroker", dependencies: ["CRdKafka"], path: "Shared/TestBroker", swiftSettings: strictMemory),
    ]
        + service(
            "Authentication", executable: "authentication-service",
            dependencies: [
                cryptoExtras, asyncHTTPClient, nioHTTP1, nioPosix,
            ],
            pages: true)
        + service("ProfileResolution", executable: "profile-resolution-service", pages: true)
        + service("MandateRegistry", executable: "mandate-registry-service")
        + service("OrganisationRights", executable: "organisation-rights-service")
        + service("Portal", executable: "portal-service", dependencies: [jwtKit, asyncHTTPClient], pages: true)
        + [
            tests("VocabularyTests", lane: "Unit", ["Vocabulary"]),
            tests("EventSignatureTests", lane: "Unit", ["EventSignatures", crypto]),
            tests("FlowTests", lane: "Unit", ["Contracts", "Flow", "Vocabulary"]),
            .executableTarget(
                name: "number-oracle", dependencies: ["Vocabulary"], path: "Tests/Interop/Programs/NumberOracle",
                swiftSettings: strict),
            .executableTarget(
                name: "event-oracle", dependencies: ["EventSignatures", "Kafka", crypto, logging],
                path: "Tests/Interop/Programs/EventOracle", swiftSettings: strict),
            tests(
                "PostgresTests", lane: "Integration", ["Postgres", "TestKit", "Vocabulary", lifecycle, logging]),
            tests("KafkaTests", lane: "Integration", ["Kafka", "TestKit", lifecycle, logging]),
            tests(
                "MessagingTests", lane: "Integration",
                [
                    "AuditTrail", "Contracts", "EventOutbox", "EventSignatures", "Flow", "Following", "Kafka",
                    "Postgres",
                    "Streams", "TestKit", "Vocabulary", crypto, lifecycle, logging,
                ]),
            tests("TokensTests", lane: "Integration", ["Tokens", "Postgres", "TestKit", "Vocabulary", logging]),
            tests(
                "ServiceKitTests", lane: "Unit",
                [
                    "ServiceKit", "Following", "HTTPClients", "EventSignatures", "Kafka", "Pages", "Postgres",
                    "Contracts", "TestKit",
                    "Vocabulary", asyncHTTPClient, configuration, crypto, httpTypes, hummingbird,
                    .product(name: "HummingbirdTesting", package: "hummingbird"), jwtKit, lifecycle, logging, metrics,
                    .product(name: "CoreMetrics", package: "swift-metrics"), nioCore,
                ]),
            tests(
                "DomainTests", lane: "Unit",
                [
                    "AuthenticationDomain", "ProfileResolutionDomain", "MandateRegistryDomain",
                    "OrganisationRightsDomain", "PortalDomain", "Vocabulary", crypto,
                ]),
            tests(
                "ContractTests", lane: "Contract",
                [
                    "Authentication", "AuthenticationDomain", "ProfileResolution", "MandateRegistry",
                    "OrganisationRights", "Portal",
                    "AuditTrail", "Contracts", "EventOutbox", "Following", "HTTPClients", "Pages", "Postgres",
                    "ServiceKit", "TestKit", "Tokens", "Vocabulary", configuration, crypto, hummingbird, httpTypes,
                    .product(name: "HummingbirdTesting", package: "hummingbird"), jwtKit, logging, nioCore,
                ]),
            tests(
                "ServiceStartTests", lane: "Integration", ["ServiceKit", "Postgres", "TestKit", logging]),
            integrationTests("Authentication"),
            integrationTests("ProfileResolution"),
            integrationTests("MandateRegistry"),
            integrationTests("OrganisationRights"),
            integrationTests("Portal"),
        ],
    swiftLanguageModes: [.v6]
)
