import ContractCore
import Testing
import Web

@Suite("Problem codes are a contract")
struct ProblemCodeTests {
    @Test("every code is explained in http-status-codes.md, with its status, and nothing else is")
    func documented() throws {
        let page = try SourceTree.text("Shared/Docs/http-status-codes.md")
        let rows = page.split(separator: "\n").compactMap { line in
            line.firstMatch(of: /^\| `([a-z-]+\.[a-z-]+)` \| (\d{3}) \| (.+) \|$/)
        }
        let documented = Dictionary(rows.map { (String($0.1), Int($0.2)) }) { first, _ in first }
        #expect(rows.count == documented.count, "a code is explained twice")
        for code in ProblemCode.all {
            #expect(documented[code.rawValue] == code.status, "\(code.rawValue) (\(code.status))")
        }
        #expect(Set(documented.keys).subtracting(ProblemCode.all.map(\.rawValue)).sorted() == [])
    }

    @Test("every code has its own name and a title, and reads back as itself")
    func codes() {
        #expect(Set(ProblemCode.all.map(\.rawValue)).count == ProblemCode.all.count)
        for code in ProblemCode.all {
            #expect(ProblemCode(rawValue: code.rawValue) == code)
            #expect(!code.title.isEmpty && (400..<600).contains(code.status))
        }
    }
}
