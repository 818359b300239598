package import Configuration
package import ContractCore
package import Crypto
package import EventSignatures
package import Kafka
package import Keys
package import Logging
package import Postgres
package import Settings
package import Vocabulary

/// The keys that all services have.
///
/// `Shared/Docs/configuration.md` explains each.
package struct CommonConfiguration: Sendable {
    /// The address that the server listens on.
    package let host: String
    /// Its port; 0 lets the system choose.
    package let port: Int
    /// How many connections are open at a time; for a further one, one that has waited longest gives way.
    package let maximumConnections: Int
    /// How many of them may be of one address.
    package let connectionsPerPeer: Int
    /// How long the body of a request may take.
    package let bodyDeadline: Duration
    /// The address and port of the listener for health and metrics; port 0 lets the system choose.
    package let healthHost: String
    package let healthPort: Int
    /// The address under which browsers and other services reach this one.
    package let baseURL: String
    /// The base address of authentication-service.
    package let issuer: String
    /// The id of the installation, the same for all its services.
    package let environment: EnvironmentID
    /// The URIs by which access tokens name the APIs; the same for all services.
    package let audiences: AudienceURIs
    /// The keys that access tokens are sealed with.
    package let audienceKeys: AudienceKeys
    /// The database as the service's own role sees it.
    package let database: DatabaseConfiguration
    /// How long a start waits for the database.
    package let databaseStartDeadline: Duration
    package let kafka: KafkaConfiguration?
    /// By what the service proves its events and whom it believes; nil for one that takes no part in them, and for
    /// commands that send and read none.
    package let eventKeys: EventKeys?
    /// The key by which this service authenticates itself at others.
    package let clientKey: P256.Signing.PrivateKey?
    package let logLevel: Logger.Level
    /// Which calendar day it is where mandates and rights are given.
    package let civil: CivilTime
    /// How long a shutdown may take before it is cut short.
    package let shutdownDeadline: Duration

    /// Reads the keys, and collects what is wrong with any of them.
    package init(
        _ reader: ConfigReader, name: String, schema: String, needsClientKey: Bool, needsEventKeys: Bool
    ) throws(ConfigurationProblems) {
        var collector = ProblemCollector()
        host = reader.text("http.host", default: "127.0.0.1")
        port = collector.integer(reader, "http.port", default: 0, in: 0...65535)
        let connections = collector.integer(reader, "http.maximumConnections", default: 1024, in: 1...100_000)
        maximumConnections = connections
        connectionsPerPeer = collector.integer(
            reader, "http.connectionsPerPeer", default: max(1, connections / 2), in: 1...100_000)
        bodyDeadline = .seconds(collector.integer(reader, "http.bodySeconds", default: 10, in: 1...600))
        healthHost = reader.text("health.host", default: host)
        healthPort = collector.integer(reader, "health.port", default: 0, in: 0...65535)
        baseURL = collector.webAddress(reader, "baseUrl")
        issuer = collector.webAddress(reader, "issuer")
        let environment = collector.value { () throws(ConfigurationProblem) in
            let text = try reader.text("environment")
            guard let id = EnvironmentID(text) else {
                throw ConfigurationProblem(
                    "environment",
                    "must be 1 to 63 lower-case letters, digits and hyphens, a letter first, and is \"\(text)\"")
            }
            return id
        }
        audiences = collector.value(.standard) { () throws(ConfigurationProblem) in try reader.audienceURIs() }
        audienceKeys = collector.value(.none) { () throws(ConfigurationProblem) in
            try reader.audienceKeys(of: name)
        }
        database = Self.database(reader, &collector, role: "database", name: name, schema: schema)
        databaseStartDeadline = .seconds(
            collector.integer(reader, "database.startDeadlineSeconds", default: 30, in: 0...3600))
        kafka = needsEventKeys ? KafkaConfiguration(reader, &collector, name: name) : nil
        eventKeys = EventKeys.read(reader, &collector, name: name, needed: needsEventKeys)
        clientKey = collector.value(nil) { () throws(ConfigurationProblem) in
            guard needsClientKey || reader.optionalText("clientKeyFile") != nil else { return nil }
            return try reader.signingKey("clientKeyFile")
        }
        logLevel = collector.value(.info) { () throws(ConfigurationProblem) in
            let text = reader.text("log.level", default: "info")
            guard let level = Logger.Level(rawValue: text) else {
                let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConfigurationProblem("log.level", "must be one of \(levels), and is \"\(text)\"")
            }
            return level
        }
        civil = collector.value(.universal) { () throws(ConfigurationProblem) in
            try reader.civilTime("calendar.timeZone", default: "Europe/Brussels")
        }
        shutdownDeadline = .seconds(
            collector.integer(reader, "shutdown.deadlineSeconds", default: 25, in: 1...600))
        try collector.finish()
        // There is none only where a problem was noted.
        guard let environment else { throw ConfigurationProblems(problems: []) }
        self.environment = environment
    }

    /// The database as the owner of the schema sees it, for `migrate`.
    package static func owner(
        _ reader: ConfigReader, name: String, schema: String
    ) throws(ConfigurationProblems) -> DatabaseConfiguration {
        var collector = ProblemCollector()
        let configuration = database(reader, &collector, role: "owner", name: name, schema: schema)
        try collector.finish()
        return configuration
    }

    private static func database(
        _ reader: ConfigReader, _ collector: inout ProblemCollector, role: String, name: String, schema: String
    ) -> DatabaseConfiguration {
        let port = collector.integer(reader, "database.port", default: 5432, in: 1...65535)
        let user = collector.value("") { () throws(ConfigurationProblem) in try reader.text("\(role).user") }
        let password = collector.value("") { () throws(ConfigurationProblem) in
            try reader.secret("\(role).passwordFile")
        }
        let poolSize = collector.integer(reader, "database.poolSize", default: 6, in: 1...100)
        return DatabaseConfiguration(
            host: reader.text("database.host", default: "127.0.0.1"), port: port,
            database: reader.text("database.name", default: "toegang"), user: user, password: password,
            applicationName: "\(name)-service", schema: schema, poolSize: poolSize,
            tls: reader.optionalText("database.caFile").map { .verifyFull(caFile: $0) } ?? .disabled)
    }
}
