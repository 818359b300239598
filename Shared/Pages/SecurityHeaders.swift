package import HTTPTypes
package import Hummingbird

/// The headers that keep a page to itself.
package enum SecurityHeaders {
    /// What every answer to a browser carries.
    package static let common: HTTPFields = {
        var headers = HTTPFields()
        set("X-Content-Type-Options", "nosniff", in: &headers)
        set("Referrer-Policy", "same-origin", in: &headers)
        set("Cross-Origin-Opener-Policy", "same-origin", in: &headers)
        set("Cross-Origin-Resource-Policy", "same-origin", in: &headers)
        set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()", in: &headers)
        return headers
    }()

    /// The policy of a page: our own stylesheet and icon, our own forms, no script, no frame.
    ///
    /// - Parameter formTargets: further origins that a form may end at.
    package static func contentSecurityPolicy(formTargets: [String] = []) -> String {
        let forms = (["'self'"] + formTargets).joined(separator: " ")
        return "default-src 'none'; style-src 'self'; img-src 'self'; form-action \(forms); "
            + "frame-ancestors 'none'; base-uri 'none'"
    }

    /// The headers of a page, which nobody may keep a copy of.
    package static func forPage(formTargets: [String] = []) -> HTTPFields {
        var headers = common
        set("Content-Security-Policy", contentSecurityPolicy(formTargets: formTargets), in: &headers)
        headers[.cacheControl] = "no-store"
        return headers
    }

    private static func set(_ name: String, _ value: String, in headers: inout HTTPFields) {
        guard let field = HTTPField.Name(name) else { return }
        headers[field] = value
    }
}

/// Gives every answer of the routes below it the headers of ``SecurityHeaders``, where it has none of its own.
package struct SecurityHeadersMiddleware<Context: RequestContext>: RouterMiddleware {
    private let https: Bool

    /// - Parameter https: whether browsers reach the service over TLS, so that they may be told to stay there.
    package init(https: Bool) {
        self.https = https
    }

    package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for field in SecurityHeaders.forPage() where !response.headers.contains(field.name) {
            response.headers[field.name] = field.value
        }
        if https, let name = HTTPField.Name("Strict-Transport-Security") {
            response.headers[name] = "max-age=31536000; includeSubDomains"
        }
        return response
    }
}
