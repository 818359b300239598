/// A record of a CSV file with the line on which it begins.
package struct CSVRecord: Sendable, Equatable {
    /// From 1; line breaks within quotes count.
    package let line: Int
    /// The fields, or why the record cannot be read.
    package let content: Result<[String], CSVDefect>
}

/// Why one record cannot be read although the next ones can.
package enum CSVDefect: Error, Sendable, Equatable, CustomStringConvertible {
    case notUTF8
    case strayQuote
    case tooManyFields

    package var description: String {
        switch self {
        case .notUTF8: "the row is not UTF-8 text"
        case .strayQuote: "a quotation mark stands where none may: quote the whole field and double the marks in it"
        case .tooManyFields: "the row has more than \(CSVParser.maximumFields) fields"
        }
    }
}

/// Why a file cannot be read on from some line.
package enum CSVError: Error, Sendable, Equatable, CustomStringConvertible {
    case cannotOpen(path: String)
    case readFailed(line: Int)
    case rowTooLong(line: Int)
    case quoteNotClosed(line: Int)

    package var description: String {
        switch self {
        case .cannotOpen(let path): "The file \"\(path)\" cannot be opened."
        case .readFailed(let line): "The file cannot be read on from line \(line)."
        case .rowTooLong(let line):
            "The row that begins on line \(line) is longer than \(CSVParser.maximumRowBytes / 1024) KiB; "
                + "perhaps a quotation mark is missing there."
        case .quoteNotClosed(let line): "The quoted field in the row that begins on line \(line) is not closed."
        }
    }
}

/// Takes the bytes of a CSV file apart (RFC 4180): commas, double quotes, CRLF or LF, UTF-8 with or without a mark.
///
/// A pure state machine: bytes go in, records come out, and what it holds is bounded by the longest row.
package struct CSVParser: Sendable {
    /// The longest row, in bytes.
    package static let maximumRowBytes = 64 * 1024
    /// The most fields of a row.
    package static let maximumFields = 128

    private enum State {
        case fieldStart, unquoted, quoted, quoteInQuoted, carriageReturn
    }
    private var state = State.fieldStart
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var defect: CSVDefect?
    /// Whether the field that is being read began with a quotation mark.
    private var fieldIsQuoted = false
    /// Whether the row has anything in it, be it an empty field in quotes.
    private var rowHasContent = false
    private var rowBytes = 0
    private var line = 1
    private var rowLine = 1
    private var sawFirstRow = false

    package init() {}

    /// Takes a byte; answers the record that it completes.
    package mutating func take(_ byte: UInt8) throws(CSVError) -> CSVRecord? {
        rowBytes += 1
        guard rowBytes <= Self.maximumRowBytes else { throw .rowTooLong(line: rowLine) }
        if byte == UInt8(ascii: "\n") { line += 1 }
        switch state {
        case .quoted:
            if byte == UInt8(ascii: "\"") { state = .quoteInQuoted } else { field.append(byte) }
            return nil
        case .quoteInQuoted where byte == UInt8(ascii: "\""):
            field.append(byte)
            state = .quoted
            return nil
        case .fieldStart where byte == UInt8(ascii: "\""):
            fieldIsQuoted = true
            rowHasContent = true
            state = .quoted
            return nil
        case .carriageReturn where byte != UInt8(ascii: "\n"):
            if fieldIsQuoted { defect = defect ?? .strayQuote }
            field.append(UInt8(ascii: "\r"))
            state = .unquoted
        default: break
        }
        return takeOutsideQuotes(byte)
    }

    private mutating func takeOutsideQuotes(_ byte: UInt8) -> CSVRecord? {
        switch byte {
        case UInt8(ascii: ","):
            endField()
            return nil
        case UInt8(ascii: "\n"): return endRow()
        case UInt8(ascii: "\r"):
            state = .carriageReturn
            return nil
        case UInt8(ascii: "\""):
            defect = defect ?? .strayQuote
            return nil
        default:
            // After a closing quote only a comma or the end of the row may come.
            if fieldIsQuoted { defect = defect ?? .strayQuote }
            field.append(byte)
            state = .unquoted
            return nil
        }
    }

    /// Says that the file ends; answers the last record when no line break follows it.
    package mutating func finish() throws(CSVError) -> CSVRecord? {
        if state == .quoted { throw .quoteNotClosed(line: rowLine) }
        guard rowBytes > 0 else { return nil }
        return endRow()
    }

    private mutating func endField() {
        if fields.count == Self.maximumFields {
            defect = defect ?? .tooManyFields
        } else if !sawFirstRow, fields.isEmpty, field.starts(with: [0xEF, 0xBB, 0xBF]) {
            append(field.dropFirst(3))
        } else {
            append(field[...])
        }
        field.removeAll(keepingCapacity: true)
        fieldIsQuoted = false
        state = .fieldStart
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        if let text = String(validating: bytes, as: UTF8.self) {
            fields.append(text)
        } else {
            defect = defect ?? .notUTF8
            fields.append("")
        }
    }

    /// Completes a row; a line without anything in it is no row.
    private mutating func endRow() -> CSVRecord? {
        endField()
        defer {
            fields = []
            defect = nil
            rowBytes = 0
            rowHasContent = false
            rowLine = line
            sawFirstRow = true
        }
        if fields == [""], defect == nil, !rowHasContent { return nil }
        return CSVRecord(line: rowLine, content: defect.map { .failure($0) } ?? .success(fields))
    }
}
