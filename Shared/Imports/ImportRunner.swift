import Telemetry
import Vocabulary

/// Runs an import: reads the file, checks its header, hands rows over in chunks and reports a verdict for each.
package struct ImportRunner: Sendable {
    private let columns: [String]
    private let chunkSize: Int
    private let report: ImportReport

    /// A runner for a file with those columns.
    package init(columns: [String], chunkSize: Int, report: ImportReport) {
        self.columns = columns
        self.chunkSize = max(1, chunkSize)
        self.report = report
    }

    /// Takes the file in.
    ///
    /// - Throws: `ImportFailure` when the file cannot be used or the import had to stop; rows that the report shows
    ///   as taken in stay so.
    package func run(path: String, handler: any ImportHandler) async throws -> ImportSummary {
        var file = try openFile(path)
        let header = try readHeader(&file, path: path)
        var summary = ImportSummary()
        var chunk: [ImportRow] = []
        while let record = try next(&file, taken: summary) {
            switch read(record, header: header) {
            case .success(let row):
                chunk.append(row)
                if chunk.count == chunkSize {
                    try await take(chunk, handler, &summary)
                    chunk = []
                }
            case .failure(let defect):
                // Rows before it are reported first, so that the report is in the order of the file.
                try await take(chunk, handler, &summary)
                chunk = []
                report.row(record.line, .refused("\(defect)"))
                summary.count(.refused(""))
            }
        }
        try await take(chunk, handler, &summary)
        report.summary(summary)
        return summary
    }

    private func openFile(_ path: String) throws(ImportFailure) -> CSVFile {
        do {
            return try CSVFile(path: path)
        } catch {
            throw ImportFailure("\(error) Nothing was taken in.")
        }
    }

    private func next(_ file: inout CSVFile, taken: ImportSummary) throws(ImportFailure) -> CSVRecord? {
        do {
            return try file.next()
        } catch {
            throw ImportFailure("\(error) \(Self.whatWasKept(taken))")
        }
    }

    private func readHeader(_ file: inout CSVFile, path: String) throws(ImportFailure) -> [String] {
        guard let record = try next(&file, taken: ImportSummary()) else {
            throw ImportFailure(
                "The file \"\(path)\" is empty; its first row must name the columns. Nothing was taken in.")
        }
        guard case .success(let fields) = record.content else {
            throw ImportFailure("The header row cannot be read. Nothing was taken in.")
        }
        let header = fields.map { String($0.trimmedBlanks) }
        let unknown = header.filter { !columns.contains($0) }
        let missing = columns.filter { !header.contains($0) }
        let double = Set(header.filter { name in header.count { $0 == name } > 1 }).sorted()
        let sentences = [
            Self.sentence("The file has the unknown column", unknown),
            Self.sentence("The file lacks the column", missing),
            Self.sentence("The file has more than once the column", double),
        ].compactMap { $0 }
        guard sentences.isEmpty else {
            let expected = "Expected are: \(columns.joined(separator: ","))."
            throw ImportFailure((sentences + [expected, "Nothing was taken in."]).joined(separator: " "))
        }
        return header
    }

    private static func sentence(_ start: String, _ names: [String]) -> String? {
        guard !names.isEmpty else { return nil }
        return "\(start)\(names.count == 1 ? "" : "s") \(names.map { "\"\($0)\"" }.joined(separator: ", "))."
    }

    private func read(_ record: CSVRecord, header: [String]) -> Result<ImportRow, ImportFailure> {
        switch record.content {
        case .failure(let defect): return .failure(ImportFailure("\(defect)"))
        case .success(let fields):
            guard fields.count == header.count else {
                return .failure(
                    ImportFailure("the row has \(fields.count) fields and the header \(header.count)"))
            }
            let values = zip(header, fields.map { String($0.trimmedBlanks) })
            return .success(ImportRow(line: record.line, values: Dictionary(values) { first, _ in first }))
        }
    }

    private func take(_ rows: [ImportRow], _ handler: any ImportHandler, _ summary: inout ImportSummary) async throws {
        guard let first = rows.first else { return }
        let verdicts: [ImportVerdict]
        do {
            verdicts = try await handler.take(rows)
        } catch {
            throw ImportFailure(
                "Stopped at line \(first.line): \(Redaction.redact("\(error)")). \(Self.whatWasKept(summary)) "
                    + "Mend the cause and run the import again: rows that were taken in are recognised.")
        }
        guard verdicts.count == rows.count else {
            throw ImportFailure("Stopped at line \(first.line): \(rows.count) rows got \(verdicts.count) verdicts.")
        }
        for (row, verdict) in zip(rows, verdicts) {
            report.row(row.line, verdict)
            summary.count(verdict)
        }
    }

    private static func whatWasKept(_ summary: ImportSummary) -> String {
        summary.rows == 0 ? "Nothing was taken in." : "What the rows before it brought is kept."
    }
}

/// Why an import ended before the end of its file, in sentences for the person who ran it.
package struct ImportFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    /// A failure with its explanation.
    package init(_ description: String) { self.description = description }
}

/// How many rows came out how.
package struct ImportSummary: Sendable, Equatable {
    package private(set) var added = 0
    package private(set) var changed = 0
    package private(set) var unchanged = 0
    package private(set) var refused = 0

    package init() {}

    /// All rows that got a verdict.
    package var rows: Int { added + changed + unchanged + refused }

    mutating func count(_ verdict: ImportVerdict) {
        switch verdict {
        case .added: added += 1
        case .changed: changed += 1
        case .unchanged: unchanged += 1
        case .refused: refused += 1
        }
    }
}
