import Configuration
import EventSignatures
import FoundationEssentials
import Settings
import Web

extension EventKeys {
    /// Reads the keys of events; nil when a problem was noted, or when they are absent and not needed.
    static func read(
        _ reader: ConfigReader, _ collector: inout ProblemCollector, name: String, needed: Bool
    ) -> EventKeys? {
        let (own, all) = ("events.signingKeyFile", "events.publicKeysFile")
        guard needed || reader.optionalText(own) != nil else {
            _ = reader.optionalText(all)
            return nil
        }
        let key = collector.value { () throws(ConfigurationProblem) in
            guard let key = EventSigningKey(pem: try reader.secret(own)) else {
                throw ConfigurationProblem(own, "the file does not hold an Ed25519 private key in PEM form")
            }
            return key
        }
        let keys = collector.value { () throws(ConfigurationProblem) in
            let text = try reader.secret(all)
            do throws(PublicKeys.Problem) {
                return try PublicKeys(json: Array(text.utf8))
            } catch {
                throw ConfigurationProblem(all, error.description)
            }
        }
        return collector.value(nil) { () throws(ConfigurationProblem) in
            guard let key, let keys else { return nil }
            switch keys.state(of: key.id) {
            case nil:
                throw ConfigurationProblem(all, "lacks the key \(key.id), which is that of \(own)")
            case (let owner, _)? where owner != name:
                throw ConfigurationProblem(all, "says that the key of \(own) is that of \(owner)")
            case (_, .withdrawn)?:
                throw ConfigurationProblem(own, "the key \(key.id) is withdrawn in \(all)")
            case (_, .current)?, (_, .accepted)?:
                return EventKeys(signer: RecordSigner(key), publicKeys: keys)
            }
        }
    }
}
