import Crypto
import Keys

/// The text of an opaque token: 256 random bits in base64url without padding, 43 characters.
///
/// It is shown to its bearer once and kept nowhere; the database knows its SHA-256 only. With 256 random bits a plain
/// hash is enough: there is nothing to guess, and finding a row by its hash leaks nothing about another.
package struct TokenSecret: Sendable, CustomStringConvertible {
    /// The text that the bearer gets.
    package let text: String
    /// SHA-256 of the text: 32 bytes.
    package let hash: [UInt8]

    /// Makes a token from 256 random bits of the given source.
    package init(random: @Sendable () -> UInt64) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for _ in 0..<4 {
            let word = random()
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        self.init(checked: Base64URL.encode(bytes))
    }

    /// Reads a token that a caller presents; nil unless it has exactly the form of one.
    package init?(_ text: String) {
        guard text.utf8.count == 43, text.utf8.allSatisfy(Self.alphabet.contains) else { return nil }
        self.init(checked: text)
    }

    private init(checked text: String) {
        self.text = text
        self.hash = Array(SHA256.hash(data: Array(text.utf8)))
    }

    /// Never the token itself: a description may end in a log.
    package var description: String { "TokenSecret(***)" }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
