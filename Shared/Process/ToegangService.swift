package import Configuration
package import Postgres
package import Settings

/// Finds stored keys that a configuration lacks; one sentence for each.
package typealias StoredKeyCheck = @Sendable (borrowing Session) throws -> [String]

/// A service of the suite: what `serveMain` needs to know to run it, migrate it, check its configuration and import.
///
/// ```swift
/// @main struct Main {
///     static func main() async { await serveMain(MandateRegistryService.self) }
/// }
/// ```
package protocol ToegangService {
    /// What the service reads from its configuration beside the keys that all services have.
    associatedtype Config: Sendable

    /// The name, such as `mandate-registry`: client id, log label, and the first part of event sources.
    static var name: String { get }
    /// The PostgreSQL schema that the service owns.
    static var schema: String { get }
    /// The migrations of its schema: its own and those of the shared modules that keep tables there.
    static var migrations: [Migration] { get }
    /// The files that the service can take in.
    static var imports: [ImportCommand<Config>] { get }
    /// What operators do on the command line beside that; at most two commands, each with its actions.
    static var operatorCommands: [OperatorCommands<Config>] { get }
    /// What waits in the service for somebody to sign in, a list for each kind.
    static var waiting: [PagedLines] { get }
    /// Whether the service takes in the events of others, so that what it learnt can be rebuilt.
    static var followsOthers: Bool { get }
    /// Whether the service authenticates itself at others, so that it cannot run without `clientKeyFile`.
    static var needsClientKey: Bool { get }
    /// Whether the service publishes events or follows those of others, so that it needs `events.signingKeyFile`.
    static var takesPartInEvents: Bool { get }
    /// Whether the service itself holds the keys of access tokens and hands them to `base.verifier.keys`.
    static var holdsIssuerKeys: Bool { get }

    /// Reads the service's own keys; throws `ConfigurationProblem` for what is wrong.
    static func readConfig(_ reader: ConfigReader) throws -> Config
    /// What can be used and may not do what is meant: said by `check-config` and at the start, and refused by neither.
    static func warnings(_ config: Config, _ common: CommonConfiguration) -> [ConfigurationProblem]
    /// Finds the keys under which the database has rows and which the configuration lacks, a sentence each.
    ///
    /// The service does not start while there are any.
    static func storedKeyCheck(_ config: Config, _ base: ServiceBase) throws -> StoredKeyCheck
    /// What is to be said of restorations that no event tells of, as lines to read.
    static func restorationNotes(_ config: Config, _ base: ServiceBase) async throws -> [String]
    /// Puts the service together. The database of `base` is running; nothing is listening yet.
    static func make(_ config: Config, _ base: ServiceBase) async throws -> ServiceAssembly
}

extension ToegangService {
    package static func warnings(_: Config, _: CommonConfiguration) -> [ConfigurationProblem] { [] }
    package static func storedKeyCheck(_: Config, _: ServiceBase) throws -> StoredKeyCheck { { _ in [] } }
    package static func restorationNotes(_: Config, _: ServiceBase) async throws -> [String] { [] }
    package static var imports: [ImportCommand<Config>] { [] }
    package static var operatorCommands: [OperatorCommands<Config>] { [] }
    package static var waiting: [PagedLines] { [] }
    package static var followsOthers: Bool { false }
    package static var needsClientKey: Bool { true }
    package static var takesPartInEvents: Bool { true }
    package static var holdsIssuerKeys: Bool { false }
}
