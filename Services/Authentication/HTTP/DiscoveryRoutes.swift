import ContractCore
import HTTPTypes
import Hummingbird
import NIOCore
import Vocabulary
import Web

/// What anybody may know of this provider.
///
/// | route | who |
/// | --- | --- |
/// | GET /.well-known/openid-configuration | anybody |
/// | GET /.well-known/oauth-authorization-server | anybody: the same document (RFC 8414) |
/// | GET /jwks | anybody |
struct DiscoveryRoutes: Sendable {
    let issuer: String
    let signer: TokenSigner

    func add(to router: Router<AppContext>) {
        for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            router.getAndHead(RouterPath(path)) { _, _ in
                var response = try Response.json(ProviderMetadata(issuer: issuer))
                response.headers[.cacheControl] = "public, max-age=300"
                return response
            }
        }
        router.getAndHead("/jwks") { _, _ in
            let headers: HTTPFields = [
                .contentType: "application/jwk-set+json", .cacheControl: "public, max-age=300",
            ]
            return Response(
                status: .ok, headers: headers,
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: signer.keySet)))
        }
    }
}

/// The metadata of OpenID Connect Discovery, with what RFC 8414, RFC 9207 and the logout specifications add.
private struct ProviderMetadata: Encodable {
    let issuer: String

    private enum Keys: String, CodingKey {
        case issuer
        case authorizationEndpoint = "authorization_endpoint"
        case tokenEndpoint = "token_endpoint"
        case userinfoEndpoint = "userinfo_endpoint"
        case keySet = "jwks_uri"
        case introspectionEndpoint = "introspection_endpoint"
        case revocationEndpoint = "revocation_endpoint"
        case endSessionEndpoint = "end_session_endpoint"
        case scopes = "scopes_supported"
        case responseTypes = "response_types_supported"
        case responseModes = "response_modes_supported"
        case grantTypes = "grant_types_supported"
        case acrValues = "acr_values_supported"
        case subjectTypes = "subject_types_supported"
        case signingAlgorithms = "id_token_signing_alg_values_supported"
        case tokenAuthentication = "token_endpoint_auth_methods_supported"
        case tokenAuthenticationAlgorithms = "token_endpoint_auth_signing_alg_values_supported"
        case introspectionAuthentication = "introspection_endpoint_auth_methods_supported"
        case introspectionAlgorithms = "introspection_endpoint_auth_signing_alg_values_supported"
        case revocationAuthentication = "revocation_endpoint_auth_methods_supported"
        case revocationAlgorithms = "revocation_endpoint_auth_signing_alg_values_supported"
        case challengeMethods = "code_challenge_methods_supported"
        case claims = "claims_supported"
        case locales = "ui_locales_supported"
        case promptValues = "prompt_values_supported"
        case requestParameter = "request_parameter_supported"
        case requestURIParameter = "request_uri_parameter_supported"
        case issuerParameter = "authorization_response_iss_parameter_supported"
        case backChannelLogout = "backchannel_logout_supported"
        case backChannelLogoutSession = "backchannel_logout_session_supported"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(issuer, forKey: .issuer)
        try container.encode(issuer + "/authorize", forKey: .authorizationEndpoint)
        try container.encode(issuer + "/token", forKey: .tokenEndpoint)
        try container.encode(issuer + "/userinfo", forKey: .userinfoEndpoint)
        try container.encode(issuer + "/jwks", forKey: .keySet)
        try container.encode(issuer + "/introspect", forKey: .introspectionEndpoint)
        try container.encode(issuer + "/revoke", forKey: .revocationEndpoint)
        try container.encode(issuer + "/end-session", forKey: .endSessionEndpoint)
        try container.encode(
            Scope.ofPersons.sorted(), forKey: .scopes)
        try container.encode(["code"], forKey: .responseTypes)
        try container.encode(["query"], forKey: .responseModes)
        try container.encode(["authorization_code", "refresh_token", "client_credentials"], forKey: .grantTypes)
        try container.encode(Acr.levels.compactMap { Acr(level: $0)?.uri }, forKey: .acrValues)
        try container.encode(["pairwise"], forKey: .subjectTypes)
        for key in [Keys.tokenAuthentication, .introspectionAuthentication, .revocationAuthentication] {
            try container.encode(["private_key_jwt"], forKey: key)
        }
        for key in [
            Keys.signingAlgorithms, .tokenAuthenticationAlgorithms, .introspectionAlgorithms, .revocationAlgorithms,
        ] {
            try container.encode(["ES256"], forKey: key)
        }
        try container.encode(["S256"], forKey: .challengeMethods)
        try container.encode(
            [
                "sub", "sid", "acr", "amr", "auth_time", "nonce", "acting_as", "given_name", "family_name", "locale",
            ], forKey: .claims)
        try container.encode(Language.allCases.map(\.rawValue), forKey: .locales)
        try container.encode(["none", "login", "select_account", "consent"], forKey: .promptValues)
        try container.encode(false, forKey: .requestParameter)
        try container.encode(false, forKey: .requestURIParameter)
        for key in [Keys.issuerParameter, .backChannelLogout, .backChannelLogoutSession] {
            try container.encode(true, forKey: key)
        }
    }
}
