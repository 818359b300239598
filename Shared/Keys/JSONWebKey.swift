package import Crypto
import FoundationEssentials

/// A public P-256 key as a JSON Web Key (RFC 7517), and its thumbprint (RFC 7638).
package struct JSONWebKey: Codable, Sendable {
    private let kty: String
    private let crv: String?
    private let x: String?
    private let y: String?
    private let kid: String?
    private let use: String?
    private let alg: String?

    /// The key of a verifier of ES256 signatures.
    package init(_ key: P256.Signing.PublicKey, id: String) {
        let point = [UInt8](key.x963Representation)
        (kty, crv, use, alg, kid) = ("EC", "P-256", "sig", "ES256", id)
        (x, y) = (Base64URL.encode(point[1..<33]), Base64URL.encode(point[33..<65]))
    }

    /// `kid`: the name under which tokens mention it.
    package var id: String? { kid }

    /// The key; nil when it is of another kind or no point of the curve.
    package var signingKey: P256.Signing.PublicKey? {
        guard kty == "EC", crv == "P-256", let x = x.flatMap({ Base64URL.decode($0) }),
            let y = y.flatMap({ Base64URL.decode($0) }), x.count == 32, y.count == 32
        else { return nil }
        return try? P256.Signing.PublicKey(x963Representation: [0x04] + x + y)
    }

    /// The SHA-256 thumbprint of a key, base64url: an id that nobody has to agree on.
    package static func thumbprint(of key: P256.Signing.PublicKey) -> String {
        let point = [UInt8](key.x963Representation)
        let (x, y) = (Base64URL.encode(point[1..<33]), Base64URL.encode(point[33..<65]))
        let canonical = #"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)"}"#
        return Base64URL.encode(SHA256.hash(data: [UInt8](canonical.utf8)))
    }
}

/// A JSON Web Key Set.
package struct JSONWebKeySet: Codable, Sendable {
    /// The keys, also those of kinds that we do not use.
    package let keys: [JSONWebKey]

    /// A set of keys.
    package init(keys: [JSONWebKey]) { self.keys = keys }

    /// Reads a set; throws when the bytes are none.
    package init(json: [UInt8]) throws {
        self = try JSONDecoder().decode(JSONWebKeySet.self, from: Data(json))
    }

    /// The set as it is published.
    package var json: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return [UInt8](try encoder.encode(self))
        }
    }
}
