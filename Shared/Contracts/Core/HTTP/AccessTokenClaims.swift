package import Vocabulary

/// The claims of an access token (RFC 9068, `typ` is `at+jwt`), signed ES256 by authentication-service.
///
/// A token without `sid` is a service's; one with `sid` is a person's and then has all the optional claims.
package struct AccessTokenClaims: Codable, Sendable {
    /// The `typ` of the header.
    package static let type = "at+jwt"
    /// For how long a token is issued, in seconds.
    package static let lifetime = 300

    /// The issuer: authentication-service's base address.
    package let iss: String
    /// The person's id for a person token, the client's id for a service token.
    package let sub: String
    /// What the token is for: the URI of one API, or the issuer, whose userinfo it then opens and nothing else.
    package let aud: String
    /// When it ends, in seconds since 1970.
    package let exp: Int64
    /// When it was issued, in seconds since 1970.
    package let iat: Int64
    /// Before when it does not count, in seconds since 1970.
    package let nbf: Int64?
    /// The token's own id.
    package let jti: String
    /// The client that asked for it.
    package let clientID: String
    /// The scopes, separated by blanks.
    package let scope: String
    /// The session.
    package let sid: String?
    /// The level of the sign-in as its URI, such as `urn:be:fedict:iam:fas:Level400`.
    package let acr: String?
    /// When the person signed in, in seconds since 1970.
    package let authTime: Int64?
    /// As whom the person acts.
    package let actingAs: ActingAs?

    private enum CodingKeys: String, CodingKey {
        case iss, sub, aud, exp, iat, nbf, jti, scope, sid, acr
        case actingAs = "acting_as"
        case clientID = "client_id"
        case authTime = "auth_time"
    }

    /// The claims of a service's token.
    package init(
        issuer: String, clientID: String, audience: String, scopes: [String], id: String, issuedAt: Instant,
        lifetime: Int = AccessTokenClaims.lifetime
    ) {
        self.init(
            iss: issuer, sub: clientID, aud: audience, exp: issuedAt.secondsSinceEpoch + Int64(lifetime),
            iat: issuedAt.secondsSinceEpoch, jti: id, clientID: clientID, scope: scopes.joined(separator: " "),
            sid: nil, acr: nil, authTime: nil, actingAs: nil)
    }

    /// The claims of a person's token.
    package init(
        issuer: String, person: PersonID, session: SessionID, clientID: String, acr: Acr, authTime: Instant,
        profile: ProfileChoice, audience: String, scopes: [String], id: String, issuedAt: Instant,
        lifetime: Int = AccessTokenClaims.lifetime
    ) {
        self.init(
            iss: issuer, sub: person.description, aud: audience,
            exp: issuedAt.secondsSinceEpoch + Int64(lifetime), iat: issuedAt.secondsSinceEpoch, jti: id,
            clientID: clientID, scope: scopes.joined(separator: " "), sid: session.description, acr: acr.uri,
            authTime: authTime.secondsSinceEpoch, actingAs: .profile(profile))
    }

    private init(
        iss: String, sub: String, aud: String, exp: Int64, iat: Int64, jti: String, clientID: String, scope: String,
        sid: String?, acr: String?, authTime: Int64?, actingAs: ActingAs?
    ) {
        self.iss = iss
        self.sub = sub
        self.aud = aud
        self.exp = exp
        self.iat = iat
        self.nbf = nil
        self.jti = jti
        self.clientID = clientID
        self.scope = scope
        self.sid = sid
        self.acr = acr
        self.authTime = authTime
        self.actingAs = actingAs
    }
}
