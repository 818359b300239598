package import Postgres

/// What statements read of the tables and indexes of a schema.
package struct TableReads: Sendable {
    /// Blocks of 8 KiB, found in memory or not; a block that is read twice counts twice.
    package private(set) var blocks = 0
    /// The tables of more than 100 blocks that were read from their beginning.
    package private(set) var scanned: Set<String> = []

    /// Takes in what one run read, of each table and index.
    fileprivate mutating func take(_ rows: [(table: String, isLarge: Bool, blocks: Int, scans: Int)]) {
        blocks = max(blocks, rows.map(\.blocks).reduce(0, +))
        scanned.formUnion(rows.filter { $0.isLarge && $0.scans > 0 }.map(\.table))
    }
}

extension TestDatabase {
    /// Writes many rows as a superuser, for whom statements may take a minute, and has the planner know about them.
    package func fill(_ statements: [SQL]) async throws {
        let filler = Database(superuser, logger: TestServer.logger)
        try await filler.transaction { session in
            for statement in statements + ["ANALYZE"] { try session.execute(statement) }
        }
        await filler.shutdown()
    }
}

extension Database {
    /// What the body reads, as the server counted it: the most of eight times, since the server may keep a plan that
    /// does without the binds once it has planned a statement five times.
    ///
    /// The body runs the product's own statements in a transaction of one connection, and changes nothing.
    package func reads(_ body: @Sendable (borrowing Session) throws -> Void) async throws -> TableReads {
        try await transaction { session in
            var most = TableReads()
            for _ in 0..<8 {
                let before = try TableReads.counted(in: session)
                try body(session)
                let after = try TableReads.counted(in: session)
                most.take(
                    zip(before, after).map { before, after in
                        (after.table, after.isLarge, after.blocks - before.blocks, after.scans - before.scans)
                    })
            }
            return most
        }
    }
}

extension TableReads {
    /// What this connection read so far, of each table and index in the same order.
    fileprivate static func counted(
        in session: borrowing Session
    ) throws -> [(table: String, isLarge: Bool, blocks: Int, scans: Int)] {
        try session.query(
            """
            SELECT relname::text, relkind = 'r' AND relpages > 100, pg_stat_get_xact_blocks_fetched(oid),
                CASE relkind WHEN 'r' THEN pg_stat_get_xact_numscans(oid) ELSE 0 END
            FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'i') ORDER BY oid
            """
        ).map { row in
            let (table, isLarge, blocks, scans) = try row.decode(String.self, Bool.self, Int64.self, Int64.self)
            return (table, isLarge, Int(blocks), Int(scans))
        }
    }
}
