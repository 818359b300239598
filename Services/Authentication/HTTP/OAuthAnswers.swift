import AuthenticationDomain
import ContractCore
import HTTPTypes
import Hummingbird
import Web

/// The body of an error of OAuth 2.0 (RFC 6749 section 5.2).
private struct OAuthErrorBody: Encodable {
    let error: String
    let description: String

    private enum CodingKeys: String, CodingKey {
        case error
        case description = "error_description"
    }
}

extension OAuthError {
    /// The answer of an endpoint that clients call: 401 for a client that is not believed, otherwise 400.
    ///
    /// - Parameter request: what it answers: who tried by an Authorization header is answered in its scheme.
    func response(to request: Request) throws -> Response {
        let status: HTTPResponse.Status =
            switch code {
            case .invalidClient: .unauthorized
            case .temporarilyUnavailable: .serviceUnavailable
            default: .badRequest
            }
        var response = try Response.json(OAuthErrorBody(error: code.rawValue, description: detail), status: status)
        if status == .unauthorized { response.headers[.wwwAuthenticate] = Self.challenge(to: request) }
        return response.unkept
    }

    /// What a 401 must say (RFC 9110 section 15.5.2).
    ///
    /// The scheme of a client that tried by a header is named again (RFC 6749 section 5.2); for an assertion in the
    /// form no scheme is registered, so its method stands for it.
    private static func challenge(to request: Request) -> String {
        let tried = request.headers[.authorization]?.split(separator: " ").first.map { $0.lowercased() }
        return tried == "basic" ? "Basic realm=\"clients\"" : "private_key_jwt realm=\"clients\""
    }
}

extension Response {
    /// The answer with what keeps it out of the caches of HTTP/1.0 as well (RFC 6749 section 5.1).
    var unkept: Response {
        var response = self
        response.headers[.cacheControl] = "no-store"
        response.headers[.pragma] = "no-cache"
        return response
    }
}

/// A client id as the log has it: whoever sent it may have sent anything.
func loggable(clientID: String?) -> String {
    guard let clientID, !clientID.isEmpty else { return "none" }
    let printable = clientID.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    return printable && clientID.utf8.count <= 100 ? clientID : "malformed"
}

/// Redirects a browser back to a portal with parameters (RFC 6749 section 4.1.2), among them `iss` (RFC 9207).
func portalRedirect(_ uri: String, _ parameters: [(String, String)], issuer: String) -> Response {
    let query = FormEncoding.encode(parameters + [("iss", issuer)])
    return .seeOther(uri + (uri.contains("?") ? "&" : "?") + query)
}

/// A form that a client sends to an endpoint of OAuth; whatever is wrong with it is `invalid_request`.
func oauthForm(_ request: Request) async throws(OAuthError) -> FormData {
    do {
        return try await FormData.read(request)
    } catch {
        throw OAuthError(.invalidRequest, error.detail ?? "the form cannot be read")
    }
}
