import FoundationEssentials
import Testing
import Vocabulary

@Suite("Enterprise numbers")
struct EnterpriseNumberTests {
    @Test(
        "a valid number is read",
        arguments: [
            "0566988259", "0403019261", "0428759497", "0671516647", "0362475538", "0200000043", "1000000021",
            "1012345646", "0765432146", "0200004397",
        ])
    func valid(_ text: String) throws {
        #expect(try EnterpriseNumber(text).digits == text)
    }

    @Test(
        "an invalid number is refused with its reason",
        arguments: [
            ("0431150351", EnterpriseNumberError.checkDigits),
            ("1000000013", .checkDigits),
            ("0200004300", .checkDigits),
            ("2000000039", .prefix),
            ("04030192", .length),
            ("04030192610", .length),
            ("", .length),
            ("0403.019.26X", .characters),
            ("NL0403019261", .characters),
        ])
    func invalid(_ text: String, _ expected: EnterpriseNumberError) {
        #expect(throws: expected) { try EnterpriseNumber(text) }
    }

    @Test(
        "print formats, VAT numbers and the old form of nine digits are read",
        arguments: ["0403.019.261", "BE 0403.019.261", "be0403019261", "403019261", "BE403.019.261"])
    func formats(_ text: String) throws {
        let number = try EnterpriseNumber(text)
        #expect(number.digits == "0403019261")
        #expect(number.formatted == "0403.019.261")
    }

    @Test("each single wrong digit is found")
    func singleErrors() {
        let digits = Array("0403019261".utf8)
        for place in digits.indices {
            for digit in UInt8(ascii: "0")...UInt8(ascii: "9") where digit != digits[place] {
                var changed = digits
                changed[place] = digit
                #expect(throws: EnterpriseNumberError.self) {
                    try EnterpriseNumber(String(decoding: changed, as: UTF8.self))
                }
            }
        }
    }

    @Test("JSON has the digits")
    func json() throws {
        let number = try EnterpriseNumber("0403.019.261")
        let text = String(decoding: try JSONEncoder().encode([number]), as: UTF8.self)
        #expect(text == #"["0403019261"]"#)
        #expect(try JSONDecoder().decode([EnterpriseNumber].self, from: Data(text.utf8)) == [number])
    }
}

@Suite("Visum numbers")
struct VisumTests {
    @Test("anything printable of 1 to 64 characters is kept as delivered", arguments: ["1", "V/2026-00123", "Ä 12 b"])
    func kept(_ text: String) { #expect(Visum(" \(text)\t")?.text == text) }

    @Test(
        "empty, too long and unprintable texts are none",
        arguments: ["", "   ", String(repeating: "9", count: 65), "12\u{0}3", "12\n3", "12\u{200B}3"])
    func refused(_ text: String) { #expect(Visum(text) == nil) }
}
