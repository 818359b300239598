package import AuthenticationDomain
package import Configuration
import ContractCore
import Crypto
import FoundationEssentials
package import Keys
package import Pages
package import Settings
package import Vocabulary

/// The keys of `authentication-service` beside those that all services have; the README explains each.
package struct AuthenticationConfig: Sendable {
    /// The address of profile-resolution-service, where browsers choose a profile.
    package let profilePicker: String
    /// The key that seals national numbers, app secrets and signing keys, with those that it replaced.
    package let sealing: SealingKey
    /// The keys of the look-up index of national numbers, the current one first.
    package let numberIndex: [(id: String, key: [UInt8])]
    package let pairwise: HMACKey
    package let failures: HMACKey
    /// Ties forms to browsers.
    package let formKey: HMACKey
    package let clients: ClientRegistry
    package let policy: SignInPolicy
    package let signingKeys: SigningKeySchedule
    package let passwordCost: PasswordCost
    /// How many password hashes are computed at a time.
    package let passwordThreads: Int
    /// How many hashes may be computed or wait at a time.
    package let passwordPlaces: Int
    /// The proxies whose word is taken for whom they forward.
    package let trustedProxies: [NetworkRange]
    /// `productName.nl`, `.fr`, `.de` and `.en`: what the portal is called.
    package let product: ProductName
    package let serviceCenterPhone: String?
    package let serviceCenterEmail: String?

    /// A configuration from its parts, for tests.
    package init(
        profilePicker: String, sealing: SealingKey, numberIndex: [(id: String, key: [UInt8])], pairwise: HMACKey,
        failures: HMACKey, formKey: HMACKey, clients: ClientRegistry, policy: SignInPolicy = SignInPolicy(),
        signingKeys: SigningKeySchedule = SigningKeySchedule(), passwordCost: PasswordCost = .standard,
        passwordThreads: Int = 2, passwordPlaces: Int = 32, trustedProxies: [NetworkRange] = []
    ) {
        self.profilePicker = profilePicker
        self.sealing = sealing
        self.numberIndex = numberIndex
        self.pairwise = pairwise
        self.failures = failures
        self.formKey = formKey
        self.clients = clients
        self.policy = policy
        self.signingKeys = signingKeys
        self.passwordCost = passwordCost
        self.passwordThreads = passwordThreads
        self.passwordPlaces = passwordPlaces
        self.trustedProxies = trustedProxies
        product = .standard
        serviceCenterPhone = nil
        serviceCenterEmail = nil
    }

    /// Reads and checks the keys; throws all that is wrong with them.
    package init(_ reader: ConfigReader) throws(ConfigurationProblems) {
        var collector = ProblemCollector()
        profilePicker = collector.webAddress(reader, "profilePickerUrl")
        let sealing = collector.value { () throws(ConfigurationProblem) in try reader.sealingRing("keys.sealing") }
        numberIndex = collector.value([]) { () throws(ConfigurationProblem) in
            try reader.keyRing("keys.numberIndex")
        }
        let pairwise = collector.value { () throws(ConfigurationProblem) in try reader.hmacKey("keys.pairwiseFile") }
        let failures = collector.value { () throws(ConfigurationProblem) in try reader.hmacKey("keys.failuresFile") }
        let formKey = collector.value { () throws(ConfigurationProblem) in try reader.hmacKey("keys.formFile") }
        let clients = Self.clients(reader, &collector)
        policy = Self.policy(reader, &collector)
        signingKeys = SigningKeySchedule(
            period: .seconds(3600 * collector.integer(reader, "signingKeys.periodHours", default: 720, in: 1...8760)),
            lead: .seconds(3600 * collector.integer(reader, "signingKeys.leadHours", default: 24, in: 1...720)))
        passwordThreads = collector.integer(reader, "password.threads", default: 2, in: 1...64)
        passwordPlaces = collector.integer(reader, "password.places", default: 32, in: 4...1024)
        passwordCost = collector.value(.standard) { () throws(ConfigurationProblem) in try Self.cost(reader) }
        trustedProxies = collector.value([]) { () throws(ConfigurationProblem) in try reader.trustedProxies() }
        product = collector.value(.standard) { () throws(ConfigurationProblem) in try ProductName(reader) }
        serviceCenterPhone = reader.optionalText("serviceCenter.phone")
        serviceCenterEmail = reader.optionalText("serviceCenter.email")
        try collector.finish()
        guard let sealing, let pairwise, let failures, let formKey, let clients else { throw collector.failure }
        (self.sealing, self.pairwise, self.failures, self.formKey) = (sealing, pairwise, failures, formKey)
        self.clients = clients
    }

    private static func clients(_ reader: ConfigReader, _ collector: inout ProblemCollector) -> ClientRegistry? {
        let entries = collector.value { () throws(ConfigurationProblem) in
            guard let entries = try reader.document("clients", as: [ClientRegistration].self) else {
                throw ConfigurationProblem("clients", "must name at least one client")
            }
            return entries
        }
        // What is wrong with the URIs themselves, all services say where they read them.
        let uris = (try? reader.audienceURIs()) ?? .standard
        do throws(ClientRegistration.Problems) {
            guard let entries else { return nil }
            return try ClientRegistration.registry(entries, audiences: uris)
        } catch {
            for sentence in error.sentences { collector.note(ConfigurationProblem("clients", sentence)) }
            return nil
        }
    }

    private static func cost(_ reader: ConfigReader) throws(ConfigurationProblem) -> PasswordCost {
        let rounds = try reader.integer("password.rounds", default: 1 << 14, in: 2...(1 << 20))
        guard let cost = PasswordCost(rounds: rounds, blockSize: 8, parallelism: 5) else {
            throw ConfigurationProblem("password.rounds", "must be a power of two and need at most 64 MiB a hash")
        }
        return cost
    }

    /// The buckets of one digital key, under its own prefix.
    private static func throttle(
        _ reader: ConfigReader, _ prefix: String, _ collector: inout ProblemCollector
    ) -> ThrottlePolicy {
        func bucket(_ name: String, _ fallback: BucketPolicy) -> BucketPolicy {
            let key = "\(prefix).\(name)"
            return BucketPolicy(
                capacity: collector.integer(reader, "\(key).capacity", default: fallback.capacity, in: 1...10_000),
                leak: .seconds(
                    collector.integer(
                        reader, "\(key).leakSeconds", default: Int(fallback.leak / .seconds(1)), in: 1...604_800)))
        }
        let standard = ThrottlePolicy()
        return ThrottlePolicy(
            code: bucket("code", standard.code), knownBrowser: bucket("knownBrowser", standard.knownBrowser),
            unknownBrowser: bucket("unknownBrowser", standard.unknownBrowser),
            source: bucket("source", standard.source),
            wideFactor: collector.integer(
                reader, "\(prefix).wideFactor", default: standard.wideFactor, in: 1...65_536),
            browserMemory: .seconds(
                86_400 * collector.integer(reader, "\(prefix).browserDays", default: 180, in: 1...3650)))
    }

    private static func policy(_ reader: ConfigReader, _ collector: inout ProblemCollector) -> SignInPolicy {
        func number(_ key: String, _ fallback: Int, _ range: ClosedRange<Int>) -> Int {
            collector.integer(reader, key, default: fallback, in: range)
        }
        func seconds(_ key: String, _ fallback: Int) -> Duration { .seconds(number(key, fallback, 1...604_800)) }
        return SignInPolicy(
            sessions: SessionPolicy(
                idle: seconds("session.idleSeconds", 1800), absolute: seconds("session.absoluteSeconds", 43200)),
            appCodeThrottle: throttle(reader, "throttle.appCode", &collector),
            appCode: AppCodeRule(tolerance: Int64(number("appCode.toleranceSteps", 1, 0...2))),
            transactionLifetime: seconds("session.transactionSeconds", 1800))
    }
}
