import AsyncHTTPClient
import Clients
import ContractCore
package import Crypto
package import FoundationEssentials
package import Kafka
package import Keys
package import Logging
package import Postgres
package import Process
import Telemetry
import TestEvents
package import TestTokens
package import Vocabulary
import Web

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
        let base = ServiceBase(
            name: name, baseURL: "http://\(name).test", issuer: issuer.issuer, logger: logger, environment: .test,
            database: database, kafka: kafka, trust: .test(name), httpClient: .shared, now: now, civil: civil,
            newID: newID, random: random,
            verifier: try issuer.verifier(ask: ask, logger: logger),
            tokens: ServiceTokenSource(issuer: issuer.issuer, signer: signer, httpClient: .shared, now: now))
        // Nothing watches in a test that does not run the parts of a process.
        base.ownFacts.decide(true)
        return base
    }
}
