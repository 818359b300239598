package import Configuration
package import Keys
package import Pages
package import PortalDomain
package import Settings
package import Vocabulary

/// The keys of the portal's configuration, beside those that all services have.
package struct PortalConfiguration: Sendable {
    /// `services.profileResolution`: the base address of profile-resolution-service.
    package let profileResolution: String
    /// `services.mandateRegistry`: the base address of mandate-registry-service.
    package let mandateRegistry: String
    /// `services.organisationRights`: the base address of organisation-rights-service.
    package let organisationRights: String
    /// `session.sealing`: the keys under which tokens are kept, as `<id>=<path>`; the first one seals, all open.
    package let sealingKey: SealingKey
    /// `session.formKeyFile`: the key by which forms are tied to a browser; the same for all instances.
    package let formKey: HMACKey
    /// `session.idleMinutes` (default 20) and `session.absoluteMinutes` (default 720).
    package let lifetime: SessionLifetime
    /// `trustedProxies`: those whose word is taken for whom they forward, for the source in the audit record.
    package let trustedProxies: [NetworkRange]
    /// `productName.nl`, `.fr`, `.de` and `.en`: what the portal is called.
    package let product: ProductName
    /// `serviceCenter.phone` and `serviceCenter.email`: shown on every page when they are there.
    package let serviceCenter: ServiceCenter

    /// A configuration from its parts.
    package init(
        profileResolution: String, mandateRegistry: String, organisationRights: String, sealingKey: SealingKey,
        formKey: HMACKey, lifetime: SessionLifetime = .standard, trustedProxies: [NetworkRange] = [],
        product: ProductName = .standard, serviceCenter: ServiceCenter = ServiceCenter()
    ) {
        self.profileResolution = profileResolution
        self.mandateRegistry = mandateRegistry
        self.organisationRights = organisationRights
        self.sealingKey = sealingKey
        self.formKey = formKey
        self.lifetime = lifetime
        self.trustedProxies = trustedProxies
        self.product = product
        self.serviceCenter = serviceCenter
    }

    /// Reads the keys; throws all that is wrong with them.
    package init(_ reader: ConfigReader) throws(ConfigurationProblems) {
        var collector = ProblemCollector()
        profileResolution = collector.webAddress(reader, "services.profileResolution")
        mandateRegistry = collector.webAddress(reader, "services.mandateRegistry")
        organisationRights = collector.webAddress(reader, "services.organisationRights")
        let sealingKey = collector.value { () throws(ConfigurationProblem) in
            try reader.sealingRing("session.sealing")
        }
        let formKey = collector.value { () throws(ConfigurationProblem) in
            try reader.hmacKey("session.formKeyFile")
        }
        lifetime = SessionLifetime(
            idle: .seconds(60 * collector.integer(reader, "session.idleMinutes", default: 20, in: 1...240)),
            absolute: .seconds(60 * collector.integer(reader, "session.absoluteMinutes", default: 720, in: 1...1440)))
        trustedProxies = collector.value([]) { () throws(ConfigurationProblem) in try reader.trustedProxies() }
        product = collector.value(.standard) { () throws(ConfigurationProblem) in try ProductName(reader) }
        try collector.finish()
        guard let sealingKey, let formKey else { throw collector.failure }
        (self.sealingKey, self.formKey) = (sealingKey, formKey)
        serviceCenter = ServiceCenter(
            phone: reader.optionalText("serviceCenter.phone"), email: reader.optionalText("serviceCenter.email"))
    }
}
