import Crypto
import Keys
import Testing

@Suite("Keys and hashes")
struct SecretsTests {
    @Test(
        "base64url agrees with the vectors of RFC 4648 without padding",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64URL(plain: String, encoded: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Array(plain.utf8))
    }

    @Test("base64url refuses padding, other alphabets and impossible lengths", arguments: ["Zg==", "a+b/", "A", "a b"])
    func notBase64URL(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test("a token's hash is its SHA-256")
    func tokenHash() {
        let hex = TokenHash.of("abc").map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("what is sealed opens again, for the same row only")
    func sealing() throws {
        let key = try #require(SealingKey(currentID: "k1", keys: ["k1": [UInt8](repeating: 7, count: 32)]))
        let sealed = try key.seal(Array("85073099091".utf8), associated: [1, 2, 3])
        #expect(try key.open(sealed, associated: [1, 2, 3]) == Array("85073099091".utf8))
        #expect(throws: SealingError.notAuthentic) { try key.open(sealed, associated: [1, 2, 4]) }
        #expect(try key.seal(Array("x".utf8), associated: []) != key.seal(Array("x".utf8), associated: []))
    }

    @Test("every changed byte is noticed")
    func tampering() throws {
        let key = try #require(SealingKey(currentID: "k1", keys: ["k1": [UInt8](repeating: 7, count: 32)]))
        let sealed = try key.seal([1, 2, 3], associated: [])
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: SealingError.self) { try key.open(changed, associated: []) }
        }
        #expect(throws: SealingError.malformed) { try key.open([], associated: []) }
        #expect(throws: SealingError.malformed) { try key.open([255, 1], associated: []) }
    }

    @Test("after a change of keys old values still open, and without the old key they do not")
    func rotation() throws {
        let (old, new) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        let before = try #require(SealingKey(currentID: "old", keys: ["old": old]))
        let after = try #require(SealingKey(currentID: "new", keys: ["old": old, "new": new]))
        let without = try #require(SealingKey(currentID: "new", keys: ["new": new]))
        let sealed = try before.seal([9], associated: [])
        #expect(try after.open(sealed, associated: []) == [9])
        #expect(throws: SealingError.unknownKey) { try without.open(sealed, associated: []) }
    }

    @Test("keys of a wrong size and a missing current key are refused")
    func badKeys() {
        #expect(SealingKey(currentID: "a", keys: ["a": [1, 2, 3]]) == nil)
        #expect(SealingKey(currentID: "a", keys: [:]) == nil)
        #expect(HMACKey([UInt8](repeating: 0, count: 31)) == nil)
    }

    @Test("an index is the same for the same text and another under another key")
    func index() throws {
        let key = try #require(HMACKey([UInt8](repeating: 1, count: 32)))
        let other = try #require(HMACKey([UInt8](repeating: 2, count: 32)))
        #expect(key.code(of: "85073099091") == key.code(of: "85073099091"))
        #expect(key.code(of: "85073099091") != other.code(of: "85073099091"))
        #expect(key.isCode(key.code(of: "a"), of: "a") && !key.isCode(key.code(of: "a"), of: "b"))
    }

    @Test("secrets are equal when their bytes are")
    func comparison() {
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
        #expect(constantTimeEqual([UInt8](), [UInt8]()))
    }

    @Test("random bytes are as many as wanted, and a test can name them")
    func random() {
        #expect(RandomBytes.system(17).count == 17)
        #expect(RandomBytes.system.token() != RandomBytes.system.token())
        #expect(RandomBytes.system.token().count == 43)
        let fixed = RandomBytes { count in [UInt8](repeating: 0xAB, count: count) }
        #expect(fixed.words() == (0xABAB_ABAB_ABAB_ABAB, 0xABAB_ABAB_ABAB_ABAB))
    }
}
