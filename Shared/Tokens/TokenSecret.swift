import Crypto

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
        self.init(checked: Self.base64URL(bytes))
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

    /// base64url without padding, as RFC 4648 section 5 has it; FoundationEssentials has the padded alphabet only.
    private static func base64URL(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let chunk = bytes[start..<min(start + 3, bytes.count)]
            var word: UInt32 = 0
            for (position, byte) in chunk.enumerated() {
                word |= UInt32(byte) << UInt32(16 - 8 * position)
            }
            for position in 0...chunk.count {
                text.append(alphabet[Int(word >> UInt32(18 - 6 * position)) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
