package import AuthenticationDomain
package import Configuration
import Crypto
import FoundationEssentials
import Pages
package import ServiceKit
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
        serviceCenterPhone = nil
        serviceCenterEmail = nil
    }

    /// Reads and checks the keys; throws `ConfigurationProblem` for the first that is wrong.
    package init(_ reader: ConfigReader) throws {
        profilePicker = try reader.webAddress("profilePickerUrl")
        let sealingKeys = try Self.keyRing(reader, "keys.sealing")
        guard
            let sealing = SealingKey(
                currentID: sealingKeys[0].id,
                keys: Dictionary(sealingKeys.map { ($0.id, $0.key) }, uniquingKeysWith: { first, _ in first }))
        else { throw ConfigurationProblem("keys.sealing", "an id must have 1 to 32 bytes, and a key 32 bytes") }
        self.sealing = sealing
        numberIndex = try Self.keyRing(reader, "keys.numberIndex")
        pairwise = try Self.indexKey(reader, "keys.pairwiseFile")
        failures = try Self.indexKey(reader, "keys.failuresFile")
        formKey = try reader.symmetricKey("keys.formFile")
        clients = try ClientConfiguration.registry(reader)
        policy = try Self.policy(reader)
        signingKeys = SigningKeySchedule(
            period: .seconds(try reader.integer("signingKeys.periodHours", default: 720, in: 1...8760) * 3600),
            lead: .seconds(try reader.integer("signingKeys.leadHours", default: 24, in: 1...720) * 3600))
        let rounds = try reader.integer("password.rounds", default: 1 << 14, in: 2...(1 << 20))
        guard let cost = PasswordCost(rounds: rounds, blockSize: 8, parallelism: 5) else {
            throw ConfigurationProblem("password.rounds", "must be a power of two and need at most 64 MiB a hash")
        }
        passwordCost = cost
        passwordThreads = try reader.integer("password.threads", default: 2, in: 1...64)
        trustedProxies = reader.texts("trustedProxies")
        serviceCenterPhone = reader.optionalText("serviceCenter.phone")
        serviceCenterEmail = reader.optionalText("serviceCenter.email")
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

    private static func policy(_ reader: ConfigReader) throws(ConfigurationProblem) -> SignInPolicy {
        let seconds = { (key: String, fallback: Int) throws(ConfigurationProblem) in
            Duration.seconds(try reader.integer(key, default: fallback, in: 1...604_800))
        }
        return SignInPolicy(
            sessions: SessionPolicy(
                idle: try seconds("session.idleSeconds", 1800),
                absolute: try seconds("session.absoluteSeconds", 43200)),
            accountThrottle: ThrottlePolicy(
                freeFailures: try reader.integer("throttle.account.freeFailures", default: 5, in: 1...100),
                firstDelay: try seconds("throttle.account.firstDelaySeconds", 30),
                maximumDelay: try seconds("throttle.account.maximumDelaySeconds", 3600),
                hardStop: try reader.integer("throttle.account.hardStop", default: 100, in: 1...100),
                forgetAfter: nil),
            sourceThrottle: ThrottlePolicy(
                freeFailures: try reader.integer("throttle.source.freeFailures", default: 5, in: 1...10_000),
                firstDelay: try seconds("throttle.source.firstDelaySeconds", 1),
                maximumDelay: try seconds("throttle.source.maximumDelaySeconds", 300), hardStop: nil,
                forgetAfter: try seconds("throttle.source.forgetAfterSeconds", 3600)),
            appCode: AppCodeRule(
                tolerance: Int64(try reader.integer("appCode.toleranceSteps", default: 1, in: 0...2))),
            transactionLifetime: try seconds("session.transactionSeconds", 1800))
    }
}
