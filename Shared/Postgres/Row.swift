/// One cell as the server sent it: its type, and its bytes in binary format; no bytes means NULL.
package struct PostgresCell: Sendable {
    /// The server's number of the type.
    package let type: UInt32
    /// The content; `nil` means NULL.
    package let bytes: ArraySlice<UInt8>?

    package init(type: UInt32, bytes: ArraySlice<UInt8>?) {
        self.type = type
        self.bytes = bytes
    }

    /// The content of a cell that must be of one of `types` and not NULL.
    package func content(ofType types: UInt32..., as name: StaticString) throws(PostgresError) -> ArraySlice<UInt8> {
        guard let bytes else {
            throw PostgresError(.decoding, explanation: "NULL where \(name) was expected")
        }
        guard types.contains(type) else {
            throw PostgresError(.decoding, explanation: "type \(type) where \(name) was expected")
        }
        return bytes
    }
}

/// The cells of one result, copied out of libpq in one piece.
final class ResultStorage: Sendable {
    let names: [String]
    let types: [UInt32]
    let bytes: [UInt8]
    /// End of each cell in `bytes`, row by row; the start is the end of the one before.
    ///
    /// Bit 31 set means NULL.
    let ends: [UInt32]

    static let null: UInt32 = 1 << 31

    init(names: [String], types: [UInt32], bytes: [UInt8], ends: [UInt32]) {
        self.names = names
        self.types = types
        self.bytes = bytes
        self.ends = ends
    }
}

/// One row of a result.
package struct Row: Sendable {
    let storage: ResultStorage
    let index: Int

    /// Number of columns.
    package var count: Int { storage.types.count }

    /// All columns from left to right; their number and types must fit.
    package func decode<each Value: PostgresValue>(
        _ types: repeat (each Value).Type
    ) throws(PostgresError) -> (repeat each Value) {
        var expected = 0
        for _ in repeat each types { expected += 1 }
        guard expected == count else {
            throw PostgresError(.decoding, explanation: "\(count) columns where \(expected) were expected")
        }
        var column = -1
        return (repeat try next(&column, each types))
    }

    /// The only column; its type must fit.
    package func decode<Value: PostgresValue>(_ type: Value.Type) throws(PostgresError) -> Value {
        guard count == 1 else {
            throw PostgresError(.decoding, explanation: "\(count) columns where 1 was expected")
        }
        return try column(0, as: type)
    }

    /// One column, counted from 0.
    package func column<Value: PostgresValue>(_ column: Int, as type: Value.Type) throws(PostgresError) -> Value {
        guard storage.types.indices.contains(column) else {
            throw PostgresError(.decoding, explanation: "no column \(column)")
        }
        do {
            return try Value(cell: cell(column))
        } catch {
            throw PostgresError(error.kind, column: storage.names[column], explanation: error.explanation)
        }
    }

    private func next<Value: PostgresValue>(
        _ column: inout Int, _ type: Value.Type
    ) throws(PostgresError) -> Value {
        column += 1
        return try self.column(column, as: type)
    }

    private func cell(_ column: Int) -> PostgresCell {
        let position = index * count + column
        let end = storage.ends[position]
        guard end & ResultStorage.null == 0 else { return PostgresCell(type: storage.types[column], bytes: nil) }
        let start = position == 0 ? 0 : Int(storage.ends[position - 1] & ~ResultStorage.null)
        return PostgresCell(type: storage.types[column], bytes: storage.bytes[start..<Int(end)])
    }
}
