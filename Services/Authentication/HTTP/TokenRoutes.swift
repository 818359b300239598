import AuthenticationDomain
import ContractCore
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
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
/// | GET, POST /userinfo | the bearer of a person's access token for the issuer |
struct TokenRoutes: Sendable {
    let site: AuthenticationSite
    let authenticate: AuthenticateClient
    let exchange: ExchangeCode
    let refresh: RefreshTokens
    let issue: IssueServiceToken
    let introspect: IntrospectToken
    let revoke: RevokeToken
    let userInfo: ReadUserInfo

    func add(to router: Router<AppContext>) {
        router.post("/token") { request, context in
            try await answer(request, context) {
                let form = try await oauthForm(request)
                return try await token(form, request, context)
            }
        }
        router.post("/introspect") { request, context in
            try await answer(request, context) {
                let (client, token) = try await authenticated(request)
                return try Response.json(
                    try await introspect(token, client: client))
            }
        }
        router.post("/revoke") { request, context in
            try await answer(request, context) {
                let (client, token) = try await authenticated(request)
                try await revoke(token, client: client, act: site.act(request, context))
                return .empty(.ok)
            }
        }
        router.group().add(middleware: BearerAuthentication(forIssuer: site.base.verifier))
            .getAndHead("/userinfo", use: answerUserInfo)
            .post("/userinfo", use: answerUserInfo)
    }

    @Sendable private func answerUserInfo(_ request: Request, _ context: AppContext) async throws -> Response {
        let person = try context.requirePerson(scope: Scope.openID)
        guard let info = try await userInfo(person) else {
            throw Problem.tokenInvalid("What the access token belongs to has ended.")
        }
        return try Response.json(info)
    }

    /// Answers with what the body makes, or with the OAuth error that it throws.
    private func answer(
        _ request: Request, _ context: AppContext, _ body: () async throws -> Response
    ) async throws -> Response {
        do {
            return try await body()
        } catch let refusal as ClientAuthenticationRefusal {
            context.logger.notice(
                "Client authentication refused",
                metadata: [
                    "reason": "\(refusal.flaw.rawValue)", "client": "\(loggable(clientID: refusal.claimedClient))",
                ])
            return try refusal.answer.response(to: request)
        } catch let error as OAuthError {
            return try error.response(to: request)
        } catch is NoSigningKey {
            return try OAuthError(.temporarilyUnavailable, "there is no signing key yet").response(to: request)
        }
    }

    private func client(_ form: FormData, _ request: Request) async throws -> Client {
        let otherWay = form["client_secret"] != nil || request.headers[.authorization] != nil
        return try await authenticate(
            .init(
                clientID: form["client_id"], assertionType: form["client_assertion_type"],
                assertion: form["client_assertion"], triesAnotherWay: otherWay,
                code: form["grant_type"] == "authorization_code" ? form["code"] : nil))
    }

    private func authenticated(_ request: Request) async throws -> (client: Client, token: String) {
        let form = try await oauthForm(request)
        let client = try await client(form, request)
        return (client, try required("token", form))
    }

    private func required(_ name: String, _ form: FormData) throws(OAuthError) -> String {
        guard let value = form[name], !value.isEmpty else { throw OAuthError(.invalidRequest, "\(name) is required") }
        return value
    }

    private func token(
        _ form: FormData, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let client = try await client(form, request)
        let act = site.act(request, context)
        let scopes = try scopes(form)
        let resource = form["resource"].flatMap { $0.isEmpty ? nil : $0 }
        switch try required("grant_type", form) {
        case "authorization_code":
            return try Response.json(
                try await exchange(
                    code: try required("code", form), redirectURI: try required("redirect_uri", form),
                    verifier: try required("code_verifier", form), resource: resource, client: client, act: act)
            ).unkept
        case "refresh_token":
            return try Response.json(
                try await refresh(
                    try required("refresh_token", form), scopes: scopes, resource: resource, client: client,
                    act: act)
            ).unkept
        case "client_credentials":
            return try Response.json(
                try issue(scopes: scopes, resource: resource, client: client)
            ).unkept
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
