import FoundationEssentials
import Testing
import Vocabulary

@Suite("RIZIV numbers")
struct RizivNumberTests {
    @Test(
        "the numbers of the reference table are valid",
        arguments: [
            ("1-99999-15-000", "19999915000", "000"),
            ("10000106004", "10000106004", "004"),
            ("10000135004", "10000135004", "004"),
            ("20000113001", "20000113001", "001"),
            ("30000120001", "30000120001", "001"),
            ("40000127401", "40000127401", "401"),
            ("40000154401", "40000154401", "401"),
            ("50000134527", "50000134527", "527"),
            ("60000141", "60000141", nil),
            ("71000436", "71000436", nil),
            ("71000436000", "71000436000", "000"),
            ("94000126", "94000126", nil),
        ])
    func valid(_ text: String, _ digits: String, _ qualification: String?) throws {
        let number = try RizivNumber(text)
        #expect(number.digits == digits)
        #expect(number.personKey == String(digits.prefix(8)))
        #expect(number.qualification == qualification)
    }

    @Test(
        "an invalid number is refused with its reason",
        arguments: [
            ("19999916000", RizivNumberError.checkDigits),
            ("10000107", .checkDigits),
            ("1000010", .length),
            ("100001060", .length),
            ("100001060041", .length),
            ("", .length),
            ("1000010A", .characters),
            ("00000097", .prefix),
        ])
    func invalid(_ text: String, _ expected: RizivNumberError) {
        #expect(throws: expected) { try RizivNumber(text) }
    }

    @Test("modulus 89 can be left out")
    func moduli() throws {
        #expect(throws: RizivNumberError.checkDigits) { try RizivNumber("10000135004", moduli: [97]) }
        #expect(try RizivNumber("10000106004", moduli: [97]).qualification == "004")
    }

    @Test(
        "for some bases both moduli give the same check digits",
        arguments: [103_507, 103_508, 103_509, 103_510, 103_511])
    func sameCheckDigits(_ base: Int) throws {
        #expect(97 - base % 97 == 89 - base % 89)
        let check = 97 - base % 97
        let text = "\(base)" + (check < 10 ? "0\(check)" : "\(check)")
        #expect(try RizivNumber(text, moduli: [97]) == RizivNumber(text, moduli: [89]))
    }

    @Test("a base without remainder has the modulus itself as its check digits")
    func edge() throws {
        let base = 97 * 1100
        #expect(try RizivNumber("\(base)97").digits == "\(base)97")
        #expect(throws: RizivNumberError.checkDigits) { try RizivNumber("\(base)00") }
    }

    @Test("the print format is read and written")
    func format() throws {
        #expect(try RizivNumber("1-99999-15-000").formatted == "1-99999-15-000")
        #expect(try RizivNumber("1/99999/15").formatted == "1-99999-15")
    }

    @Test("JSON has the digits, and a wrong number is no value")
    func json() throws {
        let number = try RizivNumber("1-99999-15-000")
        let text = String(decoding: try JSONEncoder().encode([number]), as: UTF8.self)
        #expect(text == #"["19999915000"]"#)
        #expect(try JSONDecoder().decode([RizivNumber].self, from: Data(text.utf8)) == [number])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([RizivNumber].self, from: Data(#"["19999916000"]"#.utf8))
        }
    }
}
