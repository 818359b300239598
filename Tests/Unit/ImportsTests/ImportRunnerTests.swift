import Async
import FoundationEssentials
import Imports
import TestBasics
import Testing

/// Takes rows in by a rule and remembers what it was given.
private final class Handler: ImportHandler {
    private let chunks = Guarded<[[Int]]>([])
    private let rule: @Sendable (ImportRow) throws -> ImportVerdict
    var lines: [[Int]] { chunks.withLock { $0 } }

    init(_ rule: @escaping @Sendable (ImportRow) throws -> ImportVerdict = { _ in .added }) { self.rule = rule }

    func take(_ rows: [ImportRow], tell: (ImportVerdict) -> Void) async throws {
        chunks.withLock { $0.append(rows.map(\.line)) }
        for row in rows { tell(try rule(row)) }
    }
}

@Suite("An import gives a verdict for each row")
struct ImportRunnerTests {
    private let printed = Lines()
    private let handler = Handler { row in
        switch row["name"] {
        case "same": .unchanged
        case "new": .added
        case "other": .changed
        case "later": .waits
        default: .refused("the name \"\(row["name"])\" is unknown")
        }
    }

    private func file(_ text: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.path + "/toegang-import-\(UUID().uuidString).csv"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    private func run(
        _ text: String, handler: (any ImportHandler)? = nil, chunkSize: Int = 2, json: Bool = false
    ) async throws -> ImportSummary {
        let path = try file(text)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let runner = ImportRunner(
            columns: ["name", "number"], chunkSize: chunkSize, report: ImportReport(json: json, print: printed.add))
        return try await runner.run(path: path, handler: handler ?? self.handler)
    }

    @Test("verdicts come with line numbers, in the order of the file, and are added up")
    func verdicts() async throws {
        let summary = try await run("number,name\r\n1,new\r\n2,bad\r\n3,same\r\n\r\n4,other\r\n5,later\r\n")
        #expect(summary.added == 1 && summary.changed == 1 && summary.unchanged == 1 && summary.refused == 1)
        #expect(summary.waiting == 1 && summary.rows == 5)
        #expect(
            printed.all == [
                "line 2: added", "line 3: refused: the name \"bad\" is unknown", "line 4: unchanged",
                "line 6: changed", "line 7: waits",
                "5 rows: 1 added, 1 changed, 1 unchanged, 1 refused, 1 waiting",
            ])
        #expect(handler.lines == [[2, 3], [4, 6], [7]])
    }

    @Test("programs get JSON lines")
    func json() async throws {
        _ = try await run("name,number\nnew,1\nbad,2\n", json: true)
        #expect(
            printed.all == [
                #"{"line":2,"verdict":"added"}"#,
                #"{"line":3,"reason":"the name \"bad\" is unknown","verdict":"refused"}"#,
                #"{"added":1,"changed":0,"refused":1,"rows":2,"unchanged":0,"waiting":0}"#,
            ])
    }

    @Test("a row of another length or not readable is refused, and the rows around it are taken in")
    func badRows() async throws {
        let summary = try await run("name,number\nnew,1\nnew\nnew,2\nne\"w,3\nnew,4\n", chunkSize: 10)
        #expect(summary.added == 3 && summary.refused == 2)
        #expect(printed.all.contains("line 3: refused: the row has 1 fields and the header 2"))
        #expect(
            printed.all.filter { $0.hasPrefix("line") }.map { $0.prefix(6) } == [
                "line 2", "line 3", "line 4", "line 5", "line 6",
            ])
    }

    @Test(
        "a file that cannot be used is refused with a sentence, and nothing is taken in",
        arguments: [
            ("", "is empty; its first row must name the columns."),
            ("\n\n", "is empty; its first row must name the columns."),
            ("name,number,colour\n", "The header has names that are not expected at place 3."),
            ("name\nnew\n", "The file lacks the column \"number\"."),
            ("name,number,name\n", "The file has more than once the column \"name\"."),
            ("name,number,a,b\n", "The header has names that are not expected at places 3, 4."),
            ("naam,nummer\n", "The first row of the file names none of the columns; its header row is missing."),
            ("85073003328,secret\n1,2\n", "The first row of the file names none of the columns"),
            ("name,number\rAn,secret\r", "The file lacks the column \"number\"."),
        ])
    func unusable(text: String, sentence: String) async throws {
        let failure = await #expect(throws: ImportFailure.self) { try await run(text) }
        #expect(failure?.description.contains(sentence) == true)
        #expect(failure?.description.hasSuffix("Nothing was taken in.") == true)
        #expect(failure?.description.contains("secret") == false)
        #expect(handler.lines.isEmpty)
    }

    @Test("a file that is not there is said so")
    func absent() async {
        let runner = ImportRunner(columns: ["a"], chunkSize: 1, report: ImportReport(json: false, print: printed.add))
        let failure = await #expect(throws: ImportFailure.self) {
            try await runner.run(path: "/nowhere/file.csv", handler: handler)
        }
        #expect(failure?.description == "The file \"/nowhere/file.csv\" cannot be opened. Nothing was taken in.")
    }

    @Test("an import that has to stop says at which line and what was kept")
    func stops() async throws {
        struct Away: Error, CustomStringConvertible { var description: String { "the database is away" } }
        let handler = Handler { row in
            if row.line > 4 { throw Away() }
            return .added
        }
        let failure = await #expect(throws: ImportFailure.self) {
            try await run("name,number\na,1\nb,2\nc,3\nd,4\n", handler: handler)
        }
        #expect(
            failure?.description
                == "Stopped at line 5: the database is away. What the rows before it brought is kept. "
                + "Mend the cause and run the import again: rows that were taken in are recognised.")
        #expect(printed.all == ["line 2: added", "line 3: added", "line 4: added"])
    }

    @Test("rows of empty fields are no rows, however many fields they have")
    func emptyRows() async throws {
        let summary = try await run("name,number\nnew,1\n,\n , \n,,,,\nnew,2\n,\n")
        #expect(summary.added == 2 && summary.rows == 2)
        #expect(handler.lines == [[2, 6]])
    }

    @Test("blanks around a value are left out, except where it is read as it stands")
    func blanks() async throws {
        let handler = Handler { row in
            row["name"] == "a b" && row.exact("number") == " secret " ? .added : .refused("blanks")
        }
        let summary = try await run("name,number\n  a b , secret \n", handler: handler)
        #expect(summary.added == 1)
    }

    @Test("a personal number does not come through in a refusal")
    func redaction() async throws {
        let handler = Handler { row in .refused("number \(row["number"]) is wrong") }
        _ = try await run("name,number\na,85073099091\n", handler: handler)
        #expect(printed.all.first == "line 2: refused: number [national number] is wrong")
    }

    @Test("a file much larger than a block is streamed in chunks")
    func large() async throws {
        let text = "name,number\n" + (0..<20_000).map { "new,\($0)\n" }.joined()
        let summary = try await run(text, chunkSize: 50)
        #expect(summary.added == 20_000)
        #expect(handler.lines.count == 400)
    }
}
