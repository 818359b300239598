import AsyncHTTPClient
package import Contracts
package import Crypto
import EventSignatures
package import FoundationEssentials
package import Kafka
package import Logging
package import Postgres
package import ServiceKit
package import Streams
package import Vocabulary

extension ServiceBase {
    /// A base for a service that runs in a test: its database, a test's issuer, and the rest of the process.
    ///
    /// - Parameters:
    ///   - name: The service's name.
    ///   - database: The service's schema, migrated.
    ///   - issuer: Whose tokens are taken.
    ///   - kafka: The broker; the default reaches none, for tests that start neither relay nor projections.
    ///   - clientKey: The key by which the service gets tokens, for tests with a real issuer.
    ///   - now: The clock.
    ///   - civil: The calendar.
    ///   - newID: Makes ids; random ones of version 7 unless given.
    ///   - random: Makes tokens and codes.
    ///   - ask: Says whether a token holds, while ends may be missed.
    ///   - logger: Where it logs.
    package static func test(
        _ name: String, database: Database, issuer: TestIssuer,
        kafka: KafkaConfiguration = KafkaConfiguration(bootstrap: "127.0.0.1:1", clientID: "test"),
        clientKey: P256.Signing.PrivateKey? = nil, now: @escaping @Sendable () -> Instant = systemClock,
        civil: CivilTime = .universal, newID: (@Sendable () -> UUID)? = nil, random: RandomBytes = .system,
        ask: (@Sendable (String) async -> Bool?)? = nil, logger: Logger = Logger(label: "test")
    ) throws -> ServiceBase {
        let newID = newID ?? { UUIDv7.make(at: now(), random: random.words()) }
        let signer = clientKey.map { ClientAssertionSigner(clientID: name, key: $0, now: now, newID: newID) }
        return ServiceBase(
            name: name, baseURL: "http://\(name).test", issuer: issuer.issuer, logger: logger, environment: .test,
            database: database, kafka: kafka, trust: .test(name), httpClient: .shared, now: now, civil: civil,
            newID: newID, random: random,
            verifier: try issuer.verifier(ask: ask, logger: logger),
            tokens: ServiceTokenSource(issuer: issuer.issuer, signer: signer, httpClient: .shared, now: now))
    }
}

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
