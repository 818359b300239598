package import Crypto
import FoundationEssentials

/// A JSON Web Signature by ES256 in its compact form (RFC 7515), taken apart.
///
/// The one parser of signed tokens: access tokens, ID tokens, logout tokens and client assertions. Nothing of it is
/// trusted before ``isSigned(by:)`` was asked; times, issuer and audience are the caller's to check.
package struct CompactJWS: Sendable {
    /// The longest text that is looked at, in bytes.
    package static let longest = 8192

    /// `alg`: how it is said to be signed; any other than `ES256` is signed by nobody.
    package let algorithm: String
    /// `kid`: which key is said to have signed.
    package let keyID: String?
    /// `typ` in lower case, which is how media types are compared; nil when there is none.
    package let type: String?

    private let payload: [UInt8]
    private let signature: [UInt8]
    /// What was signed: header and payload as they were sent.
    private let input: [UInt8]

    private struct Header: Codable {
        let alg: String
        let typ: String?
        let kid: String?
        /// Extensions that must be understood (RFC 7515 section 4.1.11); we understand none.
        let crit: [String]?
    }

    /// Takes a token apart; nil unless it has three parts in base64url and a header with `alg` and without `crit`.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.longest else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2]),
            let header = try? JSONDecoder().decode(Header.self, from: Data(head)), header.crit == nil
        else { return nil }
        algorithm = header.alg
        keyID = header.kid
        type = header.typ?.lowercased()
        self.payload = payload
        self.signature = signature
        input = [UInt8]("\(parts[0]).\(parts[1])".utf8)
    }

    /// Whether the holder of the private half of this key signed it, by ES256.
    package func isSigned(by key: P256.Signing.PublicKey) -> Bool {
        guard algorithm == "ES256", let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
        else { return false }
        return key.isValidSignature(signature, for: input)
    }

    /// The claims; nil when the payload is no JSON object of that form.
    package func claims<Claims: Decodable>(as _: Claims.Type = Claims.self) -> Claims? {
        try? JSONDecoder().decode(Claims.self, from: Data(payload))
    }

    /// Signs claims by ES256: the compact form, with `typ` and `kid` in its header where they are given.
    ///
    /// - Throws: What the encoder or the cryptographic library throws.
    package static func sign(
        _ claims: some Encodable, type: String?, keyID: String?, with key: P256.Signing.PrivateKey
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let header = Header(alg: "ES256", typ: type, kid: keyID, crit: nil)
        let input = Base64URL.encode(try encoder.encode(header)) + "." + Base64URL.encode(try encoder.encode(claims))
        let signature = try key.signature(for: [UInt8](input.utf8))
        return input + "." + Base64URL.encode(signature.rawRepresentation)
    }
}
