import HTTPTypes
package import Hummingbird
import NIOCore
package import Telemetry
package import Web

extension ServiceAssembly {
    /// What answers the requests of the service: its routes, its OpenAPI document, and what surrounds them all.
    ///
    /// To be called once, since it adds a route to the router.
    package func responder(base: ServiceBase) -> StandardResponder {
        let openAPI = openAPI
        router.getAndHead("/openapi.yaml") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/yaml", .cacheControl: "no-cache"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: openAPI)))
        }
        return StandardResponder(router, base: base)
    }
}

extension StandardResponder {
    /// A responder with the ids and random bytes of a service's base.
    package init(_ router: Router<AppContext>, base: ServiceBase) {
        self.init(router, newID: base.newID, random: base.random)
    }
}

/// What every service answers to those who run it, on a listener of its own: health and metrics.
///
/// However many connections the public listener has, an orchestrator finds out whether the process lives.
package enum OperationalRoutes {
    /// `GET /health/live`, `GET /health/ready` and `GET /metrics`.
    package static func router(readiness: Readiness, metrics: PrometheusRegistry = .process) -> Router<AppContext> {
        let router = Router(context: AppContext.self)
        router.getAndHead("/health/live") { _, _ in try Response.json(LiveAnswer(status: "live")) }
        router.getAndHead("/health/ready") { _, _ in
            let report = await readiness.report()
            return try Response.json(report, status: report.ready ? .ok : .serviceUnavailable)
        }
        router.getAndHead("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: PrometheusText.render(metrics.families()))))
        }
        return router
    }

    private struct LiveAnswer: Encodable {
        let status: String
    }
}
