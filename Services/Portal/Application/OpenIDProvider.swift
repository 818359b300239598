import Async
package import AuthenticationClients
package import ContractCore
import Crypto
import Keys
package import PortalDomain
package import Vocabulary
package import Web

/// What the provider did not do.
package enum ProviderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It did not answer, or answered with what is no answer.
    case unavailable(String)
    /// It gives this person no more: `invalid_grant`, for a code or a refresh token that does not hold.
    ///
    /// Every other refusal is a matter between two machines, and is ``unavailable(_:)``.
    case invalidGrant
    /// A token is not the provider's, or is none.
    case invalidToken(String)

    package var description: String {
        switch self {
        case .unavailable(let what): "the identity provider is unavailable: \(what)"
        case .invalidGrant: "the identity provider refused: invalid_grant"
        case .invalidToken(let why): "a token of the identity provider does not hold: \(why)"
        }
    }

    init(_ error: RemoteError) {
        self = error.problem?.code == "invalid_grant" ? .invalidGrant : .unavailable("\(error)")
    }
}

/// What a browser takes to the provider.
package struct AuthorizationRequest: Sendable {
    let state: String
    let nonce: String
    /// S256 of the PKCE verifier, base64url.
    let challenge: String
    let language: Language
    /// The weakest sign-in that is accepted.
    let minimum: Acr
    /// Whether the person has to show her digital key again.
    let asksAgain: Bool
}

/// The OpenID Provider as the portal uses it: found by discovery, addressed with `private_key_jwt`.
///
/// The signatures of what it sends are checked with the keys that the service follows anyway to verify access tokens.
package final class OpenIDProvider: Sendable {
    private static let metadataLifetime: Duration = .seconds(3600)

    /// Who the provider is: the `iss` of all it signs.
    package let issuer: String
    /// Who the portal is there.
    package let clientID: String
    private let scope: String
    /// The APIs that the portal calls, as audiences of its access tokens.
    private let resources: [String]
    private let redirectAddress: String
    private let signedOutAddress: String
    /// The audiences by which tokens name the APIs.
    let audiences: AudienceURIs
    private let keys: IssuerKeys
    private let now: @Sendable () -> Instant
    private let client: AuthenticationClient
    private let discovered = Guarded<(value: OpenIDConfiguration, until: Instant)?>(nil)

    /// A provider for a portal.
    ///
    /// - Parameters:
    ///   - client: calls the provider; `issuer` is what it signs as.
    ///   - portal: the base address of the portal, without a slash at its end.
    ///   - verifier: has its keys, and knows the audiences of the APIs.
    ///   - scopes: what the portal asks for; `openid` is among them.
    ///   - apis: the APIs that it calls, the one that it calls first at the head.
    package init(
        client: AuthenticationClient, issuer: String, portal: String, verifier: AccessTokenVerifier,
        now: @escaping @Sendable () -> Instant, clientID: String, scopes: [String], apis: [APIAudience]
    ) {
        self.client = client
        self.issuer = issuer
        audiences = verifier.audiences
        keys = verifier.keys
        self.now = now
        self.clientID = clientID
        scope = scopes.joined(separator: " ")
        resources = apis.map { verifier.audiences[$0] }
        redirectAddress = portal + PortalPaths.callback
        signedOutAddress = portal + PortalPaths.signedOut
    }

    /// Where to send the browser for a sign-in.
    package func authorizationAddress(
        _ request: AuthorizationRequest, origin: CallOrigin
    ) async throws(ProviderError) -> String {
        Self.address(
            try await configuration(origin: origin).authorizationEndpoint,
            [
                ("response_type", "code"), ("client_id", clientID), ("redirect_uri", redirectAddress),
                ("scope", scope), ("state", request.state), ("nonce", request.nonce),
                ("code_challenge", request.challenge), ("code_challenge_method", "S256"),
                ("acr_values", request.minimum.uri), ("ui_locales", request.language.rawValue),
            ] + (request.asksAgain ? [("prompt", "login")] : []) + resources.map { ("resource", $0) })
    }

    /// Where to send the browser to sign out everywhere; nothing when the provider has no such place.
    package func endSessionAddress(idToken: String, origin: CallOrigin) async throws(ProviderError) -> String? {
        guard let endpoint = try await configuration(origin: origin).endSessionEndpoint else { return nil }
        return Self.address(
            endpoint,
            [("id_token_hint", idToken), ("client_id", clientID), ("post_logout_redirect_uri", signedOutAddress)])
    }

    /// The audience of the access token that comes with a code.
    package var firstAudience: String? { resources.first }

    /// Exchanges the code of a callback for tokens, the access token for ``firstAudience``.
    package func exchange(
        code: String, verifier: String, origin: CallOrigin
    ) async throws(ProviderError) -> TokenResponse {
        do {
            return try await client.tokens(
                code: code, codeVerifier: verifier, redirectURI: redirectAddress, resource: firstAudience,
                origin: origin)
        } catch {
            throw ProviderError(error)
        }
    }

    /// Gets an access token for an audience, and a new ID token.
    package func refresh(
        _ refreshToken: String, resource: String, origin: CallOrigin
    ) async throws(ProviderError) -> TokenResponse {
        do {
            return try await client.tokens(refreshToken: refreshToken, resource: resource, origin: origin)
        } catch {
            throw ProviderError(error)
        }
    }

    private func configuration(origin: CallOrigin) async throws(ProviderError) -> OpenIDConfiguration {
        let now = now()
        if let known = discovered.withLock({ $0 }), now < known.until { return known.value }
        let found: OpenIDConfiguration
        do {
            found = try await client.configuration(origin: origin)
        } catch {
            throw .unavailable("discovery: \(error)")
        }
        guard found.issuer == issuer else { throw .unavailable("discovery names another issuer") }
        discovered.withLock { $0 = (found, now.adding(Self.metadataLifetime)) }
        return found
    }

    private static func address(_ endpoint: String, _ fields: [(String, String)]) -> String {
        endpoint + (endpoint.contains("?") ? "&" : "?") + FormEncoding.encode(fields)
    }
}

// MARK: - Tokens

extension OpenIDProvider {
    /// The claims of an ID token whose signature holds.
    package func identity(idToken: String) async throws(ProviderError) -> IdentityClaims {
        try await verified(idToken, type: "jwt", as: IdentityTokenPayload.self).claims
    }

    /// The claims of a logout token whose signature holds.
    package func logout(logoutToken: String) async throws(ProviderError) -> LogoutClaims {
        try await verified(logoutToken, type: "logout+jwt", as: LogoutTokenPayload.self).claims
    }

    private func verified<Payload: Decodable & Sendable>(
        _ token: String, type expected: String, as _: Payload.Type
    ) async throws(ProviderError) -> Payload {
        guard let parsed = CompactJWS(token), let keyID = parsed.keyID, let payload: Payload = parsed.claims() else {
            throw .invalidToken("it is no signed token with a key id and the claims it must have")
        }
        guard parsed.type ?? "jwt" == expected else { throw .invalidToken("it is of another type") }
        var key = keys.key(keyID)
        if key == nil { key = await keys.fetchedKey(keyID) }
        guard let key else {
            throw keys.isLoaded ? .invalidToken("its key is unknown") : .unavailable("its keys are not loaded yet")
        }
        guard parsed.isSigned(by: key) else { throw .invalidToken("its signature does not hold") }
        return payload
    }
}
