import AuthenticationDomain
import ContractCore
import HTTPTypes
import Hummingbird
import NIOCore
import Pages
import Process
import Vocabulary
import Web

/// The endpoints that clients call, each authenticated by `private_key_jwt`.
///
/// | route | who |
/// | --- | --- |
/// | POST /token | a registered client |
/// | POST /introspect | a registered client, for tokens that are its own or meant for it |
/// | POST /revoke | a registered client, for its own tokens |
/// | GET /userinfo | the bearer of a person's access token with the scope `openid` |
struct TokenRoutes: Sendable {
    private let site: AuthenticationSite

    init(_ site: AuthenticationSite) {
        self.site = site
    }

    func add(to router: Router<AppContext>) {
        router.post("/token") { request, context in
            try await answer {
                let form = try await oauthForm(request)
                return try await token(form, request, context)
            }
        }
        router.post("/introspect") { request, _ in
            try await answer {
                let (client, token) = try await authenticated(request, endpoint: "/introspect")
                return try Response.json(
                    try await IntrospectToken(site.essentials, verifier: site.base.verifier)(token, client: client))
            }
        }
        router.post("/revoke") { request, context in
            try await answer {
                let (client, token) = try await authenticated(request, endpoint: "/revoke")
                try await RevokeToken(site.essentials)(token, client: client, facts: site.facts(request, context))
                return .empty(.ok)
            }
        }
        router.group().add(middleware: BearerAuthentication(site.base.verifier, audience: .authentication))
            .get("/userinfo") { _, context in
                let person = try context.requirePerson(scope: "openid")
                guard let info = try await ReadUserInfo(site.essentials)(person) else {
                    throw Problem.tokenInvalid("The session of this access token has ended.")
                }
                return try Response.json(info)
            }
    }

    /// Answers with what the body makes, or with the OAuth error that it throws.
    private func answer(_ body: () async throws -> Response) async throws -> Response {
        do {
            return try await body()
        } catch let error as OAuthError {
            return try error.response()
        } catch is NoSigningKey {
            return try OAuthError(.temporarilyUnavailable, "there is no signing key yet").response()
        }
    }

    private func client(_ form: FormData, endpoint: String) async throws -> Client {
        try await AuthenticateClient(site.essentials)(
            .init(
                clientID: form["client_id"], assertionType: form["client_assertion_type"],
                assertion: form["client_assertion"]),
            endpoint: endpoint)
    }

    private func authenticated(
        _ request: Request, endpoint: String
    ) async throws -> (client: Client, token: String) {
        let form = try await oauthForm(request)
        let client = try await client(form, endpoint: endpoint)
        return (client, try required("token", form))
    }

    private func required(_ name: String, _ form: FormData) throws(OAuthError) -> String {
        guard let value = form[name], !value.isEmpty else { throw OAuthError(.invalidRequest, "\(name) is required") }
        return value
    }

    private func token(
        _ form: FormData, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let client = try await client(form, endpoint: "/token")
        let facts = site.facts(request, context)
        let scopes = try scopes(form)
        switch try required("grant_type", form) {
        case "authorization_code":
            return try .json(
                try await ExchangeCode(site.essentials)(
                    code: try required("code", form), redirectURI: try required("redirect_uri", form),
                    verifier: try required("code_verifier", form), client: client, facts: facts))
        case "refresh_token":
            return try .json(
                try await RefreshTokens(site.essentials)(
                    try required("refresh_token", form), scopes: scopes, client: client, facts: facts))
        case "client_credentials":
            return try .json(try IssueServiceToken(site.essentials)(scopes: scopes, client: client))
        default:
            throw OAuthError(.unsupportedGrantType, "the grant type is not supported")
        }
    }

    private func scopes(_ form: FormData) throws(OAuthError) -> [String]? {
        guard let text = form["scope"], !text.isEmpty else { return nil }
        guard let scopes = ScopeRule.parse(text) else { throw OAuthError(.invalidScope, "scope is malformed") }
        return scopes
    }
}
