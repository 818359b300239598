package import AsyncHTTPClient
package import Clients
package import ContractCore
package import FoundationEssentials
package import Kafka
package import Keys
package import Logging
package import Postgres
package import Streams
import Telemetry
package import Vocabulary
package import Web

/// What a service is put together from: everything outside it, as values.
///
/// A test makes one with its own database, clock and ids; nothing in it is a global.
package struct ServiceBase: Sendable {
    /// The service's name.
    package let name: String
    /// The address under which browsers and other services reach this one, without a slash at its end.
    package let baseURL: String
    /// The base address of authentication-service, which issues the access tokens.
    package let issuer: String
    package let logger: Logger
    /// The id of the installation, by which its events are told from those of another.
    package let environment: EnvironmentID
    /// The service's own schema.
    package let database: Database
    /// How the cluster is reached; nil where the service takes no part in events.
    package let kafka: KafkaConfiguration?
    /// By what the service proves what it sends, and whom it believes; nil where it takes no part in events.
    package let trust: EventTrust?
    package let httpClient: HTTPClient
    /// The clock.
    package let now: @Sendable () -> Instant
    /// Which calendar day it is.
    package let civil: CivilTime
    /// Makes the ids of new things: UUIDs of version 7.
    package let newID: @Sendable () -> UUID
    /// Makes tokens, nonces and codes.
    package let random: RandomBytes
    /// Verifies the access tokens of callers.
    package let verifier: AccessTokenVerifier
    /// Gets the access tokens with which this service calls others.
    package let tokens: ServiceTokenSource
    /// Whether it may decide by its own database; where it takes part in events, `ServiceParts` finds out.
    package let ownFacts = OwnFacts()

    /// A base from its parts; clock, ids and random bytes are the system's unless given.
    package init(
        name: String, baseURL: String, issuer: String, logger: Logger, environment: EnvironmentID,
        database: Database, kafka: KafkaConfiguration?, trust: EventTrust?, httpClient: HTTPClient,
        now: @escaping @Sendable () -> Instant = systemClock,
        civil: CivilTime, newID: (@Sendable () -> UUID)? = nil, random: RandomBytes = .system,
        verifier: AccessTokenVerifier,
        tokens: ServiceTokenSource
    ) {
        self.name = name
        self.baseURL = baseURL
        self.issuer = issuer
        self.logger = logger
        self.environment = environment
        self.database = database
        self.kafka = kafka
        self.trust = trust
        self.httpClient = httpClient
        self.now = now
        self.civil = civil
        self.newID = newID ?? { UUIDv7.make(at: now(), random: random.words()) }
        self.random = random
        self.verifier = verifier
        self.tokens = tokens
    }

    /// The calendar day at this moment.
    package func today() -> LocalDate { civil.day(at: now()) }
}
