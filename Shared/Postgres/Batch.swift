import CLibpq

extension Link {
    private enum Expected {
        case prepare(StatementCache.Key, name: String)
        case statement(Int)
        case release(String)
    }

    /// Sends statements in one go and reads their results: one round trip, whatever their number.
    ///
    /// The first failure makes the server skip the rest up to the end of the batch; it is what this throws. Outside a
    /// transaction the whole batch is one: nothing of a failed batch remains. Any number of statements above
    /// `Session.longestPipeline` could fill the buffers of both sides; the callers see to that.
    func run(_ batch: [SQL]) throws(PostgresError) -> [StatementResult] {
        guard unsafe PQenterPipelineMode(handle) == 1 else { throw broken() }
        var expected: [Expected] = []
        var prepared: [StatementCache.Key: String] = [:]
        for (index, sql) in batch.enumerated() {
            let key = StatementCache.Key(text: sql.text, types: sql.types)
            let name: String
            if let known = statements.name(for: key) ?? prepared[key] {
                name = known
            } else {
                name = statements.freshName()
                try send(prepare: sql, as: name)
                prepared[key] = name
                expected.append(.prepare(key, name: name))
            }
            try send(execute: sql, as: name)
            expected.append(.statement(index))
        }
        for name in statements.evict() {
            try send(execute: "DEALLOCATE \(identifier: name)", as: nil)
            expected.append(.release(name))
        }
        guard unsafe PQpipelineSync(handle) == 1 else { throw broken() }
        let results = try read(expected, count: batch.count)
        guard unsafe PQexitPipelineMode(handle) == 1 else { throw broken() }
        switch results {
        case .success(let results): return results
        case .failure(let failure):
            forget(batch, after: failure)
            throw failure
        }
    }

    private func read(
        _ expected: [Expected], count: Int
    ) throws(PostgresError) -> Result<[StatementResult], PostgresError> {
        var results: [StatementResult] = []
        results.reserveCapacity(count)
        var failure: PostgresError?
        for item in expected {
            while let result = unsafe try nextResult() {
                defer { unsafe PQclear(result) }
                // Skipped by the server because of an earlier failure, which is the one to tell.
                if unsafe PQresultStatus(result) == PGRES_PIPELINE_ABORTED { continue }
                if let error = unsafe Link.failure(in: result) {
                    guard error.state != nil else { throw error }
                    failure = failure ?? error
                    continue
                }
                switch item {
                case .prepare(let key, let name): statements.insert(key, name: name)
                case .statement: results.append(unsafe Link.copy(result))
                case .release(let name): statements.released(name)
                }
            }
        }
        guard let end = unsafe try nextResult() else { throw broken() }
        let synchronised = unsafe PQresultStatus(end) == PGRES_PIPELINE_SYNC
        unsafe PQclear(end)
        guard synchronised else { throw broken() }
        if let failure { return .failure(failure) }
        return .success(results)
    }

    /// Forgets statements whose plans a migration has made useless, or that the server does not know any more, so that
    /// the next call prepares them anew.
    private func forget(_ batch: [SQL], after failure: PostgresError) {
        for sql in batch {
            let key = StatementCache.Key(text: sql.text, types: sql.types)
            switch failure.state {
            case "0A000": statements.retire(key)
            case "26000": statements.remove(key)
            default: return
            }
        }
    }

    private func send(prepare sql: SQL, as name: String) throws(PostgresError) {
        let sent = unsafe sql.types.withUnsafeBufferPointer { types in
            unsafe PQsendPrepare(handle, name, sql.text, Int32(types.count), types.baseAddress)
        }
        guard sent == 1 else { throw broken() }
    }

    /// Sends a prepared statement, or without a name the text itself.
    private func send(execute sql: SQL, as name: String?) throws(PostgresError) {
        let count = sql.types.count
        let formats = [Int32](repeating: 1, count: count)
        let sent = unsafe sql.bytes.withUnsafeBytes { bytes in
            // An empty value needs an address too: nil means NULL.
            let base = unsafe bytes.baseAddress ?? UnsafeRawPointer(handle)
            var values: [UnsafePointer<CChar>?] = unsafe []
            var lengths: [Int32] = []
            var start: Int32 = 0
            for end in sql.ends {
                if end < 0 {
                    unsafe values.append(nil)
                    lengths.append(0)
                } else {
                    unsafe values.append((base + Int(start)).assumingMemoryBound(to: CChar.self))
                    lengths.append(end - start)
                    start = end
                }
            }
            guard let name else {
                return unsafe PQsendQueryParams(
                    handle, sql.text, Int32(count), sql.types, values, lengths, formats, 1)
            }
            return unsafe PQsendQueryPrepared(handle, name, Int32(count), values, lengths, formats, 1)
        }
        guard sent == 1 else { throw broken() }
    }
}
