import CLibpq

/// What one statement of a batch came to.
struct StatementResult {
    let rows: [Row]
    let affected: Int
}

extension Link {
    /// The error that a result stands for, if it does.
    static func failure(in result: OpaquePointer) -> PostgresError? {
        switch unsafe PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_PIPELINE_SYNC, PGRES_EMPTY_QUERY: return nil
        default: break
        }
        guard let state = unsafe field("C", of: result) else {
            return PostgresError(.connection, explanation: unsafe text(PQresultErrorMessage(result)))
        }
        return PostgresError(
            .server(state: state), constraint: unsafe field("n", of: result), table: unsafe field("t", of: result),
            column: unsafe field("c", of: result),
            explanation: speaksOfValues(state) ? nil : unsafe field("M", of: result))
    }

    /// Copies the rows of a result out of libpq's memory.
    static func copy(_ result: OpaquePointer) -> StatementResult {
        let affected = unsafe Int(text(PQcmdTuples(result)) ?? "") ?? 0
        let rowCount = Int(unsafe PQntuples(result))
        let columnCount = unsafe PQnfields(result)
        guard rowCount > 0 else { return StatementResult(rows: [], affected: affected) }
        var names: [String] = []
        var types: [UInt32] = []
        for column in 0..<columnCount {
            names.append(unsafe String(cString: PQfname(result, column)))
            types.append(unsafe PQftype(result, column))
        }
        var bytes: [UInt8] = []
        var ends: [UInt32] = []
        ends.reserveCapacity(rowCount * Int(columnCount))
        for row in 0..<Int32(rowCount) {
            for column in 0..<columnCount {
                if unsafe PQgetisnull(result, row, column) == 1 {
                    ends.append(UInt32(bytes.count) | ResultStorage.null)
                    continue
                }
                let length = Int(unsafe PQgetlength(result, row, column))
                if let start = unsafe PQgetvalue(result, row, column) {
                    unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: length))
                }
                ends.append(UInt32(bytes.count))
            }
        }
        let storage = ResultStorage(names: names, types: types, bytes: bytes, ends: ends)
        return StatementResult(rows: (0..<rowCount).map { Row(storage: storage, index: $0) }, affected: affected)
    }

    /// Messages of these classes name objects; those of others (22 "data exception", raised ones) may quote values.
    private static func speaksOfValues(_ state: String) -> Bool {
        !["08", "0A", "23", "25", "28", "2B", "3D", "3F", "40", "42", "53", "54", "55", "57", "58"]
            .contains(state.prefix(2))
    }

    private static func field(_ code: Unicode.Scalar, of result: OpaquePointer) -> String? {
        unsafe text(PQresultErrorField(result, Int32(code.value)))
    }
}
