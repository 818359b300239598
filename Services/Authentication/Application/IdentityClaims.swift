package import ContractCore

/// The claims of an ID token (OpenID Connect Core section 2), as far as this provider issues them.
package struct IDTokenClaims: Codable, Sendable {
    package let iss: String
    /// The person as this portal alone knows her.
    package let sub: String
    package let aud: String
    package let exp: Int64
    package let iat: Int64
    package let authTime: Int64
    /// `nil` in a token that comes with a refreshed access token.
    package let nonce: String?
    package let acr: String
    package let amr: [String]
    package let sid: String
    package let actingAs: ActingAs
    package let givenName: String?
    package let familyName: String?
    package let locale: String

    private enum CodingKeys: String, CodingKey {
        case iss, sub, aud, exp, iat, nonce, acr, amr, sid, locale
        case actingAs = "acting_as"
        case authTime = "auth_time"
        case givenName = "given_name"
        case familyName = "family_name"
    }

    package init(
        iss: String, sub: String, aud: String, exp: Int64, iat: Int64, authTime: Int64, nonce: String?, acr: String,
        amr: [String], sid: String, actingAs: ActingAs, givenName: String?, familyName: String?, locale: String
    ) {
        self.iss = iss
        self.sub = sub
        self.aud = aud
        self.exp = exp
        self.iat = iat
        self.authTime = authTime
        self.nonce = nonce
        self.acr = acr
        self.amr = amr
        self.sid = sid
        self.actingAs = actingAs
        self.givenName = givenName?.isEmpty == true ? nil : givenName
        self.familyName = familyName?.isEmpty == true ? nil : familyName
        self.locale = locale
    }
}

/// The claims of a logout token (OpenID Connect Back-Channel Logout section 2.4).
package struct LogoutTokenClaims: Codable, Sendable {
    /// The one event of a logout token; its value is an empty object.
    package struct Events: Codable, Sendable {
        private struct Nothing: Codable {}
        private enum CodingKeys: String, CodingKey {
            case logout = "http://schemas.openid.net/event/backchannel-logout"
        }

        package init() {}

        package init(from decoder: any Decoder) throws {
            _ = try decoder.container(keyedBy: CodingKeys.self).decode(Nothing.self, forKey: .logout)
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(Nothing(), forKey: .logout)
        }
    }
    package let iss: String
    package let sub: String
    package let aud: String
    package let iat: Int64
    package let exp: Int64
    package let jti: String
    package let sid: String
    package let events: Events

    package init(iss: String, sub: String, aud: String, iat: Int64, exp: Int64, jti: String, sid: String) {
        self.iss = iss
        self.sub = sub
        self.aud = aud
        self.iat = iat
        self.exp = exp
        self.jti = jti
        self.sid = sid
        events = Events()
    }
}

/// The answer of the userinfo endpoint.
package struct UserInfo: Codable, Sendable {
    package let sub: String
    package let givenName: String?
    package let familyName: String?
    package let locale: String
    package let acr: String
    package let actingAs: ActingAs

    private enum CodingKeys: String, CodingKey {
        case sub, locale, acr
        case actingAs = "acting_as"
        case givenName = "given_name"
        case familyName = "family_name"
    }

    package init(
        sub: String, givenName: String?, familyName: String?, locale: String, acr: String, actingAs: ActingAs
    ) {
        self.sub = sub
        self.givenName = givenName?.isEmpty == true ? nil : givenName
        self.familyName = familyName?.isEmpty == true ? nil : familyName
        self.locale = locale
        self.acr = acr
        self.actingAs = actingAs
    }
}
