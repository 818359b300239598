import ContractCore
import Testing
import Tokens

@Suite("What ends a token")
struct TokenEndTests {
    @Test("the table for people has a row for each thing that ends a token, and no other")
    func table() throws {
        let rows = try SourceTree.text("Shared/Docs/what-ends-a-token.md").split(separator: "\n")
            .filter { $0.hasPrefix("| ") }.dropFirst(2)
            .map { $0.split(separator: "|").map { String($0).trimmed } }
        #expect(rows.compactMap(\.first) == TokenEnd.allCases.map(\.name))
        for row in rows {
            #expect(row.count == 5 && row.allSatisfy { !$0.isEmpty }, "\(row)")
            let told: AccessEnded.Kind? =
                switch row.first {
                case TokenEnd.basis(.session).name: .session
                case TokenEnd.family.name: .family
                case TokenEnd.token.name: .token
                default: nil
                }
            let says = row.last ?? ""
            #expect(says.contains("`access.ended`") == (told != nil))
            if let told { #expect(says.contains("of kind `\(told.rawValue)`")) }
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
