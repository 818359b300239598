import Telemetry
import Vocabulary

/// Runs an import: reads the file, checks its header, hands rows over in chunks and reports a verdict for each.
package struct ImportRunner: Sendable {
    /// How often rows are tried again that other work was in the way of.
    private static let patience = 5

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
            case .success(nil): continue
            case .success(let row?):
                chunk.append(row)
                if chunk.count == chunkSize {
                    try await take(chunk, handler, &summary)
                    chunk = []
                }
            case .failure(let defect):
                // Rows before it are reported first, so that the report is in the order of the file.
                try await take(chunk, handler, &summary)
                chunk = []
                tell(.refused("\(defect)"), record.line, &summary)
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

    /// Nothing for a row without content, which spreadsheets leave at the end of a file.
    private func read(_ record: CSVRecord, header: [String]) -> Result<ImportRow?, ImportFailure> {
        switch record.content {
        case .failure(let defect): return .failure(ImportFailure("\(defect)"))
        case .success(let fields):
            if fields.allSatisfy({ $0.trimmedBlanks.isEmpty }) { return .success(nil) }
            guard fields.count == header.count else {
                return .failure(
                    ImportFailure("the row has \(fields.count) fields and the header \(header.count)"))
            }
            let values = Dictionary(zip(header, fields)) { first, _ in first }
            return .success(ImportRow(line: record.line, values: values))
        }
    }

    private func tell(_ verdict: ImportVerdict, _ line: Int, _ summary: inout ImportSummary) {
        report.row(line, verdict)
        summary.count(verdict)
    }

    private static func whatWasKept(_ summary: ImportSummary) -> String {
        summary.rows == summary.unchanged + summary.refused
            ? "Nothing was taken in." : "What the rows before it brought is kept."
    }
}

// MARK: - Header

extension ImportRunner {
    private func readHeader(_ file: inout CSVFile, path: String) throws(ImportFailure) -> [String] {
        guard let record = try next(&file, taken: ImportSummary()) else {
            throw ImportFailure(
                "The file \"\(path)\" is empty; its first row must name the columns. Nothing was taken in.")
        }
        guard case .success(let fields) = record.content else {
            throw ImportFailure("The header row cannot be read. Nothing was taken in.")
        }
        let header = fields.map { String($0.trimmedBlanks) }
        let sentences = defects(of: header)
        guard sentences.isEmpty else {
            let expected = "Expected are: \(columns.joined(separator: ","))."
            throw ImportFailure((sentences + [expected, "Nothing was taken in."]).joined(separator: " "))
        }
        return header
    }

    /// What is wrong with a header; a name that is not expected is told by its place, since the first row of a file
    /// without a header holds somebody's data.
    private func defects(of header: [String]) -> [String] {
        if !header.contains(where: columns.contains) {
            return ["The first row of the file names none of the columns; its header row is missing."]
        }
        let unknown = header.indices.filter { !columns.contains(header[$0]) }.map { "\($0 + 1)" }
        let missing = columns.filter { !header.contains($0) }.map { "\"\($0)\"" }
        let double = columns.filter { name in header.count { $0 == name } > 1 }.map { "\"\($0)\"" }
        return [
            Self.sentence("The header has names that are not expected at place", unknown),
            Self.sentence("The file lacks the column", missing),
            Self.sentence("The file has more than once the column", double),
        ].compactMap { $0 }
    }

    private static func sentence(_ start: String, _ names: [String]) -> String? {
        names.isEmpty ? nil : "\(start)\(names.count == 1 ? "" : "s") \(names.joined(separator: ", "))."
    }
}

// MARK: - Rows

extension ImportRunner {
    /// Hands rows over together; where the data of one keeps the others out, each of the rest alone.
    private func take(_ rows: [ImportRow], _ handler: any ImportHandler, _ summary: inout ImportSummary) async throws {
        var told = 0
        if try await handOver(rows, told: &told, handler, &summary) == nil { return }
        while told < rows.count {
            let row = rows[told]
            var alone = 0
            if let defect = try await handOver([row], told: &alone, handler, &summary), alone == 0 {
                tell(.refused(defect), row.line, &summary)
            }
            told += 1
        }
    }

    /// - Parameter told: how many of the rows have their verdict.
    /// - Returns: what the database does not take of a row that has none yet; nil when all have theirs.
    private func handOver(
        _ rows: [ImportRow], told: inout Int, _ handler: any ImportHandler, _ summary: inout ImportSummary
    ) async throws -> String? {
        var tries = 0
        while told < rows.count {
            let rest = Array(rows[told...])
            do {
                try await handler.take(rest) { verdict in
                    guard told < rows.count else { return }
                    tell(verdict, rows[told].line, &summary)
                    told += 1
                }
                guard told == rows.count else {
                    throw ImportFailure(
                        "Stopped at line \(rows[told].line): it got no verdict. \(Self.whatWasKept(summary))")
                }
            } catch let error as any StoreError where error.isAboutData && told < rows.count {
                return "the database does not take it (\(error))"
            } catch let error as any StoreError where error.trouble?.mayPass == true && tries < Self.patience {
                tries += 1
                try await Task.sleep(for: .milliseconds(200 * tries))
            } catch let failure as ImportFailure {
                throw failure
            } catch {
                throw stopped(by: error, at: rows[min(told, rows.count - 1)...].map(\.line), summary)
            }
        }
        return nil
    }

    private func stopped(by error: any Error, at lines: [Int], _ summary: ImportSummary) -> ImportFailure {
        let (first, last) = (lines.first ?? 1, lines.last ?? 1)
        let unknown =
            first == last
            ? "Whether line \(first) was taken in is not known."
            : "Whether lines \(first) to \(last) were taken in is not known."
        let isKnown = (error as? any StoreError)?.trouble != .outcomeUnknown
        return ImportFailure(
            "Stopped at line \(first): \(Redaction.redact("\(error)")). "
                + "\(isKnown ? Self.whatWasKept(summary) : unknown) "
                + "Mend the cause and run the import again: rows that were taken in are recognised.")
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
    package private(set) var waiting = 0

    package init() {}

    /// All rows that got a verdict.
    package var rows: Int { added + changed + unchanged + refused + waiting }

    mutating func count(_ verdict: ImportVerdict) {
        switch verdict {
        case .added: added += 1
        case .changed: changed += 1
        case .unchanged: unchanged += 1
        case .waits: waiting += 1
        case .refused: refused += 1
        }
    }
}
