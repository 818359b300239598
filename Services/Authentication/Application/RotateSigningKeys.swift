package import AuthenticationDomain
import Crypto
import Keys
package import Logging
package import Postgres
import ServiceLifecycle
package import Vocabulary
package import Web

/// Keeps the signing keys: makes the next one ahead of its turn, forgets those that nobody needs, and renews the
/// snapshot of this process.
///
/// Every instance does it. Two that make a key at once agree on one, for a key carries the next number.
package struct RotateSigningKeys: Service {
    private let database: Database
    private let store: SigningKeyStore
    private let schedule: SigningKeySchedule
    private let signer: TokenSigner
    private let verifierKeys: IssuerKeys
    private let interval: Duration
    private let now: @Sendable () -> Instant
    private let logger: Logger

    package init(
        database: Database, store: SigningKeyStore, schedule: SigningKeySchedule, signer: TokenSigner,
        verifierKeys: IssuerKeys, interval: Duration = .seconds(60), now: @escaping @Sendable () -> Instant,
        logger: Logger
    ) {
        self.database = database
        self.store = store
        self.schedule = schedule
        self.signer = signer
        self.verifierKeys = verifierKeys
        self.interval = interval
        self.now = now
        self.logger = logger
    }

    /// Does it once.
    package func callAsFunction() async throws {
        let moment = now()
        let keys = try await database.transaction { [store, schedule] session in
            var keys = try store.all(in: session)
            if let turn = schedule.turnOfNewKey(among: keys.map(\.times), at: moment) {
                let key = P256.Signing.PrivateKey()
                let times = SigningKeyTimes(
                    id: JSONWebKey.thumbprint(of: key.publicKey), publishedAt: moment,
                    signsFrom: max(turn, moment))
                _ = try store.insert(SigningKey(times: times, key: key), after: keys.count, in: session)
                keys = try store.all(in: session)
            }
            return keys
        }
        let published = Set(schedule.published(of: keys.map(\.times), at: moment).map(\.id))
        let over = keys.map(\.times.id).filter { !published.contains($0) }
        if !over.isEmpty {
            try await database.transaction { [store] session in try store.remove(over, in: session) }
        }
        try signer.replace(keys.filter { published.contains($0.times.id) })
        try verifierKeys.replace(jwks: signer.keySet)
    }

    /// Does it again and again until the process ends; the snapshot stays in use while the database is away.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: interval)
                guard !Task.isCancelled else { return }
                do {
                    try await self()
                } catch {
                    logger.warning("The signing keys could not be renewed", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
