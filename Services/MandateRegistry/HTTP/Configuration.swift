package import Configuration
package import Keys
package import Settings

/// What mandate-registry-service reads from its configuration beside the keys that all services have.
package struct RegistryConfiguration: Sendable {
    /// Where persons are resolved: `authentication.baseUrl`; the issuer unless given.
    package let authenticationURL: String?
    /// How often past mandates are written down and expired tokens are removed: `housekeeping.intervalSeconds`, 60.
    package let housekeepingInterval: Duration
    /// The keys under which delivered names are kept, as `<id>=<path>`; the first one seals, all open: `names.sealing`.
    package let nameKey: SealingKey
    /// How long a mandate waits for its holder from its last delivery: `waiting.days`, 90.
    package let patience: Duration

    /// A configuration from its values.
    package init(
        authenticationURL: String? = nil, housekeepingInterval: Duration = .seconds(60), nameKey: SealingKey,
        patience: Duration = .seconds(90 * 86_400)
    ) {
        self.authenticationURL = authenticationURL
        self.housekeepingInterval = housekeepingInterval
        self.nameKey = nameKey
        self.patience = patience
    }

    /// Reads the keys; throws all that is wrong with them.
    package init(_ reader: ConfigReader) throws(ConfigurationProblems) {
        var collector = ProblemCollector()
        authenticationURL = collector.value(nil) { () throws(ConfigurationProblem) in
            reader.optionalText("authentication.baseUrl") == nil
                ? nil : try reader.webAddress("authentication.baseUrl")
        }
        housekeepingInterval = .seconds(
            collector.integer(reader, "housekeeping.intervalSeconds", default: 60, in: 1...3600))
        patience = .seconds(collector.integer(reader, "waiting.days", default: 90, in: 1...730) * 86_400)
        let nameKey = collector.value { () throws(ConfigurationProblem) in try reader.sealingRing("names.sealing") }
        try collector.finish()
        guard let nameKey else { throw collector.failure }
        self.nameKey = nameKey
    }
}
