import Contracts
package import Messaging
import Postgres
package import ServiceLifecycle

/// What runs beside the server, in the order of starting, and what must hold before the service is ready.
package struct ServiceParts {
    /// Relay, projections and the service's own, as a `ServiceGroup` takes them: what is stopped last comes first.
    package let services: [any Service]
    /// All checks of `/health/ready`.
    package let readiness: Readiness

    /// The parts of an assembly.
    package init(_ assembly: ServiceAssembly, base: ServiceBase, timing: MessagingTiming = MessagingTiming()) {
        var services: [any Service] = []
        var checks = [Self.databaseCheck(base.database), Self.keysCheck(base.verifier.keys)]
        if let outbox = assembly.outbox {
            services.append(
                OutboxRelay(
                    outbox: outbox, database: base.database, kafka: base.kafka, timing: timing, logger: base.logger))
        }
        if !assembly.projections.isEmpty {
            let gate =
                assembly.gate
                ?? ProjectionGate(
                    projections: assembly.projections, own: assembly.outbox?.source, database: base.database)
            let runner = ProjectionRunner(
                projections: assembly.projections, gate: gate, database: base.database, kafka: base.kafka,
                timing: timing, logger: base.logger
            ) { source in
                if source == .authentication { base.verifier.ended.hear() }
            }
            services.append(runner)
            checks.append(Self.catchUpCheck(runner))
            checks.append(Self.haltedCheck(base.database))
        }
        if assembly.projections.contains(where: { $0.name == EndedAccessFollower.projection }) {
            services.append(
                EndedAccessFollower(
                    base.verifier.ended, database: base.database, now: base.now, logger: base.logger))
            checks.append(Self.endedAccessCheck(base.verifier.ended))
        }
        self.services = services + assembly.services
        readiness = Readiness(checks + assembly.readiness)
    }

    private static func databaseCheck(_ database: Database) -> ReadinessCheck {
        ReadinessCheck("database") {
            do {
                _ = try await database.read { session in try session.first("SELECT 1") != nil }
                return .ok
            } catch {
                return .failing("the database does not answer")
            }
        }
    }

    private static func keysCheck(_ keys: IssuerKeys) -> ReadinessCheck {
        ReadinessCheck("keys") {
            keys.isLoaded ? .ok : .failing("the keys of the token issuer are not loaded yet")
        }
    }

    private static func catchUpCheck(_ runner: ProjectionRunner) -> ReadinessCheck {
        ReadinessCheck("first-catch-up") {
            do {
                return try await runner.isCaughtUp() ? .ok : .failing("the events of other services are being read")
            } catch {
                return .failing("the database does not answer")
            }
        }
    }

    private static func endedAccessCheck(_ ended: EndedAccess) -> ReadinessCheck {
        ReadinessCheck(EndedAccessFollower.projection) {
            if !ended.isReady { return .failing("what has ended is being read") }
            return ended.isUncertain ? .degraded("ends of sessions and tokens are not heard of") : .ok
        }
    }

    /// Halted partitions and parked keys make some answers unknown, and leave the rest of the service at work.
    private static func haltedCheck(_ database: Database) -> ReadinessCheck {
        ReadinessCheck("projections") {
            do {
                let amiss = try await database.read { session in
                    try session.first(
                        """
                        SELECT (SELECT count(*) FROM position WHERE state = 'halted'),
                            (SELECT count(DISTINCT (projection, key)) FROM parked)
                        """)?.decode(Int64.self, Int64.self)
                }
                guard let (halted, parked) = amiss, halted + parked > 0 else { return .ok }
                return .degraded("\(halted) partitions halted, \(parked) keys parked")
            } catch {
                return .degraded("the database does not answer")
            }
        }
    }
}
