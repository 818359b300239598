import Crypto

/// The key of a blind index: equal values give equal 32 bytes, and without the key nothing can be tried.
package struct IndexKey: Sendable {
    private let key: SymmetricKey

    /// A key of at least 32 bytes; nil when shorter.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= 32 else { return nil }
        key = SymmetricKey(data: bytes)
    }

    /// HMAC-SHA-256 of the text, 32 bytes.
    package func index(_ text: String) -> [UInt8] {
        [UInt8](HMAC<SHA256>.authenticationCode(for: [UInt8](text.utf8), using: key))
    }

    /// Whether `code` is the authentication code of `text`, compared in constant time.
    package func isValid(_ code: [UInt8], for text: String) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: [UInt8](text.utf8), using: key)
    }
}
