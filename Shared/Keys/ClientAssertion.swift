package import Crypto
package import FoundationEssentials
package import Vocabulary

/// Signs the assertions by which a client authenticates itself (`private_key_jwt`, RFC 7523) with its ES256 key.
package struct ClientAssertionSigner: Sendable {
    /// The client.
    package let clientID: String
    /// The `client_assertion_type` that goes with an assertion.
    package static let assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    private let key: P256.Signing.PrivateKey
    private let now: @Sendable () -> Instant
    private let newID: @Sendable () -> UUID

    /// A signer for a client.
    package init(
        clientID: String, key: P256.Signing.PrivateKey, now: @escaping @Sendable () -> Instant,
        newID: @escaping @Sendable () -> UUID
    ) {
        self.clientID = clientID
        self.key = key
        self.now = now
        self.newID = newID
    }

    /// The id of the key: its thumbprint (RFC 7638), so that nobody has to agree on a name.
    package var keyID: String { Self.thumbprint(of: key.publicKey) }

    /// An assertion for `audience` (the issuer's base address) that counts for 60 seconds and once.
    package func assertion(audience: String) throws -> String {
        let issued = now().secondsSinceEpoch
        let claims = Claims(
            iss: clientID, sub: clientID, aud: audience, iat: issued, exp: issued + 60,
            jti: newID().uuidString.lowercased())
        return try Self.sign(claims, header: ["alg": "ES256", "typ": "JWT", "kid": keyID], with: key)
    }

    /// A compact JWS by ES256 of any claims.
    package static func sign(
        _ claims: some Encodable, header: [String: String], with key: P256.Signing.PrivateKey
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let input = Base64URL.encode(try encoder.encode(header)) + "." + Base64URL.encode(try encoder.encode(claims))
        let signature = try key.signature(for: [UInt8](input.utf8))
        return input + "." + Base64URL.encode(signature.rawRepresentation)
    }

    /// The SHA-256 thumbprint of a P-256 key (RFC 7638), base64url.
    package static func thumbprint(of key: P256.Signing.PublicKey) -> String {
        let point = [UInt8](key.x963Representation)
        let (x, y) = (Base64URL.encode(point[1..<33]), Base64URL.encode(point[33..<65]))
        let canonical = #"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)"}"#
        return Base64URL.encode(SHA256.hash(data: [UInt8](canonical.utf8)))
    }

    private struct Claims: Encodable {
        let iss: String
        let sub: String
        let aud: String
        let iat: Int64
        let exp: Int64
        let jti: String
    }
}
