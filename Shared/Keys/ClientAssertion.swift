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
    package var keyID: String { JSONWebKey.thumbprint(of: key.publicKey) }

    /// An assertion for `audience` (the issuer's base address) that counts for 60 seconds and once.
    package func assertion(audience: String) throws -> String {
        let issued = now().secondsSinceEpoch
        let claims = Claims(
            iss: clientID, sub: clientID, aud: audience, iat: issued, exp: issued + 60,
            jti: newID().uuidString.lowercased())
        return try CompactJWS.sign(claims, type: "JWT", keyID: keyID, with: key)
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
