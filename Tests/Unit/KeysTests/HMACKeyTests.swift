import Keys
import Testing

/// The vectors of RFC 4231, section 4, for HMAC-SHA-256.
@Suite("Keys: HMAC-SHA-256") struct HMACKeyTests {
    struct Vector: Sendable {
        let key: [UInt8]
        let message: [UInt8]
        /// Hexadecimal; one vector gives the first half alone.
        let code: String
    }

    static let vectors = [
        Vector(
            key: [UInt8](repeating: 0x0b, count: 20), message: [UInt8]("Hi There".utf8),
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        Vector(
            key: [UInt8]("Jefe".utf8), message: [UInt8]("what do ya want for nothing?".utf8),
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        Vector(
            key: [UInt8](repeating: 0xaa, count: 20), message: [UInt8](repeating: 0xdd, count: 50),
            code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        Vector(
            key: [UInt8](1...25), message: [UInt8](repeating: 0xcd, count: 50),
            code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        Vector(
            key: [UInt8](repeating: 0x0c, count: 20), message: [UInt8]("Test With Truncation".utf8),
            code: "a3b6167473100ee06e0c796c2955552b"),
        Vector(
            key: [UInt8](repeating: 0xaa, count: 131),
            message: [UInt8]("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        Vector(
            key: [UInt8](repeating: 0xaa, count: 131),
            message: [UInt8](
                """
                This is a test using a larger than block-size key and a larger than block-size data. The key needs to \
                be hashed before being used by the HMAC algorithm.
                """.utf8),
            code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
    ]

    @Test("the codes are those of RFC 4231", arguments: vectors)
    func vector(_ vector: Vector) throws {
        // HMAC fills a key that is shorter than a block up with zeros, so this is the same key in the length we take.
        let zeros = [UInt8](repeating: 0, count: max(0, 32 - vector.key.count))
        let key = try #require(HMACKey(vector.key + zeros))
        let code = key.code(of: vector.message).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(code.hasPrefix(vector.code))
    }

    @Test("a code of another text, key or length is none")
    func wrong() throws {
        let key = try #require(HMACKey([UInt8](repeating: 1, count: 32)))
        let other = try #require(HMACKey([UInt8](repeating: 2, count: 32)))
        let code = key.code(of: "text")
        #expect(code.count == 32 && code == key.code(of: [UInt8]("text".utf8)))
        #expect(key.isCode(code, of: "text"))
        #expect(!key.isCode(code, of: "texts") && !other.isCode(code, of: "text"))
        #expect(!key.isCode(Array(code.dropLast()), of: "text") && !key.isCode([], of: "text"))
        for bit in 0..<256 {
            var flipped = code
            flipped[bit / 8] ^= 1 << (bit % 8)
            #expect(!key.isCode(flipped, of: "text"))
        }
    }
}
