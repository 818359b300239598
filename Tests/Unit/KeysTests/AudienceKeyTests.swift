import ContractCore
import Crypto
import FoundationEssentials
import Keys
import Testing

@Suite("Access tokens are sealed for their audience")
struct AudienceKeyTests {
    private static let first: [UInt8] = Array(0..<32)
    private static let second: [UInt8] = Array(32..<64)
    private let keys = AudienceKeys([.mandateRegistry: [("1", first)]])
    private let inside = "header.payload.signature"

    /// Checked with jwcrypto 1.5.6: it decrypts this text under the first key to what is inside.
    private static let checked =
        "eyJhbGciOiJkaXIiLCJjdHkiOiJhdCtqd3QiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiMSJ9..ZGVmZ2hpamtsbW5v"
        + ".IH6_AhybeO5fGzOHuwFEjiulaGv_GYEX.0cnrf4-MUtkZvKGQZPosQA"
    /// Made by jwcrypto 1.5.6 under the first key.
    private static let foreign =
        "eyJhbGciOiJkaXIiLCJjdHkiOiJhdCtqd3QiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiMSJ9..s8IIII8R9TIQD48J"
        + ".RDNTANNQ8KEruV54zP4yiozQcMIVks6b.GysZRpubnQDgA5VK3bDflQ"

    @Test("what is sealed is, byte for byte, what another implementation decrypts")
    func known() throws {
        let keys = try #require(keys)
        let nonce = try AES.GCM.Nonce(data: Array(100..<112) as [UInt8])
        #expect(try keys.seal(inside, for: .mandateRegistry, nonce: nonce) == Self.checked)
    }

    @Test("what another implementation sealed is opened", arguments: [checked, foreign])
    func opens(_ token: String) throws {
        let keys = try #require(keys)
        #expect(keys.open(token, for: .mandateRegistry) == inside)
        #expect(keys.open(token) == inside)
        #expect(keys.open(token, for: .profileResolution) == nil)
    }

    @Test("a key is replaced with two at once: the new one seals, the old one still opens, until it is taken out")
    func replacement() throws {
        let old = try #require(keys)
        let both = try #require(AudienceKeys([.mandateRegistry: [("2", Self.second), ("1", Self.first)]]))
        let new = try #require(AudienceKeys([.mandateRegistry: [("2", Self.second)]]))
        let before = try old.seal(inside, for: .mandateRegistry)
        let after = try both.seal(inside, for: .mandateRegistry)
        #expect(both.open(before, for: .mandateRegistry) == inside)
        #expect(new.open(before, for: .mandateRegistry) == nil)
        #expect(new.open(after, for: .mandateRegistry) == inside && old.open(after, for: .mandateRegistry) == nil)
    }

    @Test(
        "a header that asks for anything else is refused",
        arguments: [
            #"{"alg":"dir","cty":"at+jwt","enc":"A128GCM","kid":"1"}"#,
            #"{"alg":"A256KW","cty":"at+jwt","enc":"A256GCM","kid":"1"}"#,
            #"{"alg":"dir","cty":"JWT","enc":"A256GCM","kid":"1"}"#,
            #"{"alg":"dir","cty":"at+jwt","enc":"A256GCM","kid":"2"}"#,
            #"{"alg":"dir","cty":"at+jwt","enc":"A256GCM"}"#,
            #"{"alg":"dir","crit":["exp"],"cty":"at+jwt","enc":"A256GCM","kid":"1"}"#,
            #"{"alg":"dir","cty":"at+jwt","enc":"A256GCM","kid":"1","zip":"DEF"}"#,
        ])
    func headers(_ header: String) throws {
        let encoded = Base64URL.encode(Array(header.utf8))
        let key = SymmetricKey(data: Self.first)
        let box = try AES.GCM.seal(Array(inside.utf8), using: key, authenticating: Array(encoded.utf8))
        let parts = [Array(box.nonce), Array(box.ciphertext), Array(box.tag)].map { Base64URL.encode($0) }
        #expect(keys?.open("\(encoded)..\(parts[0]).\(parts[1]).\(parts[2])", for: .mandateRegistry) == nil)
    }

    @Test("an API has one or two keys of 32 bytes with ids of their own")
    func rules() {
        #expect(AudienceKeys([.mandateRegistry: []]) == nil)
        #expect(AudienceKeys([.mandateRegistry: [("1", Self.first), ("1", Self.second)]]) == nil)
        #expect(AudienceKeys([.mandateRegistry: [("", Self.first)]]) == nil)
        #expect(AudienceKeys([.mandateRegistry: [("1", Array(Self.first.dropLast()))]]) == nil)
        #expect(AudienceKeys([.mandateRegistry: ["1", "2", "3"].map { ($0, Self.first) }]) == nil)
    }
}
