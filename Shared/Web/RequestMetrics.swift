import HTTPTypes
import Metrics
import Synchronization

/// Counts and times requests by method, route pattern and status.
final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }
    private struct Instruments {
        let count: Counter
        let time: Timer
    }
    private let instruments = Mutex<[Key: Instruments]>([:])
    private let active = Meter(label: "http_server_active_requests")

    func begin() { active.increment() }

    func end(method: HTTPRequest.Method, route: String, status: HTTPResponse.Status, elapsed: Duration) {
        active.decrement()
        let key = Key(method: Self.known(method), route: route, status: status.code)
        let instruments = instruments.withLock { all in
            if let known = all[key] { return known }
            let made = Self.make(key)
            all[key] = made
            return made
        }
        instruments.count.increment()
        let (seconds, attoseconds) = elapsed.components
        instruments.time.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    private static func make(_ key: Key) -> Instruments {
        let dimensions = [("method", key.method), ("route", key.route), ("status", "\(key.status)")]
        return Instruments(
            count: Counter(label: "http_server_requests_total", dimensions: dimensions),
            time: Timer(label: "http_server_request_duration_seconds", dimensions: dimensions))
    }

    /// A method that is none of HTTP's is whatever a stranger sent; it becomes one label.
    private static func known(_ method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .delete, .options, .patch: method.rawValue
        default: "other"
        }
    }
}
