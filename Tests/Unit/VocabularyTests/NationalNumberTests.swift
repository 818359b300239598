import Testing
import Vocabulary

/// The day on which the numbers of these tests are read.
private let today = LocalDate(daysSinceEpoch: 20_600)  // 2026-05-27

private struct Expectation: Sendable, CustomTestStringConvertible {
    let number: String
    let kind: NationalNumber.Kind
    let year: Int?
    let month: Int?
    let day: Int?
    let sex: Sex?

    init(_ number: String, _ kind: NationalNumber.Kind, _ date: (Int?, Int?, Int?), _ sex: Sex?) {
        self.number = number
        self.kind = kind
        (year, month, day) = date
        self.sex = sex
    }

    var testDescription: String { "\(kind) born \(year ?? 0)" }
}

@Suite("National numbers")
struct NationalNumberTests {
    private static let numbers: [Expectation] = [
        Expectation("85073003328", .register, (1985, 7, 30), .male),
        Expectation("17073003384", .register, (2017, 7, 30), .male),
        Expectation("05061300176", .register, (2005, 6, 13), .male),
        Expectation("10123100270", .register, (2010, 12, 31), .female),
        Expectation("20022900276", .register, (2020, 2, 29), .female),
        Expectation("23010199774", .register, (2023, 1, 1), .male),
        Expectation("72022900173", .register, (1972, 2, 29), .male),
        Expectation("99123100267", .register, (1999, 12, 31), .female),
        Expectation("00010100105", .register, (2000, 1, 1), .male),
        Expectation("04022901221", .register, (2004, 2, 29), .female),
        Expectation("40010000170", .register, (1940, 1, nil), .male),
        Expectation("85000000138", .register, (1985, nil, nil), .male),
        Expectation("00000100166", .register, (nil, nil, nil), .male),
        Expectation("00000100195", .register, (nil, nil, nil), .male),
        Expectation("85073006001", .register, (1985, 7, 30), .female),
        Expectation("85073006197", .register, (1985, 7, 30), .male),
        Expectation("98472899765", .bis, (1998, 7, 28), .male),
        Expectation("01490700185", .bis, (2001, 9, 7), .male),
        Expectation("03471400296", .bis, (2003, 7, 14), .female),
        Expectation("87521500290", .bis, (1987, 12, 15), .female),
        Expectation("87521500191", .bis, (1987, 12, 15), .male),
        Expectation("87321500544", .bis, (1987, 12, 15), nil),
        Expectation("12222800575", .bis, (2012, 2, 28), nil),
        Expectation("87400000664", .bis, (1987, nil, nil), .female),
        Expectation("87200000423", .bis, (1987, nil, nil), nil),
        Expectation("05400000224", .bis, (2005, nil, nil), .female),
        Expectation("19200000578", .bis, (2019, nil, nil), nil),
        Expectation("00400100848", .bis, (nil, nil, nil), .female),
        Expectation("90410101003", .bis, (1990, 1, 1), .female),
        Expectation("90210101057", .bis, (1990, 1, 1), nil),
        Expectation("03523100308", .bis, (2003, 12, 31), .male),
        Expectation("03323100362", .bis, (2003, 12, 31), nil),
    ]

    @Test("a valid number tells its register, birth date and sex", arguments: numbers)
    private func valid(_ expected: Expectation) throws {
        let number = try NationalNumber(expected.number, today: today)
        #expect(number.digits == expected.number)
        #expect(number.kind == expected.kind)
        #expect(number.birthDate.year == expected.year)
        #expect(number.birthDate.month == expected.month)
        #expect(number.birthDate.day == expected.day)
        #expect(number.sex == expected.sex)
    }

    @Test(
        "an invalid number is refused with its reason",
        arguments: [
            ("85073003327", NationalNumberError.checkDigits),
            ("85073003357", .future),
            ("85133003328", .checkDigits),
            ("71715100070", .month),
            ("8507300332", .length),
            ("850730033280", .length),
            ("", .length),
            ("00000000000", .checkDigits),
            ("85073003328x", .characters),
            ("８５073003328", .characters),
        ])
    func invalid(_ text: String, _ expected: NationalNumberError) {
        #expect(throws: expected) { try NationalNumber(text, today: today) }
    }

    @Test(
        "a day that its month does not have is refused though the check digits fit; one of zero is not known",
        arguments: [
            (95_02_29, false), (96_02_29, true), (85_04_31, false), (85_24_31, false), (85_12_32, false),
            (85_12_31, true), (85_07_00, true), (85_00_99, true),
        ])
    func day(_ date: Int, _ exists: Bool) {
        let number = Self.number(date: date, sequence: 995)
        if exists {
            #expect(throws: Never.self) { try NationalNumber(number, today: today) }
        } else {
            #expect(throws: NationalNumberError.day) { try NationalNumber(number, today: today) }
        }
    }

    @Test("a month that no register uses is refused though the check digits fit", arguments: [13, 19, 33, 39, 53, 99])
    func month(_ month: Int) {
        #expect(throws: NationalNumberError.month) {
            try NationalNumber(Self.number(date: 85_00_01 + month * 100, sequence: 995), today: today)
        }
    }

    @Test("the sequences 000 and 999 are not given out", arguments: [0, 999])
    func sequence(_ sequence: Int) {
        #expect(throws: NationalNumberError.sequence) {
            try NationalNumber(Self.number(date: 85_07_30, sequence: sequence), today: today)
        }
    }

    @Test("somebody born today has a number, somebody born tomorrow has none")
    func bornToday() throws {
        let number = Self.number(date: 26_05_27, sequence: 991, after2000: true)
        #expect(try NationalNumber(number, today: today).birthDate.year == 2026)
        #expect(throws: NationalNumberError.future) { try NationalNumber(number, today: today.adding(days: -1)) }
    }

    @Test(
        "the separators of the print format are read",
        arguments: ["85.07.30-033.28", "85 07 30 033 28", " 85073003328 "])
    func separators(_ text: String) throws {
        let number = try NationalNumber(text, today: today)
        #expect(number.digits == "85073003328")
        #expect(number.formatted == "85.07.30-033.28")
    }

    @Test("each single wrong digit is found, with both centuries accepted")
    func singleErrors() {
        let digits = Array("85073003328".utf8)
        for place in digits.indices {
            for digit in UInt8(ascii: "0")...UInt8(ascii: "9") where digit != digits[place] {
                var changed = digits
                changed[place] = digit
                let text = String(decoding: changed, as: UTF8.self)
                #expect(throws: NationalNumberError.self, "digit \(place)") { try NationalNumber(text, today: today) }
            }
        }
    }

    @Test("nothing that prints a number shows its sequence or check digits")
    func masked() throws {
        let number = try NationalNumber("85073003328", today: today)
        var dumped = ""
        dump(number, to: &dumped)
        for text in ["\(number)", String(reflecting: number), dumped, "\([number])", "\(Optional(number) as Any)"] {
            #expect(!text.contains("033"))
            #expect(!text.contains("328"))
        }
        #expect(number.masked == "85.07.30-***.**")
    }

    /// A number with the right check digits for a date and sequence.
    static func number(date: Int, sequence: Int, after2000: Bool = false) -> String {
        let base = date * 1000 + sequence
        let check = 97 - ((after2000 ? 2_000_000_000 : 0) + base) % 97
        let text = String(base * 100 + check)
        return String(repeating: "0", count: 11 - text.count) + text
    }
}
