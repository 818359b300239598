package import Vocabulary

/// A registered application: a portal that signs people in, or a service of the suite.
package struct Client: Hashable, Sendable {
    /// What the client may do.
    package enum Kind: String, Sendable, Codable {
        /// Signs people in by the authorization code flow, and may act for itself as well.
        case portal
        /// Acts for itself alone, by client credentials.
        case service
    }

    package let id: String
    /// The name people read on the pages.
    package let name: String
    package let kind: Kind
    /// Compared character by character.
    package let redirectURIs: [String]
    package let postLogoutRedirectURIs: [String]
    /// Where logout tokens are posted; `nil` when the client wants none.
    package let backChannelLogoutURI: String?
    /// Where a person starts anew at the portal (OpenID Connect Core section 4); every portal has one.
    package let initiateLoginURI: String?
    /// The scopes it may ask for on behalf of a person who signs in.
    package let personScopes: Set<String>
    /// The scopes it may ask for in its own name.
    package let ownScopes: Set<String>
    /// The URIs of the APIs that its access tokens may be for.
    package let audiences: [String]
    /// What an authorization request demands when it names no level.
    package let defaultAcr: Acr

    package init(
        id: String, name: String, kind: Kind, redirectURIs: [String], postLogoutRedirectURIs: [String],
        backChannelLogoutURI: String?, initiateLoginURI: String?, personScopes: Set<String>, ownScopes: Set<String>,
        audiences: [String],
        defaultAcr: Acr
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.redirectURIs = redirectURIs
        self.postLogoutRedirectURIs = postLogoutRedirectURIs
        self.backChannelLogoutURI = backChannelLogoutURI
        self.initiateLoginURI = initiateLoginURI
        self.personScopes = personScopes
        self.ownScopes = ownScopes
        self.audiences = audiences
        self.defaultAcr = defaultAcr
    }
}

/// An error of OAuth 2.0 or OpenID Connect, as the protocol names it.
package struct OAuthError: Error, Hashable, Sendable {
    /// The registered error codes that this provider answers with.
    package enum Code: String, Sendable {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case invalidScope = "invalid_scope"
        case invalidTarget = "invalid_target"
        case unauthorizedClient = "unauthorized_client"
        case unsupportedGrantType = "unsupported_grant_type"
        case unsupportedResponseType = "unsupported_response_type"
        case accessDenied = "access_denied"
        case loginRequired = "login_required"
        case interactionRequired = "interaction_required"
        case requestNotSupported = "request_not_supported"
        case requestURINotSupported = "request_uri_not_supported"
        case unmetAuthenticationRequirements = "unmet_authentication_requirements"
        case temporarilyUnavailable = "temporarily_unavailable"
    }

    package let code: Code
    /// For the developer of the client: what was wrong.
    ///
    /// Never a secret, never a value that was sent.
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}

/// The rules of a scope parameter (RFC 6749 section 3.3).
package enum ScopeRule {
    /// Splits a scope parameter; `nil` when a token is malformed, or there are more than 20.
    package static func parse(_ text: String) -> [String]? {
        let tokens = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard text.utf8.count <= 1024, tokens.count <= 20 else { return nil }
        guard tokens.allSatisfy({ $0.unicodeScalars.allSatisfy(allows) }) else { return nil }
        var seen: Set<String> = []
        return tokens.filter { seen.insert($0).inserted }
    }

    private static func allows(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value == 0x21 || (0x23...0x5b).contains(scalar.value) || (0x5d...0x7e).contains(scalar.value)
    }
}
