import HTTPTypes
import Hummingbird
import NIOCore

extension ServiceAssembly {
    /// What answers the requests of the service: its routes, the operational ones, and what surrounds them all.
    ///
    /// To be called once, since it adds routes to the router.
    package func responder(base: ServiceBase, readiness: Readiness) -> StandardResponder {
        OperationalRoutes.add(to: router, readiness: readiness, openAPI: openAPI, metrics: .process)
        return StandardResponder(router, base: base)
    }
}

/// The routes that every service has for those who run it: health, metrics and its OpenAPI document.
enum OperationalRoutes {
    static func add(to router: Router<AppContext>, readiness: Readiness, openAPI: [UInt8], metrics: PrometheusRegistry)
    {
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
        router.getAndHead("/openapi.yaml") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/yaml", .cacheControl: "no-cache"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: openAPI)))
        }
    }

    private struct LiveAnswer: Encodable {
        let status: String
    }
}
