import EventOutbox
package import Flow
import Following
import Postgres
package import ServiceLifecycle
import Streams
import Web

/// What runs beside the server, in the order of starting, and what must hold before the service is ready.
package struct ServiceParts {
    /// Relay, projections and the service's own, as a `ServiceGroup` takes them: what is stopped last comes first.
    package let services: [any Service]
    /// All checks of `/health/ready`.
    package let readiness: Readiness

    /// The parts of an assembly.
    package init(_ assembly: ServiceAssembly, base: ServiceBase, timing: FlowTiming = FlowTiming()) {
        var services: [any Service] = []
        var checks = [Self.databaseCheck(base.database), Self.keysCheck(base.verifier.keys)]
        if let outbox = assembly.outbox, let restatement = assembly.restatement, let trust = base.trust,
            let kafka = base.kafka
        {
            let relays = outbox.streams.map { stream in
                OutboxRelay(
                    outbox: stream, database: base.database, kafka: kafka, trust: trust,
                    restatement: stream.source == outbox.source ? restatement : restatement.withoutCorrections,
                    timing: timing, logger: base.logger)
            }
            services += relays
            let watch = OwnFactsWatch(
                streams: outbox.streams, database: base.database, kafka: kafka, trust: trust, logger: base.logger,
                tell: { [facts = base.ownFacts] in facts.decide($0) })
            services.append(watch)
            checks.append(Self.ownFactsCheck(watch))
            checks.append(
                ReadinessCheck("outbox") {
                    let problems = relays.compactMap { $0.problem() }
                    return problems.isEmpty ? .ok : .degraded(problems.joined(separator: "; "))
                })
        }
        if !assembly.projections.isEmpty, let trust = base.trust, let kafka = base.kafka {
            let gate =
                assembly.gate
                ?? ProjectionGate(
                    projections: assembly.projections, own: assembly.outbox?.source, database: base.database)
            let runner = ProjectionRunner(
                projections: assembly.projections, gate: gate, database: base.database, kafka: kafka,
                trust: trust, watches: assembly.watches, timing: timing, logger: base.logger)
            services.append(runner)
            checks.append(Self.catchUpCheck(runner))
            checks.append(Self.followingCheck(runner))
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

    /// A start waits until it may decide; what is in doubt later is said by the service itself, in its own words.
    private static func ownFactsCheck(_ watch: OwnFactsWatch) -> ReadinessCheck {
        ReadinessCheck("own-facts") {
            switch watch.answer {
            case .certain: .ok
            case .looking: .failing("what was told to others is being compared with the database")
            case .doubted: .degraded("the database does not know all that was told: nothing is decided until it does")
            case .unlooked: .degraded("what was told to others cannot be compared with the database")
            }
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

    /// What is amiss makes some answers unknown, and leaves the rest of the service at work.
    private static func followingCheck(_ runner: ProjectionRunner) -> ReadinessCheck {
        ReadinessCheck("projections") {
            do {
                return try await runner.problem().map { .degraded($0) } ?? .ok
            } catch {
                return .degraded("the database does not answer")
            }
        }
    }
}
