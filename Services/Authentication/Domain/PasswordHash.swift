import Vocabulary

/// What one scrypt hash costs; kept beside each hash, so that the cost can be raised later.
package struct PasswordCost: Hashable, Sendable {
    /// The work factor N, a power of two.
    package let rounds: Int
    /// The block size r.
    package let blockSize: Int
    /// The parallelism p.
    package let parallelism: Int

    /// The cost of new hashes: OWASP's equal of N=2^17 r=8 p=1, with 16 MiB instead of 128 MiB a hash.
    package static let standard = PasswordCost(uncheckedRounds: 1 << 14, blockSize: 8, parallelism: 5)

    private init(uncheckedRounds: Int, blockSize: Int, parallelism: Int) {
        rounds = uncheckedRounds
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// A cost within what scrypt allows and a server can bear (at most 64 MiB a hash); `nil` otherwise.
    package init?(rounds: Int, blockSize: Int, parallelism: Int) {
        guard rounds >= 2, rounds <= 1 << 20, rounds & (rounds - 1) == 0 else { return nil }
        guard (1...32).contains(blockSize), (1...16).contains(parallelism) else { return nil }
        guard 128 * rounds * blockSize <= 64 << 20 else { return nil }
        self.init(uncheckedRounds: rounds, blockSize: blockSize, parallelism: parallelism)
    }
}

/// A stored password: its salt, its hash, and what computing it cost.
package struct PasswordHash: Hashable, Sendable, CustomStringConvertible {
    package let salt: [UInt8]
    package let hash: [UInt8]
    package let cost: PasswordCost

    package init(salt: [UInt8], hash: [UInt8], cost: PasswordCost) {
        self.salt = salt
        self.hash = hash
        self.cost = cost
    }

    /// Never the hash itself.
    package var description: String { "PasswordHash(\(hash.count) bytes)" }
}

/// A password as it is compared: 8 to 128 characters for a new one; any text up to 512 bytes may be tried.
///
/// It is prepared as RFC 8265 has it (OpaqueString): other blanks than the plain one become one, and the text is taken
/// in normalization form C, since keyboards differ in how they type é. Letters keep their case, blanks their place.
package struct Password: Sendable, CustomStringConvertible {
    package let utf8: [UInt8]

    /// Bytes that are tried as they are.
    package init(utf8: [UInt8]) {
        self.utf8 = utf8
    }

    /// A password that somebody tries; `nil` when it is empty, longer than 512 bytes, or holds a control character.
    package init?(attempt text: String) {
        guard let prepared = Password.prepared(text) else { return nil }
        utf8 = [UInt8](prepared.utf8)
    }

    /// A password to set; `nil` outside 8 to 128 characters (code points), and for what could not be tried.
    package init?(new text: String) {
        guard let prepared = Password.prepared(text), (8...128).contains(prepared.unicodeScalars.count) else {
            return nil
        }
        utf8 = [UInt8](prepared.utf8)
    }

    private static func prepared(_ text: String) -> String? {
        guard text.utf8.count <= 512, text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return nil }
        var plain = String.UnicodeScalarView()
        plain.append(
            contentsOf: text.unicodeScalars.map { $0.properties.generalCategory == .spaceSeparator ? " " : $0 })
        let prepared = String(plain).precomposed
        return (1...512).contains(prepared.utf8.count) ? prepared : nil
    }

    /// Never the password itself.
    package var description: String { "Password" }
}
