import Imports
import TestBasics
import Testing

@Suite("CSV files are read as RFC 4180 has them")
struct CSVParserTests {
    private func records(_ text: String) throws -> [CSVRecord] {
        try records(Array(text.utf8))
    }

    private func records(_ bytes: [UInt8]) throws -> [CSVRecord] {
        var parser = CSVParser()
        var records: [CSVRecord] = []
        for byte in bytes { if let record = try parser.take(byte) { records.append(record) } }
        if let record = try parser.finish() { records.append(record) }
        return records
    }

    private func fields(_ text: String) throws -> [[String]] {
        try records(text).map { try $0.content.get() }
    }

    @Test(
        "the forms of a file",
        arguments: [
            ("aaa,bbb\r\nccc,ddd\r\n", [["aaa", "bbb"], ["ccc", "ddd"]]),
            ("aaa,bbb\nccc,ddd", [["aaa", "bbb"], ["ccc", "ddd"]]),
            ("\"aaa\",\"b\r\nbb\",\"c,c\"\n", [["aaa", "b\r\nbb", "c,c"]]),
            ("\"aaa\",\"b\"\"bb\"", [["aaa", "b\"bb"]]),
            ("a,,\n", [["a", "", ""]]),
            ("\"\"\n", [[""]]),
            ("a\n\n\nb\n", [["a"], ["b"]]),
            ("\u{FEFF}a,b\n", [["a", "b"]]),
            ("é,🗝\n", [["é", "🗝"]]),
            ("a\rb,c\n", [["a\rb", "c"]]),
            ("", []),
        ])
    func forms(text: String, expected: [[String]]) throws {
        #expect(try fields(text) == expected)
    }

    @Test("a record knows the line on which it begins")
    func lines() throws {
        #expect(try records("a\n\"b\nb\"\nc\n").map(\.line) == [1, 2, 4])
    }

    @Test("a stray quotation mark spoils its row and no other", arguments: ["a\"b,c", "\"a\"b,c", "a,\"b\" "])
    func strayQuote(row: String) throws {
        let records = try records("x,y\n\(row)\nz,w\n")
        #expect(records.map(\.line) == [1, 2, 3])
        #expect(records[1].content == .failure(.strayQuote))
        #expect(records[2].content == .success(["z", "w"]))
    }

    @Test("text that is not UTF-8 spoils its row and no other")
    func notUTF8() throws {
        let records = try records([0x61, 0x2C, 0xFF, 0x0A] + Array("b,c\n".utf8))
        #expect(records[0].content == .failure(.notUTF8))
        #expect(records[1].content == .success(["b", "c"]))
    }

    @Test("limits hold: fields of a row, bytes of a row")
    func limits() throws {
        let many = String(repeating: ",", count: CSVParser.maximumFields)
        #expect(try records(many + "\nb\n").map(\.content) == [.failure(.tooManyFields), .success(["b"])])
        let longest = String(repeating: "x", count: CSVParser.maximumRowBytes - 1) + "\n"
        #expect(try records(longest + longest).count == 2)
        #expect(throws: CSVError.rowTooLong(line: 2)) { try records("a\nx" + longest) }
    }

    @Test("a quote that is never closed is said with the line where it began")
    func openQuote() {
        #expect(throws: CSVError.quoteNotClosed(line: 2)) { try records("a,b\n\"c,d\ne,f\n") }
    }

    @Test("any fields come back as they were written, whatever they hold")
    func roundTrip() throws {
        var generator = SeededRandom(seed: 4180)
        let alphabet = ["a", "é", "\"", ",", "\n", "\r\n", " ", "🗝", ";", "\t", ""]
        for _ in 0..<500 {
            let rows = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                    (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                        alphabet.randomElement(using: &generator) ?? ""
                    }.joined()
                }
            }
            let text = rows.map { row in
                row.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",")
            }.joined(separator: "\r\n")
            #expect(try fields(text) == rows)
        }
    }
}
