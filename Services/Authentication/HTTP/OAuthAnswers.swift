import AuthenticationDomain
import ContractCore
import HTTPTypes
import Hummingbird
import Pages
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
    func response() throws -> Response {
        let status: HTTPResponse.Status =
            switch code {
            case .invalidClient: .unauthorized
            case .temporarilyUnavailable: .serviceUnavailable
            default: .badRequest
            }
        return try .json(OAuthErrorBody(error: code.rawValue, description: detail), status: status)
    }
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
