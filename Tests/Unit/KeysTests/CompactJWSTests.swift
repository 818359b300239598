import Crypto
import FoundationEssentials
import Keys
import Testing
import Vocabulary

/// Signed tokens, against the vector of RFC 7515 Appendix A.3 and against what must not be taken.
@Suite("Signed tokens are taken apart by one parser")
struct CompactJWSTests {
    private struct Claims: Codable, Equatable {
        let iss: String
        let exp: Int64
    }

    private static let header = "eyJhbGciOiJFUzI1NiJ9"
    private static let payload =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    private static let signature =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    private static let keySet = """
        {"keys":[{"kty":"EC","crv":"P-256","kid":"a3","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",\
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"other"}]}
        """

    private func key() throws -> P256.Signing.PublicKey {
        let set = try JSONWebKeySet(json: Array(Self.keySet.utf8))
        #expect(set.keys.map(\.id) == ["a3", "other"] && set.keys.last?.signingKey == nil)
        return try #require(set.keys.first?.signingKey)
    }

    @Test("the example of the specification is signed by its key, and by no other")
    func vector() throws {
        let token = try #require(CompactJWS("\(Self.header).\(Self.payload).\(Self.signature)"))
        #expect(token.isSigned(by: try key()) && token.type == nil && token.keyID == nil)
        #expect(!token.isSigned(by: P256.Signing.PrivateKey().publicKey))
        #expect(token.claims() == Claims(iss: "joe", exp: 1_300_819_380))
    }

    @Test("each changed character of what was signed, and of the signature, is noticed")
    func tampering() throws {
        let key = try key()
        let token = Array("\(Self.header).\(Self.payload).\(Self.signature)")
        // The last character carries four bits that count for nothing.
        for index in token.indices.dropLast() where token[index] != "." {
            var changed = token
            changed[index] = token[index] == "A" ? "B" : "A"
            #expect(CompactJWS(String(changed))?.isSigned(by: key) != true, "character \(index)")
        }
    }

    @Test(
        "what is no token by ES256 is taken by nobody",
        arguments: [
            #"{"alg":"none"}"#, #"{"alg":"HS256"}"#, #"{"alg":"es256"}"#, #"{"alg":"ES256","crit":["exp"]}"#,
            #"{"typ":"JWT"}"#, #"["ES256"]"#, "",
        ])
    func otherHeaders(header: String) throws {
        let signer = P256.Signing.PrivateKey()
        let input = Base64URL.encode(header.utf8) + "." + Self.payload
        let signature = Base64URL.encode(try signer.signature(for: Array(input.utf8)).rawRepresentation)
        #expect(CompactJWS("\(input).\(signature)")?.isSigned(by: signer.publicKey) != true)
    }

    @Test(
        "another form is no token",
        arguments: [
            "", ".", "..", "a.b", "a.b.c.d", "e30.e30.e30=", "e30.e30.a b", String(repeating: "a", count: 9000),
        ])
    func otherForms(text: String) {
        #expect(CompactJWS(text) == nil)
    }

    @Test("a signature that is empty, short or in DER is that of nobody")
    func otherSignatures() throws {
        let signer = P256.Signing.PrivateKey()
        let der = try signer.signature(for: Array("\(Self.header).\(Self.payload)".utf8)).derRepresentation
        for signature in ["", Base64URL.encode([1, 2, 3]), Base64URL.encode(der)] {
            #expect(CompactJWS("\(Self.header).\(Self.payload).\(signature)")?.isSigned(by: signer.publicKey) != true)
        }
    }

    @Test("a client assertion names its client, its audience and a minute, under the thumbprint as key id")
    func clientAssertion() throws {
        struct Assertion: Decodable {
            let iss: String, sub: String, aud: String, iat: Int64, exp: Int64, jti: String
        }
        let key = P256.Signing.PrivateKey()
        let signer = ClientAssertionSigner(
            clientID: "portal", key: key, now: { Instant(secondsSinceEpoch: 1_000) }, newID: { UUID() })
        let token = try #require(CompactJWS(signer.assertion(audience: "http://issuer.test")))
        let claims: Assertion = try #require(token.claims())
        #expect(token.isSigned(by: key.publicKey) && token.keyID == JSONWebKey.thumbprint(of: key.publicKey))
        #expect(token.type == "jwt" && claims.iss == "portal" && claims.sub == "portal")
        #expect(claims.aud == "http://issuer.test" && claims.iat == 1_000 && claims.exp == 1_060)
        #expect(UUID(uuidString: claims.jti) != nil)
    }

    @Test("a published key is read again, and its thumbprint does not depend on how it is written")
    func keySets() throws {
        let key = P256.Signing.PrivateKey().publicKey
        let id = JSONWebKey.thumbprint(of: key)
        let read = try JSONWebKeySet(json: try JSONWebKeySet(keys: [JSONWebKey(key, id: id)]).json)
        #expect(read.keys.first?.signingKey?.rawRepresentation == key.rawRepresentation && read.keys.first?.id == id)
    }
}
