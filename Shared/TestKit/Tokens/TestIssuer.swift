package import ContractCore
package import Crypto
import FoundationEssentials
import Keys
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

    /// The issuer's JSON Web Key Set.
    package var jwks: [UInt8] {
        let point = [UInt8](key.publicKey.x963Representation)
        let (x, y) = (Base64URL.encode(point[1..<33]), Base64URL.encode(point[33..<65]))
        let id = ClientAssertionSigner.thumbprint(of: key.publicKey)
        let text =
            #"{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"\#(id)","x":"\#(x)","y":"\#(y)"}]}"#
        return [UInt8](text.utf8)
    }

    /// A verifier that knows this issuer's key.
    package func verifier(logger: Logger = Logger(label: "test")) throws -> AccessTokenVerifier {
        let keys = IssuerKeys(heldBy: logger)
        try keys.replace(jwks: jwks)
        return AccessTokenVerifier(issuer: issuer, keys: keys, now: now)
    }

    /// The token of a service.
    package func serviceToken(
        _ clientID: String = "test-client", for audiences: [APIAudience], scopes: [String], issuedAt: Instant? = nil
    ) throws -> String {
        try sign(
            AccessTokenClaims(
                issuer: issuer, clientID: clientID, audiences: audiences.map(\.rawValue), scopes: scopes,
                id: UUID().uuidString, issuedAt: issuedAt ?? now()))
    }

    /// The token of a signed-in person.
    package func personToken(
        _ person: PersonID = PersonID(UUID()), session: SessionID = SessionID(UUID()),
        profile: ProfileChoice = .citizen,
        acr: Acr = .level400, clientID: String = "portal", for audiences: [APIAudience], scopes: [String],
        issuedAt: Instant? = nil
    ) throws -> String {
        let issuedAt = issuedAt ?? now()
        return try sign(
            AccessTokenClaims(
                issuer: issuer, person: person, session: session, clientID: clientID, acr: acr, authTime: issuedAt,
                profile: profile, audiences: audiences.map(\.rawValue), scopes: scopes, id: UUID().uuidString,
                issuedAt: issuedAt))
    }

    /// Signs any claims as an access token of this issuer, also ones that must be refused.
    package func sign(_ claims: some Encodable, type: String = AccessTokenClaims.type) throws -> String {
        let header = ["alg": "ES256", "typ": type, "kid": ClientAssertionSigner.thumbprint(of: key.publicKey)]
        return try ClientAssertionSigner.sign(claims, header: header, with: key)
    }
}
