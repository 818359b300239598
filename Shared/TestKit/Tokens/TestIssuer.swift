package import ContractCore
package import Crypto
import FoundationEssentials
package import Keys
package import Logging
import Telemetry
package import Vocabulary
package import Web

/// An issuer of access tokens for tests: a key pair of its own, and verifiers that know it.
///
/// The tokens are real ones, signed ES256; only the service that would issue them is missing.
package struct TestIssuer: Sendable {
    /// The issuer's address, as the tokens name it.
    package let issuer: String
    /// Signs the tokens.
    package let key: P256.Signing.PrivateKey
    /// The clock by which tokens are issued and verified.
    package let now: @Sendable () -> Instant

    /// An issuer with a fresh key.
    package init(
        issuer: String = "http://issuer.test", key: P256.Signing.PrivateKey = P256.Signing.PrivateKey(),
        now: @escaping @Sendable () -> Instant = systemClock
    ) {
        self.issuer = issuer
        self.key = key
        self.now = now
    }

    /// The keys that test tokens are sealed with, one for each API.
    package static let seals: AudienceKeys = {
        var rings: [APIAudience: [(id: String, key: [UInt8])]] = [:]
        for api in APIAudience.allCases { rings[api] = [("test", Array(SHA256.hash(data: Array(api.rawValue.utf8))))] }
        return AudienceKeys(rings) ?? .none
    }()

    /// The issuer's JSON Web Key Set.
    package var jwks: [UInt8] {
        get throws {
            try JSONWebKeySet(keys: [JSONWebKey(key.publicKey, id: JSONWebKey.thumbprint(of: key.publicKey))]).json
        }
    }

    /// A verifier that knows this issuer's key.
    package func verifier(logger: Logger = Logger(label: "test")) throws -> AccessTokenVerifier {
        let keys = IssuerKeys(heldBy: logger)
        try keys.replace(jwks: try jwks)
        return AccessTokenVerifier(issuer: issuer, seals: Self.seals, keys: keys, now: now)
    }

    /// The token of a service.
    package func serviceToken(
        _ clientID: String = "test-client", for api: APIAudience, scopes: [String], issuedAt: Instant? = nil
    ) throws -> String {
        try accessToken(
            AccessTokenClaims(
                issuer: issuer, clientID: clientID, audience: AudienceURIs.standard[api], scopes: scopes,
                id: UUID().uuidString, issuedAt: issuedAt ?? now()), for: api)
    }

    /// The token of a signed-in person; for the issuer itself, which has the keys of `authentication`, if it is told so.
    package func personToken(
        _ person: PersonID = PersonID(UUID()), session: SessionID = SessionID(UUID()),
        profile: ProfileChoice = .citizen,
        acr: Acr = .level400, clientID: String = "portal", for api: APIAudience, scopes: [String],
        issuedAt: Instant? = nil, isForIssuer: Bool = false
    ) throws -> String {
        let issuedAt = issuedAt ?? now()
        return try accessToken(
            AccessTokenClaims(
                issuer: issuer, person: person, session: session, clientID: clientID, acr: acr, authTime: issuedAt,
                profile: profile, audience: isForIssuer ? issuer : AudienceURIs.standard[api], scopes: scopes,
                id: UUID().uuidString,
                issuedAt: issuedAt), for: api)
    }

    /// Signs any claims as an access token of this issuer and seals it, also ones that must be refused.
    package func accessToken(
        _ claims: some Encodable, type: String = AccessTokenClaims.type, for api: APIAudience
    ) throws -> String {
        try Self.seals.seal(try sign(claims, type: type), for: api)
    }

    /// Signs any claims.
    package func sign(_ claims: some Encodable, type: String) throws -> String {
        try CompactJWS.sign(claims, type: type, keyID: JSONWebKey.thumbprint(of: key.publicKey), with: key)
    }
}
