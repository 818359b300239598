package import ContractCore
package import Hummingbird
import Vocabulary

/// Demands an access token for one API in `Authorization: Bearer` and puts the caller in the context.
///
/// Deny by default: without a token, or with one that does not hold, the request ends with 401 and nothing behind this
/// middleware runs.
package struct BearerAuthentication: RouterMiddleware {
    private let verifier: AccessTokenVerifier
    private let audience: APIAudience?

    /// A guard for the routes added to the group after it.
    package init(_ verifier: AccessTokenVerifier, audience: APIAudience) {
        self.verifier = verifier
        self.audience = audience
    }

    /// A guard for routes that take the issuer's own tokens, which open no API.
    package init(forIssuer verifier: AccessTokenVerifier) {
        self.verifier = verifier
        audience = nil
    }

    package func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard let token = request.bearerToken else { throw Problem.tokenMissing }
        var context = context
        if let audience {
            context.caller = try await verifier.verify(token, audience: audience)
        } else {
            context.caller = try await verifier.verifyForIssuer(token)
        }
        return try await next(request, context)
    }
}

extension Request {
    /// The token of `Authorization: Bearer`; nil without one.
    ///
    /// A second Authorization header makes it nil as well.
    package var bearerToken: String? {
        let fields = headers[values: .authorization]
        guard let header = fields.first, fields.count == 1, header.utf8.count <= 8192 else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1].trimmedBlanks)
    }
}
