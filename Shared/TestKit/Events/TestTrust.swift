package import ContractCore
import Crypto
import EventSignatures
package import Streams

extension EnvironmentID {
    /// The installation of tests.
    package static let test: EnvironmentID = {
        guard let id = EnvironmentID("test") else { preconditionFailure("the id of the tests is well formed") }
        return id
    }()
}

extension EventTrust {
    private static let keys: [String: EventSigningKey] = Dictionary(
        uniqueKeysWithValues: Set(EventSource.allCases.map(\.owner)).map { owner in
            (owner, EventSigningKey(Curve25519.Signing.PrivateKey()))
        })

    /// A service among the sources of a test, each of which has a key that all know.
    package static func test(_ name: String, environment: EnvironmentID = .test) -> EventTrust {
        EventTrust(
            environment: environment, name: name,
            signer: RecordSigner(keys[name] ?? EventSigningKey(Curve25519.Signing.PrivateKey())),
            keys: PublicKeys(keys.map { (owner: $0.key, state: KeyState.current, key: $0.value.publicKey) }))
    }
}
