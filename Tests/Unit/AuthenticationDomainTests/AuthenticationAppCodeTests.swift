import AuthenticationDomain
import Crypto
import Testing
import Vocabulary

@Suite("App codes")
struct AuthenticationAppCodeTests {
    private static let secret = SymmetricKey(data: Array("12345678901234567890".utf8))

    private func digest(_ message: [UInt8]) -> [UInt8] {
        Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: Self.secret))
    }

    private func instant(_ seconds: Int64) -> Instant { Instant(secondsSinceEpoch: seconds) }

    @Test(
        "the codes of counters 0 to 9 are those of RFC 4226",
        arguments: zip(
            Int64(0)..<10,
            [755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489] as [UInt32]))
    func countersFitTheStandard(counter: Int64, code: UInt32) {
        #expect(AppCodeRule.code(step: counter, digest: digest).value == code)
    }

    @Test(
        "the codes of moments are those of RFC 6238",
        arguments: [
            (59, 287_082), (1_111_111_109, 81_804), (1_111_111_111, 50_471), (1_234_567_890, 5924),
            (2_000_000_000, 279_037), (20_000_000_000, 353_130),
        ] as [(Int64, UInt32)])
    func momentsFitTheStandard(seconds: Int64, code: UInt32) {
        let rule = AppCodeRule()
        let step = rule.step(at: instant(seconds))
        #expect(AppCodeRule.code(step: step, digest: digest).value == code)
        #expect(
            rule.acceptedStep(of: AppCode(value: code), at: instant(seconds), lastUsed: nil, digest: digest) == step)
    }

    @Test("a code is taken one step early and one step late, and not two", arguments: [-2, -1, 0, 1, 2] as [Int64])
    func oneStepOfTolerance(distance: Int64) {
        let rule = AppCodeRule()
        let now = instant(1_234_567_890)
        let code = AppCodeRule.code(step: rule.step(at: now) + distance, digest: digest)
        let accepted = rule.acceptedStep(of: code, at: now, lastUsed: nil, digest: digest)
        #expect((accepted != nil) == (abs(distance) <= 1))
    }

    @Test("without tolerance only the current step is taken")
    func noTolerance() {
        let rule = AppCodeRule(tolerance: 0)
        let now = instant(1_234_567_890)
        let before = AppCodeRule.code(step: rule.step(at: now) - 1, digest: digest)
        #expect(rule.acceptedStep(of: before, at: now, lastUsed: nil, digest: digest) == nil)
    }

    @Test("a used step and all before it are refused")
    func usedStepsAreRefused() {
        let rule = AppCodeRule()
        let now = instant(1_234_567_890)
        let step = rule.step(at: now)
        let code = AppCodeRule.code(step: step, digest: digest)
        #expect(rule.acceptedStep(of: code, at: now, lastUsed: step - 1, digest: digest) == step)
        #expect(rule.acceptedStep(of: code, at: now, lastUsed: step, digest: digest) == nil)
        #expect(rule.acceptedStep(of: code, at: now, lastUsed: step + 1, digest: digest) == nil)
    }

    @Test("a code is six digits, with or without the space that apps show")
    func codesAreRead() {
        #expect(AppCode("005924")?.value == 5924)
        #expect(AppCode("005 924")?.value == 5924)
        for text in [
            "005\u{A0}924", "005-924", "005\u{2013}924", " 005924\n", "\u{FF10}\u{FF10}\u{FF15}924", "005\u{2009}924",
        ] {
            #expect(AppCode(text)?.value == 5924, "\(text)")
        }
        for text in ["", "12345", "1234567", "12345a", "-12345", "12345\u{663}", String(repeating: " ", count: 80)] {
            #expect(AppCode(text) == nil, "\(text)")
        }
    }

    @Test(
        "base32 is that of RFC 4648 without padding",
        arguments: [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"), ("12345678901234567890", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
        ])
    func base32FitsTheStandard(plain: String, encoded: String) {
        #expect(Base32.encode(Array(plain.utf8)) == encoded)
        #expect(Base32.decode(encoded) == Array(plain.utf8))
        #expect(Base32.decode(encoded.lowercased()) == Array(plain.utf8))
    }

    @Test("base32 with padding and in groups of four is read; broken text is not")
    func base32Forms() {
        #expect(Base32.decode("MZXW 6===") == Array("foo".utf8))
        for text in ["M", "MZX", "MZXW6Y", "MZ1Q", "MZXR", "MZ-Q", "ÄZXQ"] {
            #expect(Base32.decode(text) == nil, "\(text)")
        }
    }
}
