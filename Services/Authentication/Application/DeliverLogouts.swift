import Async
import AuditTrail
import AuthenticationDomain
import FoundationEssentials
import Logging
import Postgres
import ServiceLifecycle
import Vocabulary

/// Posts a logout token to a portal.
package protocol LogoutPost: Sendable {
    /// Whether the portal took it. Ends within a few seconds.
    func post(_ logoutToken: String, to uri: String) async -> Bool
}

/// Tells portals that a session ended, by logout tokens, at least once each (OpenID Connect Back-Channel Logout).
///
/// The queue lies in the database and is filled in the transaction that ends the session. An instance that takes a
/// delivery and dies leaves it to be taken again.
package struct DeliverLogouts: Service {
    let issuer: String
    let database: Database
    let acts: Acts
    let newID: @Sendable () -> UUID
    let clients: ClientRegistry
    let signer: TokenSigner
    let hashes: KeyedHashes
    let logoutBell: Bell
    private let logouts = LogoutDeliveryStore()
    let post: any LogoutPost
    let pollInterval: Duration
    let logger: Logger

    /// How many are sent at a time.
    private static let batch = 16
    /// How long one that was taken is left to its taker.
    private static let hold: Duration = .seconds(30)
    /// After how long a portal that does not answer is given up; its own session limits hold then.
    private static let giveUpAfter: Duration = .seconds(86400)
    /// The longest pause between two attempts.
    private static let longestPause: Duration = .seconds(600)

    /// Delivers whenever a session of this process ended, and looks at the queue at an interval for those of others.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in logoutBell.rings { await drain() }
                }
                group.addTask {
                    while !Task.isCancelled {
                        await drain()
                        try? await Task.sleep(for: pollInterval)
                    }
                }
            }
        }
    }

    private func drain() async {
        do {
            while try await self() == Self.batch, !Task.isCancelled {}
        } catch {
            logger.warning("Logout tokens could not be taken from the queue", metadata: ["error": "\(error)"])
        }
    }

    /// Delivers up to one batch of what is due; answers how many were taken.
    package func callAsFunction() async throws -> Int {
        let now = acts.now()
        let due = try await database.transaction { session in
            try logouts.take(at: now, again: now.adding(Self.hold), limit: Self.batch, in: session)
        }
        await withTaskGroup(of: Void.self) { group in
            for delivery in due { group.addTask { await deliver(delivery) } }
        }
        return due.count
    }

    private func deliver(_ delivery: LogoutDelivery) async {
        let now = acts.now()
        do {
            guard let uri = clients.client(delivery.clientID)?.backChannelLogoutURI,
                now < delivery.createdAt.adding(Self.giveUpAfter)
            else {
                logger.error(
                    "A portal was never told that a session ended", metadata: ["client": "\(delivery.clientID)"])
                try await database.transaction { session in try logouts.remove(delivery, in: session) }
                return
            }
            if await post.post(try token(for: delivery, at: now), to: uri) {
                try await database.transaction { session in try logouts.remove(delivery, in: session) }
            } else {
                let later = acts.now().adding(Self.pause(after: delivery.attempts))
                logger.warning(
                    "A portal did not take a logout token; it will be tried again",
                    metadata: ["client": "\(delivery.clientID)", "attempts": "\(delivery.attempts + 1)"])
                try await database.transaction { session in
                    try logouts.postpone(delivery, until: later, in: session)
                }
            }
        } catch {
            // The delivery stays in the queue, to be taken again after the hold.
            logger.warning("A logout token was not delivered", metadata: ["error": "\(error)"])
        }
    }

    private func token(for delivery: LogoutDelivery, at now: Instant) throws -> String {
        let issued = now.secondsSinceEpoch
        let claims = LogoutTokenClaims(
            iss: issuer,
            sub: hashes.subject(of: delivery.personID, at: delivery.clientID),
            aud: delivery.clientID, iat: issued, exp: issued + 120,
            jti: newID().uuidString.lowercased(),
            sid: try hashes.pseudonym(of: delivery.sessionID, at: delivery.clientID).description)
        return try signer.sign(claims, type: "logout+jwt")
    }

    /// One second, doubling up to ten minutes.
    private static func pause(after attempts: Int) -> Duration {
        Backoff.wait(after: attempts, first: .seconds(1), longest: longestPause)
    }
}
