import ContractCore
package import FoundationEssentials
import HTTPTypes
package import Hummingbird
package import Keys
import Logging
import Metrics
import Telemetry
package import Vocabulary

/// What happens to every request of every service, around its router.
///
/// It gives the request an id and a trace, counts and times it by its route pattern, writes one line about it to the
/// log, and turns whatever is thrown into a problem. It stands outside the router, so that no route can miss it.
package struct StandardResponder: HTTPResponder {
    private let inner: RouterResponder<AppContext>
    private let newRequestID: @Sendable () -> String
    private let random: RandomBytes
    private let metrics: RequestMetrics
    private let routes: RouteMethods

    /// A responder around a service's router.
    ///
    /// - Parameters:
    ///   - router: The service's routes, complete.
    ///   - newID: Makes the ids of requests that come without one.
    ///   - random: Makes the ids of traces and spans.
    package init(_ router: Router<AppContext>, newID: @escaping @Sendable () -> UUID, random: RandomBytes) {
        inner = router.buildResponder()
        newRequestID = { newID().uuidString.lowercased() }
        self.random = random
        metrics = RequestMetrics()
        routes = RouteMethods(router)
    }

    package func respond(to request: Request, context: AppContext) async throws -> Response {
        let context = prepared(context, for: request)
        let started = ContinuousClock.now
        metrics.begin()
        var response: Response
        do {
            response =
                isUntouchedHead(request) ? .untouched : try await inner.respond(to: request, context: context)
            // What the router itself refuses comes without a body, and so without an explanation.
            if response.status.code >= 400, response.headers[.contentType] == nil {
                response = try explained(response, to: request, context: context)
            }
        } catch {
            response = try ErrorAnswer.response(to: error, context: context)
        }
        response.headers[.requestID] = context.requestID
        response.headers[.contentTypeOptions] = "nosniff"
        let elapsed = ContinuousClock.now - started
        // A path that no route matches is whatever a stranger typed; it becomes one label.
        let route = context.endpointPath ?? "unmatched"
        metrics.end(method: request.method, route: route, status: response.status, elapsed: elapsed)
        if !RequestLog.isRoutine(route: route, status: response.status) {
            RequestLog.write(
                context: context, method: request.method, route: route, status: response.status, elapsed: elapsed)
        }
        return response
    }

    /// Whether it is the HEAD of an address whose GET is not known to be without effect.
    private func isUntouchedHead(_ request: Request) -> Bool {
        guard request.method == .head else { return false }
        let methods = routes.declared(at: request.uri.path)
        return methods.contains(.get) && !methods.contains(.head)
    }

    private func explained(_ bare: Response, to request: Request, context: AppContext) throws -> Response {
        let allowed = bare.status == .notFound ? routes.methods(at: request.uri.path) : []
        guard allowed.isEmpty else {
            var response = try Problem(.methodNotAllowed).response(instance: context.requestID)
            response.headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
            return response
        }
        return try ErrorAnswer.response(to: HTTPError(bare.status), context: context)
    }

    private func prepared(_ context: AppContext, for request: Request) -> AppContext {
        var context = context
        context.requestID = RequestID.wellFormed(request.headers[.requestID]) ?? newRequestID()
        let words = random.words()
        let caller = request.headers[.traceParent].flatMap { TraceContext(header: $0) }
        context.trace =
            caller?.child(span: words.0)
            ?? TraceContext(high: words.0, low: words.1, span: random.words().0, sampled: false)
        context.onlyReads = [.get, .head, .options].contains(request.method)
        context.language = LanguagePreference.language(of: request)
        context.logger[metadataKey: "requestId"] = "\(context.requestID)"
        context.logger[metadataKey: "traceId"] = "\(context.trace.traceID)"
        context.logger[metadataKey: "hb.request.id"] = nil
        return context
    }
}

/// Which request ids of callers are taken over.
package enum RequestID {
    /// The id when it has 8 to 64 characters out of letters, digits, `-`, `_` and `.`; nil otherwise.
    ///
    /// An id that could be a national number is not taken over, since it would be logged.
    package static func wellFormed(_ header: String?) -> String? {
        guard let header, (8...64).contains(header.utf8.count),
            header.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }), Redaction.redact(header) == header
        else { return nil }
        return header
    }
}

/// The language of an answer, by `Accept-Language`.
package enum LanguagePreference {
    /// The first of our languages in the order of the header's weights; Dutch when none is named.
    package static func language(of request: Request) -> Language {
        request.headers[.acceptLanguage].flatMap { language(header: $0) } ?? .nl
    }

    static func language(header: String) -> Language? {
        let ranges = header.split(separator: ",").prefix(16).enumerated().compactMap {
            index, range -> (Language, Double, Int)? in
            let parts = range.split(separator: ";").map { $0.trimmedBlanks }
            guard let tag = parts.first?.split(separator: "-").first,
                let language = Language(rawValue: tag.lowercased())
            else { return nil }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            return weight > 0 ? (language, weight, index) : nil
        }
        return ranges.max { ($0.1, -$0.2) < ($1.1, -$1.2) }?.0
    }
}
