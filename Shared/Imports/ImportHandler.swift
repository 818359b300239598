import Vocabulary

/// Takes rows of an import file in, a chunk at a time.
package protocol ImportHandler: Sendable {
    /// Takes rows in and tells a verdict for each, in their order and as soon as it is certain.
    ///
    /// A row is applied whole or not at all, and one that was applied before is `unchanged`. Of rows whose verdict was
    /// not told nothing may have been applied when this throws. A value that the database does not take is the runner's
    /// to sort out: it hands the rows over again one by one. Everything else that is thrown stops the import: it is for
    /// what concerns no single row, such as a database that is away.
    func take(_ rows: [ImportRow], tell: (ImportVerdict) -> Void) async throws
}

extension ImportHandler {
    /// Takes rows in and answers one verdict per row.
    package func take(_ rows: [ImportRow]) async throws -> [ImportVerdict] {
        var verdicts: [ImportVerdict] = []
        try await take(rows) { verdicts.append($0) }
        return verdicts
    }
}

/// A row with its place in the file.
package struct ImportRow: Sendable {
    /// The line on which the row begins; the header is line 1.
    package let line: Int
    private let values: [String: String]

    /// A row by column, the values as they stand in the file.
    package init(line: Int, values: [String: String]) {
        self.line = line
        self.values = values
    }

    /// The value of a column, without blanks around it; empty when the field is empty.
    package subscript(_ column: String) -> String { String(exact(column).trimmedBlanks) }

    /// The value of a column as it stands in the file: for a secret, whose blanks are a part of it.
    package func exact(_ column: String) -> String { values[column] ?? "" }

    /// The value of a column, or nil when the field is empty.
    package func optional(_ column: String) -> String? {
        let value = self[column]
        return value.isEmpty ? nil : value
    }
}

/// What became of a row.
package enum ImportVerdict: Sendable, Equatable {
    case added
    case changed
    /// The same was known already; also what a duplicate row gets.
    case unchanged
    /// It is kept, and counts only when the person of a number turns out to be called as the row says.
    case waits
    /// Nothing of the row was applied; the text says why and never repeats a personal number.
    case refused(String)
}
