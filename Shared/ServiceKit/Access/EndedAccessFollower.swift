import Contracts
package import Logging
package import Messaging
import Metrics
package import Postgres
import ServiceLifecycle
package import Vocabulary

/// Keeps what this process knows of ends in step with the database, which a projection fills.
///
/// It looks ten times a second: ends reach each instance soon after the one that reads the events.
package struct EndedAccessFollower: Service {
    /// The name of the projection, the same in each service.
    package static let projection = "ended-access"
    private static let interval: Duration = .milliseconds(100)
    /// A row may become visible so long after its time: a transaction that writes one lasts a few milliseconds.
    private static let overlap: Duration = .seconds(5)

    private let ended: EndedAccess
    private let database: Database
    private let now: @Sendable () -> Instant
    private let logger: Logger

    /// A follower that hands over to `ended`.
    package init(_ ended: EndedAccess, database: Database, now: @escaping @Sendable () -> Instant, logger: Logger) {
        self.ended = ended
        self.database = database
        self.now = now
        self.logger = logger
        ended.follow()
    }

    /// The projection that writes the ends of authentication-service into the service's own table.
    package static func projection(now: @escaping @Sendable () -> Instant) -> Projection {
        Projection(
            name: projection, source: .authentication,
            erase: { session in _ = try session.execute("DELETE FROM ended_access") }
        ) { event, session in
            switch event.type {
            case AccessEnded.ended:
                let ended = try event.data(as: AccessEnded.self)
                guard EndedAccessStore.kinds.contains(ended.kind) else { return .unknownType }
                try EndedAccessStore.add(ended, at: now(), in: session)
                return .applied
            case SessionState.started, SessionState.ended: return .applied
            default: return .unknownType
            }
        }
    }

    /// Looks again and again until shutdown.
    package func run() async throws {
        let unheard = Gauge(label: "toegang_ended_access_uncertain")
        let known = Gauge(label: "toegang_ended_access_known")
        await cancelWhenGracefulShutdown {
            var latest = Instant(microseconds: 0)
            var rounds = 0
            var wasUncertain = false
            while !Task.isCancelled {
                do {
                    latest = try await look(since: latest)
                    if rounds % 600 == 0 { try await prune() }
                } catch {
                    logger.debug("What ended could not be read", metadata: ["error": "\(error)"])
                }
                let isUncertain = ended.isUncertain
                unheard.record(isUncertain ? 1 : 0)
                known.record(ended.count)
                if isUncertain != wasUncertain { tell(isUncertain) }
                (wasUncertain, rounds) = (isUncertain, rounds &+ 1)
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Takes over what was learnt since; answers the newest moment at which something was.
    package func look(since latest: Instant) async throws -> Instant {
        let now = now()
        let (ends, hasGap) = try await database.read { session in
            (
                try EndedAccessStore.ends(
                    learntAfter: latest.adding(.zero - Self.overlap), at: now, in: session),
                try EndedAccessStore.hasGap(in: session)
            )
        }
        ended.take(ends.map { ($0.kind, $0.id, $0.until) }, hasGap: hasGap, at: now)
        return max(latest, ends.map(\.learntAt).max() ?? latest)
    }

    private func prune() async throws {
        let now = now()
        while try await database.transaction({ session in
            try EndedAccessStore.prune(at: now, in: session)
        }) == 1000 {}
    }

    private func tell(_ isUncertain: Bool) {
        if isUncertain {
            logger.error(
                """
                Ends of sessions and tokens are not heard of: access tokens are believed until they expire, commands \
                ask authentication-service
                """)
        } else {
            logger.notice("Ends of sessions and tokens are heard of again")
        }
    }
}
