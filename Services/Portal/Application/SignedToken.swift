import ContractCore
import Crypto
import FoundationEssentials
import JWTKit
import PortalDomain
import Vocabulary

/// The claims of a token that the provider signs for a portal.
protocol SignedPayload: JWTPayload {}

extension SignedPayload {
    /// Does nothing: the claims are checked by the domain, with its clock.
    func verify(using algorithm: some JWTAlgorithm) async throws {}
}

/// A compact JWS by ES256, taken apart; whether it is signed has to be asked.
struct SignedToken<Payload: SignedPayload> {
    /// The longest token that is looked at, in bytes.
    private static var longest: Int { 8192 }

    let payload: Payload
    let keyID: String
    /// `typ` in lower case; `jwt` when there is none.
    let type: String
    private let signature: P256.Signing.ECDSASignature
    private let input: [UInt8]

    init(_ token: String) throws(ProviderError) {
        guard token.utf8.count <= Self.longest, let lastDot = token.lastIndex(of: "."),
            let parsed = try? DefaultJWTParser().parse(Array(token.utf8), as: Payload.self),
            parsed.header.alg == "ES256", let keyID = parsed.header.kid,
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: parsed.signature)
        else { throw .invalidToken("it is no token by ES256 with a key id and the claims it must have") }
        payload = parsed.payload
        self.keyID = keyID
        type = parsed.header.typ?.lowercased() ?? "jwt"
        self.signature = signature
        input = Array(token[..<lastDot].utf8)
    }

    func isSigned(by key: P256.Signing.PublicKey) -> Bool {
        key.isValidSignature(signature, for: input)
    }
}

/// The `aud` claim: one text or several.
private struct Audience: Codable {
    let values: [String]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let one = try? container.decode(String.self) {
            values = [one]
        } else {
            values = try container.decode([String].self)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }
}

/// An ID token's claims as they travel.
struct IdentityTokenPayload: SignedPayload {
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
        let parts = [givenName, familyName].compactMap(\.self)
        return IdentityClaims(
            issuer: iss, subject: sub, audience: aud.values, authorisedParty: azp, expiresAt: exp, issuedAt: iat,
            nonce: nonce, sessionID: sid, acr: acr, authenticatedAt: authTime,
            name: name ?? (parts.isEmpty ? nil : parts.joined(separator: " ")), profile: actingAs?.profile)
    }
}

/// A logout token's claims as they travel.
struct LogoutTokenPayload: SignedPayload {
    /// The value of an event, which says nothing.
    private struct Event: Codable {}

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
