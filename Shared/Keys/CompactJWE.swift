import Crypto
import FoundationEssentials

/// The one kind of JSON Web Encryption (RFC 7516) that is used here: compact, `alg` `dir`, `enc` `A256GCM`, around a
/// token of a stated content type.
enum CompactJWE {
    private struct Header: Codable {
        let alg: String
        let cty: String?
        let enc: String
        let kid: String?
        var crit: [String]?
        var zip: String?
    }

    /// Encrypts a token under a key of 256 bits.
    static func seal(
        _ content: String, contentType: String, keyID: String, key: SymmetricKey, nonce: AES.GCM.Nonce
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let header = Base64URL.encode(
            try encoder.encode(Header(alg: "dir", cty: contentType, enc: "A256GCM", kid: keyID)))
        let box = try AES.GCM.seal(
            [UInt8](content.utf8), using: key, nonce: nonce, authenticating: [UInt8](header.utf8))
        let parts = [Array(nonce), Array(box.ciphertext), Array(box.tag)].map { Base64URL.encode($0) }
        return "\(header)..\(parts[0]).\(parts[1]).\(parts[2])"
    }

    /// Decrypts what ``seal(_:contentType:keyID:key:nonce:)`` made; nil for anything else, also for other algorithms,
    /// compression, and headers that have to be understood.
    ///
    /// - Parameter key: the key with an id; nil when it is not known.
    static func open(_ text: String, contentType: String, key: (String) -> SymmetricKey?) -> String? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[1].isEmpty, let head = Base64URL.decode(parts[0]),
            let header = try? JSONDecoder().decode(Header.self, from: Data(head)), header.alg == "dir",
            header.enc == "A256GCM", header.cty == contentType, header.crit == nil, header.zip == nil,
            let key = header.kid.flatMap(key),
            let iv = Base64URL.decode(parts[2]), iv.count == 12, let nonce = try? AES.GCM.Nonce(data: iv),
            let ciphertext = Base64URL.decode(parts[3]), let tag = Base64URL.decode(parts[4]), tag.count == 16,
            let box = try? AES.GCM.SealedBox(nonce: nonce, ciphertext: ciphertext, tag: tag),
            let plain = try? AES.GCM.open(box, using: key, authenticating: [UInt8](parts[0].utf8))
        else { return nil }
        return String(validating: plain, as: UTF8.self)
    }
}
