import Authentication
import Configuration
import ContractCore
import Crypto
import FoundationEssentials
import Hummingbird
import Logging
import MandateRegistry
import OrganisationRights
import Portal
import Postgres
import Process
import ProfileResolution
import Settings
import TestService
import TestStore
import TestTokens
import Testing
import Web

/// A service of the suite, as its contract is looked at.
enum SuiteService: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case authentication
    case profileResolution = "profile-resolution"
    case mandateRegistry = "mandate-registry"
    case organisationRights = "organisation-rights"
    case portal

    var testDescription: String { rawValue }

    /// Where its contract lies below `Shared/Contracts`, such as `MandateRegistry`.
    var folder: String {
        rawValue.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// The API that its access tokens are for; the portal has none.
    var audience: APIAudience? { APIAudience(rawValue: rawValue) }

    /// Another API, for tokens that must be refused.
    var otherAudience: APIAudience { self == .authentication ? .mandateRegistry : .authentication }
}

/// A service put together as its process does, with nothing behind it but what `make` itself needs.
struct BuiltService {
    let assembly: ServiceAssembly
    let base: ServiceBase

    /// Builds a service, with a database of its own where it cannot be made without one, and none otherwise: what must
    /// be refused must be refused before any data is looked at.
    static func with<R>(
        _ service: SuiteService, issuer: TestIssuer = TestIssuer(), _ body: (BuiltService) async throws -> R
    ) async throws -> R {
        switch service {
        case .authentication:
            return try await TestPostgres.withDatabase(
                schema: AuthenticationService.schema, migrations: AuthenticationService.migrations
            ) { database in
                try await body(build(AuthenticationService.self, database: database.database, issuer: issuer))
            }
        case .profileResolution:
            return try await body(build(ProfileResolutionService.self, database: none(), issuer: issuer))
        case .mandateRegistry:
            return try await body(build(MandateRegistryService.self, database: none(), issuer: issuer))
        case .organisationRights:
            return try await body(build(OrganisationRightsService.self, database: none(), issuer: issuer))
        case .portal: return try await body(build(PortalService.self, database: none(), issuer: issuer))
        }
    }

    private static func build<Subject: ToegangService>(
        _: Subject.Type, database: Database, issuer: TestIssuer
    ) async throws -> BuiltService {
        let folder = FileManager.default.temporaryDirectory.path + "/toegang-contract-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let key = folder + "/key"
        try Data(Data(repeating: 7, count: 32).base64EncodedString().utf8).write(to: URL(filePath: key))
        let json = configuration.replacing("KEY", with: key)
            .replacing("JWKS", with: String(decoding: try TestIssuer().jwks, as: UTF8.self))
        let source = ConfigurationSource(
            file: try ConfigurationFile(json: Array(json.utf8), path: "contract"), environment: [:])
        let quiet = Logger(label: "contract") { _ in SwiftLogNoOpLogHandler() }
        let base = try ServiceBase.test(
            Subject.name, database: database, issuer: issuer, clientKey: P256.Signing.PrivateKey(), logger: quiet)
        let assembly = try await Subject.make(try Subject.readConfig(source.reader), base)
        // The issuer of the test takes the place of the service's own keys, so that its tokens can be tried.
        try base.verifier.keys.replace(jwks: try issuer.jwks)
        return BuiltService(assembly: assembly, base: base)
    }

    private static func none() -> Database {
        Database(
            DatabaseConfiguration(
                host: "127.0.0.1", port: 1, database: "none", user: "none", password: "none",
                applicationName: "contract", schema: "none", waitDeadline: .milliseconds(50)),
            logger: Logger(label: "contract") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The keys of all services' own parts; each reads its own.
    private static let configuration = """
        {"profilePickerUrl": "http://picker.test", "mandateRegistryUrl": "http://localhost:1",
         "formKeyFile": "KEY",
         "keys": {"sealing": ["1=KEY"], "numberIndex": ["1=KEY"], "pairwiseFile": "KEY", "failuresFile": "KEY",
                  "formFile": "KEY"},
         "password": {"rounds": 2}, "clients": [{"id": "portal", "name": "Portal", "kind": "portal", "jwks": JWKS,
           "redirectUris": ["https://portal.test/callback"], "initiateLoginUri": "https://portal.test/",
           "scopes": ["openid"], "audiences": ["urn:toegang:profile-resolution"]}],
         "services": {"profileResolution": "http://localhost:1", "mandateRegistry": "http://localhost:1",
                      "organisationRights": "http://localhost:1"},
         "session": {"formKeyFile": "KEY", "sealing": ["1=KEY"]}, "names": {"sealing": ["1=KEY"]}}
        """
}

/// The source tree, for contracts that are kept in files.
enum SourceTree {
    /// The root of the package.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
    }

    /// The Swift files of a folder and of all folders in it, by their path from the root.
    static func swiftFiles(below folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
            .filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }.sorted()
    }
}
