import HTTPTypes
import Hummingbird
import Logging

/// One line per request: who asked for which route, how it ended and how long it took.
///
/// Never an address or a query.
enum RequestLog {
    /// The routes of machines that look every few seconds; their successes are not worth a line.
    static func isRoutine(route: String, status: HTTPResponse.Status) -> Bool {
        status.code < 400 && (route.hasPrefix("/health/") || route == "/metrics")
    }

    static func write(
        context: AppContext, method: HTTPRequest.Method, route: String, status: HTTPResponse.Status, elapsed: Duration
    ) {
        let level: Logger.Level = status.code >= 500 ? .warning : .info
        context.logger.log(
            level: level, "Request answered",
            metadata: [
                "method": "\(method.rawValue)", "route": "\(route)", "status": "\(status.code)",
                "milliseconds": "\(elapsed.milliseconds)",
            ])
    }
}

extension Duration {
    /// Thousandths of a second with one decimal, as text.
    var milliseconds: String {
        let tenths = (components.seconds * 10_000) + components.attoseconds / 100_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
