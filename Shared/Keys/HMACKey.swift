import Crypto

/// A key of HMAC-SHA-256 (RFC 2104): equal messages give equal codes of 32 bytes, and without the key nothing can be
/// tried or forged.
///
/// Blind indexes, codes of forms and derived secrets are all made by it. Who makes several kinds under one key begins
/// each message with a word of its own.
package struct HMACKey: Sendable {
    private let key: SymmetricKey

    /// A key of at least 32 bytes; nil when shorter.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= 32 else { return nil }
        key = SymmetricKey(data: bytes)
    }

    /// The code of a message, 32 bytes.
    package func code(of message: [UInt8]) -> [UInt8] {
        [UInt8](HMAC<SHA256>.authenticationCode(for: message, using: key))
    }

    /// The code of a text, 32 bytes.
    package func code(of text: String) -> [UInt8] { code(of: [UInt8](text.utf8)) }

    /// Whether `code` is the code of a text, compared in a time that does not depend on where they differ.
    package func isCode(_ code: [UInt8], of text: String) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: [UInt8](text.utf8), using: key)
    }
}
