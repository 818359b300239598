import ContractCore
import FoundationEssentials
import PortalDomain
import Vocabulary

/// The `aud` claim: one text or several.
private struct Audience: Decodable {
    let values: [String]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let one = try? container.decode(String.self) {
            values = [one]
        } else {
            values = try container.decode([String].self)
        }
    }
}

/// An ID token's claims as they travel.
struct IdentityTokenPayload: Decodable {
    private let iss: String
    private let sub: String
    private let aud: Audience
    private let azp: String?
    private let exp: Int64
    private let iat: Int64
    private let nonce: String?
    private let sid: String?
    private let acr: String?
    private let authTime: Int64?
    private let name: String?
    private let givenName: String?
    private let familyName: String?
    private let actingAs: ActingAs?

    private enum CodingKeys: String, CodingKey {
        case iss, sub, aud, azp, exp, iat, nonce, sid, acr, name
        case actingAs = "acting_as"
        case authTime = "auth_time"
        case givenName = "given_name"
        case familyName = "family_name"
    }

    var claims: IdentityClaims {
        let parts = [givenName, familyName].compactMap(\.self).filter { !$0.isEmpty }
        return IdentityClaims(
            issuer: iss, subject: sub, audience: aud.values, authorisedParty: azp, expiresAt: exp, issuedAt: iat,
            nonce: nonce, sessionID: sid, acr: acr, authenticatedAt: authTime,
            name: name ?? (parts.isEmpty ? nil : parts.joined(separator: " ")), profile: actingAs?.profile)
    }
}

/// A logout token's claims as they travel.
struct LogoutTokenPayload: Decodable {
    /// The value of an event, which says nothing.
    private struct Event: Decodable {}

    private let iss: String
    private let aud: Audience
    private let iat: Int64
    private let exp: Int64?
    private let jti: String
    private let sid: String?
    private let sub: String?
    private let events: [String: Event]
    private let nonce: String?

    var claims: LogoutClaims {
        LogoutClaims(
            issuer: iss, audience: aud.values, issuedAt: iat, expiresAt: exp, tokenID: jti, sessionID: sid,
            subject: sub, events: Array(events.keys), hasNonce: nonce != nil)
    }
}
