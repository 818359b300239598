import HTTPTypes
package import Hummingbird
import NIOCore
import Telemetry
package import Web

extension ServiceAssembly {
    /// What answers the requests of the service: its routes, the operational ones, and what surrounds them all.
    ///
    /// To be called once, since it adds routes to the router.
    package func responder(base: ServiceBase, readiness: Readiness) -> StandardResponder {
        OperationalRoutes.add(to: router, readiness: readiness, openAPI: openAPI, metrics: .process)
        return StandardResponder(router, base: base)
    }
}

extension StandardResponder {
    /// A responder with the ids and random bytes of a service's base.
    package init(_ router: Router<AppContext>, base: ServiceBase) {
        self.init(router, newID: base.newID, random: base.random)
    }
}

/// The routes that every service has for those who run it: health, metrics and its OpenAPI document.
enum OperationalRoutes {
    static func add(to router: Router<AppContext>, readiness: Readiness, openAPI: [UInt8], metrics: PrometheusRegistry)
    {
        router.get("/health/live") { _, _ in try Response.json(LiveAnswer(status: "live")) }
        router.get("/health/ready") { _, _ in
            let report = await readiness.report()
            return try Response.json(report, status: report.ready ? .ok : .serviceUnavailable)
        }
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: PrometheusText.render(metrics.families()))))
        }
        router.get("/openapi.yaml") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/yaml", .cacheControl: "no-cache"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: openAPI)))
        }
    }

    private struct LiveAnswer: Encodable {
        let status: String
    }
}
