package import AuthenticationDomain
package import Configuration
import Crypto
import FoundationEssentials
package import Keys
package import Pages
package import Settings
import Vocabulary

/// The keys of `authentication-service` beside those that all services have; the README explains each.
package struct AuthenticationConfig: Sendable {
    /// The address of profile-resolution-service, where browsers choose a profile.
    package let profilePicker: String
    /// The key that seals national numbers, app secrets and signing keys, with those that it replaced.
    package let sealing: SealingKey
    /// The keys of the look-up index of national numbers, the current one first.
    package let numberIndex: [(id: String, key: [UInt8])]
    package let pairwise: IndexKey
    package let failures: IndexKey
    /// Ties forms to browsers.
    package let formKey: [UInt8]
    package let clients: ClientRegistry
    package let policy: SignInPolicy
    package let signingKeys: SigningKeySchedule
    package let passwordCost: PasswordCost
    /// How many password hashes are computed at a time.
    package let passwordThreads: Int
    package let trustedProxies: [String]
    /// `productName.nl`, `.fr`, `.de` and `.en`: what the portal is called.
    package let product: ProductName
    package let serviceCenterPhone: String?
    package let serviceCenterEmail: String?

    /// A configuration from its parts, for tests.
    package init(
        profilePicker: String, sealing: SealingKey, numberIndex: [(id: String, key: [UInt8])], pairwise: IndexKey,
        failures: IndexKey, formKey: [UInt8], clients: ClientRegistry, policy: SignInPolicy = SignInPolicy(),
        signingKeys: SigningKeySchedule = SigningKeySchedule(), passwordCost: PasswordCost = .standard,
        passwordThreads: Int = 2, trustedProxies: [String] = []
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
        self.trustedProxies = trustedProxies
        product = .standard
        serviceCenterPhone = nil
        serviceCenterEmail = nil
    }

    /// Reads and checks the keys; throws all that is wrong with them.
    package init(_ reader: ConfigReader) throws(ConfigurationProblems) {
        var collector = ProblemCollector()
        profilePicker = collector.webAddress(reader, "profilePickerUrl")
        let sealing = collector.value { () throws(ConfigurationProblem) in try Self.sealing(reader) }
        numberIndex = collector.value([]) { () throws(ConfigurationProblem) in
            try Self.keyRing(reader, "keys.numberIndex")
        }
        let pairwise = collector.value { () throws(ConfigurationProblem) in
            try Self.indexKey(reader, "keys.pairwiseFile")
        }
        let failures = collector.value { () throws(ConfigurationProblem) in
            try Self.indexKey(reader, "keys.failuresFile")
        }
        formKey = collector.value([]) { () throws(ConfigurationProblem) in try reader.symmetricKey("keys.formFile") }
        let clients = collector.value { () throws(ConfigurationProblem) in try ClientConfiguration.registry(reader) }
        policy = Self.policy(reader, &collector)
        signingKeys = SigningKeySchedule(
            period: .seconds(3600 * collector.integer(reader, "signingKeys.periodHours", default: 720, in: 1...8760)),
            lead: .seconds(3600 * collector.integer(reader, "signingKeys.leadHours", default: 24, in: 1...720)))
        passwordThreads = collector.integer(reader, "password.threads", default: 2, in: 1...64)
        passwordCost = collector.value(.standard) { () throws(ConfigurationProblem) in try Self.cost(reader) }
        trustedProxies = reader.texts("trustedProxies")
        product = collector.value(.standard) { () throws(ConfigurationProblem) in try ProductName(reader) }
        serviceCenterPhone = reader.optionalText("serviceCenter.phone")
        serviceCenterEmail = reader.optionalText("serviceCenter.email")
        try collector.finish()
        guard let sealing, let pairwise, let failures, let clients else { throw collector.failure }
        (self.sealing, self.pairwise, self.failures, self.clients) = (sealing, pairwise, failures, clients)
    }

    private static func sealing(_ reader: ConfigReader) throws(ConfigurationProblem) -> SealingKey {
        let ring = try keyRing(reader, "keys.sealing")
        let keys = Dictionary(ring.map { ($0.id, $0.key) }, uniquingKeysWith: { first, _ in first })
        guard let sealing = SealingKey(currentID: ring[0].id, keys: keys) else {
            throw ConfigurationProblem("keys.sealing", "an id must have 1 to 32 bytes, and a key 32 bytes")
        }
        return sealing
    }

    private static func cost(_ reader: ConfigReader) throws(ConfigurationProblem) -> PasswordCost {
        let rounds = try reader.integer("password.rounds", default: 1 << 14, in: 2...(1 << 20))
        guard let cost = PasswordCost(rounds: rounds, blockSize: 8, parallelism: 5) else {
            throw ConfigurationProblem("password.rounds", "must be a power of two and need at most 64 MiB a hash")
        }
        return cost
    }

    /// Keys in files, as texts `<id>=<path>`, the current one first.
    private static func keyRing(
        _ reader: ConfigReader, _ key: String
    ) throws(ConfigurationProblem) -> [(id: String, key: [UInt8])] {
        var ring: [(id: String, key: [UInt8])] = []
        for entry in reader.texts(key) {
            let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, !ring.contains(where: { $0.id == parts[0] }) else {
                throw ConfigurationProblem(key, "must be a list of texts <id>=<path of a key file>, each id once")
            }
            ring.append((parts[0], try keyFile(parts[1], key)))
        }
        guard !ring.isEmpty else { throw ConfigurationProblem(key, "must name at least one key") }
        return ring
    }

    private static func keyFile(_ path: String, _ key: String) throws(ConfigurationProblem) -> [UInt8] {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw ConfigurationProblem(key, "the file \"\(path)\" cannot be read")
        }
        let text = String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }
        guard let bytes = Data(base64Encoded: text), bytes.count == 32 else {
            throw ConfigurationProblem(key, "the file \"\(path)\" must hold 32 bytes as base64")
        }
        return [UInt8](bytes)
    }

    private static func indexKey(_ reader: ConfigReader, _ key: String) throws(ConfigurationProblem) -> IndexKey {
        guard let value = IndexKey(try reader.symmetricKey(key)) else {
            throw ConfigurationProblem(key, "the file must hold 32 bytes")
        }
        return value
    }

    private static func policy(_ reader: ConfigReader, _ collector: inout ProblemCollector) -> SignInPolicy {
        func number(_ key: String, _ fallback: Int, _ range: ClosedRange<Int>) -> Int {
            collector.integer(reader, key, default: fallback, in: range)
        }
        func seconds(_ key: String, _ fallback: Int) -> Duration { .seconds(number(key, fallback, 1...604_800)) }
        return SignInPolicy(
            sessions: SessionPolicy(
                idle: seconds("session.idleSeconds", 1800), absolute: seconds("session.absoluteSeconds", 43200)),
            accountThrottle: ThrottlePolicy(
                freeFailures: number("throttle.account.freeFailures", 5, 1...100),
                firstDelay: seconds("throttle.account.firstDelaySeconds", 30),
                maximumDelay: seconds("throttle.account.maximumDelaySeconds", 3600),
                hardStop: number("throttle.account.hardStop", 100, 1...100), forgetAfter: nil),
            sourceThrottle: ThrottlePolicy(
                freeFailures: number("throttle.source.freeFailures", 5, 1...10_000),
                firstDelay: seconds("throttle.source.firstDelaySeconds", 1),
                maximumDelay: seconds("throttle.source.maximumDelaySeconds", 300), hardStop: nil,
                forgetAfter: seconds("throttle.source.forgetAfterSeconds", 3600)),
            appCode: AppCodeRule(tolerance: Int64(number("appCode.toleranceSteps", 1, 0...2))),
            transactionLifetime: seconds("session.transactionSeconds", 1800))
    }
}
