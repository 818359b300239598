package import EventOutbox
package import Following
package import Hummingbird
package import ServiceLifecycle
package import Web

/// A service, put together: what answers requests and what runs beside that.
package struct ServiceAssembly {
    /// The routes of the service; health, metrics and the OpenAPI document are added to them.
    package let router: Router<AppContext>
    /// Where the service's events are written; nil for a service that publishes nothing.
    package let outbox: Outbox?
    /// What the service takes in from others.
    package let projections: [Projection]
    /// The gate that the service's `ConsistencyMiddleware` waits at, when it has one.
    package let gate: ProjectionGate?
    /// Whatever else runs for as long as the service does.
    ///
    /// Stopped after the server and before the projections.
    package let services: [any Service]
    /// What must hold before the service calls itself ready, beside what all services have.
    package let readiness: [ReadinessCheck]
    /// The OpenAPI document, served at `/openapi.yaml`.
    package let openAPI: [UInt8]

    package init(
        router: Router<AppContext>, outbox: Outbox? = nil, projections: [Projection] = [],
        gate: ProjectionGate? = nil, services: [any Service] = [], readiness: [ReadinessCheck] = [], openAPI: [UInt8]
    ) {
        self.router = router
        self.outbox = outbox
        self.projections = projections
        self.gate = gate
        self.services = services
        self.readiness = readiness
        self.openAPI = openAPI
    }
}

/// One thing that must hold, or should hold, for a service to do its work.
package struct ReadinessCheck: Sendable {
    /// How a check came out.
    package enum Outcome: Sendable, Equatable {
        case ok
        /// The service works and something is amiss, such as events that lag; it stays ready.
        case degraded(String)
        /// The service cannot do its work; it is not ready.
        case failing(String)
    }
    /// The name in the health answer, such as `database`.
    package let name: String
    private let body: @Sendable () async -> Outcome

    /// A check.
    ///
    /// It has one second; one that takes longer fails.
    package init(_ name: String, _ body: @escaping @Sendable () async -> Outcome) {
        self.name = name
        self.body = body
    }

    /// Runs the check.
    package func callAsFunction() async -> Outcome {
        await body()
    }
}
