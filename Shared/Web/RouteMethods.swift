import HTTPTypes
import Hummingbird

/// Which methods a path has, for requests that no route matched: the router does not tell a path without any route
/// from one whose routes have other methods.
struct RouteMethods: Sendable {
    private struct Entry: Sendable {
        /// The segments; nil for one that may be anything.
        let segments: [String?]
        let method: HTTPRequest.Method
    }
    private let entries: [Entry]

    init(_ router: Router<AppContext>) {
        entries = router.routes.map { route in
            Entry(segments: Self.segments("\(route.path)").map { Self.isCapture($0) ? nil : $0 }, method: route.method)
        }
    }

    /// The methods that the path answers, in alphabetical order: HEAD wherever there is GET.
    func methods(at path: String) -> [HTTPRequest.Method] {
        var methods = declared(at: path)
        if methods.contains(.get) { methods.insert(.head) }
        return methods.sorted { $0.rawValue < $1.rawValue }
    }

    /// The methods of the routes that fit the path.
    func declared(at path: String) -> Set<HTTPRequest.Method> {
        let asked = Self.segments(path)
        let fitting = entries.filter { entry in
            entry.segments.count == asked.count
                && zip(entry.segments, asked).allSatisfy { $0 == nil || $0 == $1 }
        }
        return Set(fitting.map(\.method))
    }

    private static func segments(_ path: String) -> [String] {
        path.split(separator: "/").map(String.init)
    }

    private static func isCapture(_ segment: String) -> Bool {
        segment.hasPrefix(":") || segment.hasPrefix("{") || segment == "*"
    }
}
