import FoundationEssentials
import Telemetry

/// Prints what became of each row and of the whole: for people, or as JSON lines for programs.
package struct ImportReport: Sendable {
    private let json: Bool
    private let print: @Sendable (String) -> Void

    /// A report that goes line by line to `print`.
    package init(json: Bool, print: @escaping @Sendable (String) -> Void) {
        self.json = json
        self.print = print
    }

    func row(_ line: Int, _ verdict: ImportVerdict) {
        let (name, why) = Self.name(verdict)
        if json {
            write(RowLine(line: line, verdict: name, reason: why))
        } else {
            print("line \(line): \(name)\(why.map { ": \($0)" } ?? "")")
        }
    }

    func summary(_ summary: ImportSummary) {
        if json {
            write(
                SummaryLine(
                    rows: summary.rows, added: summary.added, changed: summary.changed, unchanged: summary.unchanged,
                    refused: summary.refused, waiting: summary.waiting))
        } else {
            print(
                "\(summary.rows) rows: \(summary.added) added, \(summary.changed) changed, "
                    + "\(summary.unchanged) unchanged, \(summary.refused) refused, \(summary.waiting) waiting")
        }
    }

    private static func name(_ verdict: ImportVerdict) -> (String, String?) {
        switch verdict {
        case .added: ("added", nil)
        case .changed: ("changed", nil)
        case .unchanged: ("unchanged", nil)
        case .waits: ("waits", nil)
        case .refused(let why): ("refused", Redaction.redact(why))
        }
    }

    private func write(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return }
        print(String(decoding: data, as: UTF8.self))
    }

    private struct RowLine: Encodable {
        let line: Int
        let verdict: String
        let reason: String?
    }

    private struct SummaryLine: Encodable {
        let rows: Int
        let added: Int
        let changed: Int
        let unchanged: Int
        let refused: Int
        let waiting: Int
    }
}
