package import Configuration
package import Settings

/// What mandate-registry-service reads from its configuration beside the keys that all services have.
package struct RegistryConfiguration: Sendable {
    /// Where persons are resolved: `authentication.baseUrl`; the issuer unless given.
    package let authenticationURL: String?
    /// How often past mandates are written down and expired tokens are removed: `housekeeping.intervalSeconds`, 60.
    package let housekeepingInterval: Duration

    /// A configuration from its values.
    package init(authenticationURL: String? = nil, housekeepingInterval: Duration = .seconds(60)) {
        self.authenticationURL = authenticationURL
        self.housekeepingInterval = housekeepingInterval
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
        try collector.finish()
    }
}
