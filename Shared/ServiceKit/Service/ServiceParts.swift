import Postgres
package import ServiceLifecycle

/// What runs beside the server, in the order of starting, and what must hold before the service is ready.
package struct ServiceParts {
    /// Relay, projections and the service's own, as a `ServiceGroup` takes them.
    package let services: [any Service]
    /// All checks of `/health/ready`.
    package let readiness: Readiness

    /// The parts of an assembly.
    package init(_ assembly: ServiceAssembly, base: ServiceBase) throws {
        services = assembly.services
        let keys = base.verifier.keys
        let database = base.database
        let checks = [
            ReadinessCheck("database") {
                do {
                    _ = try await database.read { session in try session.first("SELECT 1") != nil }
                    return .ok
                } catch {
                    return .failing("the database does not answer")
                }
            },
            ReadinessCheck("keys") {
                keys.isLoaded ? .ok : .failing("the keys of the token issuer are not loaded yet")
            },
        ]
        readiness = Readiness(checks + assembly.readiness)
    }
}
