import Async
import Glibc
package import Postgres
import TestBasics

/// What a schema looks like after its migrations, in PostgreSQL's own words: tables, checks, indexes, functions, triggers
/// and rights, without what differs from one machine to the next.
package enum SchemaDump {
    /// The text that `pg_dump` writes of a migrated schema, without its settings, remarks and blank lines in a row.
    ///
    /// Throws `TestKitError` when the program is missing or ends with an error, and what making the database throws.
    package static func text(schema: String, migrations: [Migration]) async throws -> String {
        try await TestPostgres.withDatabase(schema: schema, migrations: migrations) { database in
            try await onThread(throwing: { tidy(try dump(schema, of: database.superuser)) })
        }
    }

    private static func dump(_ schema: String, of database: DatabaseConfiguration) throws -> String {
        var template = Array("/tmp/toegang-schema-XXXXXX".utf8CString)
        let descriptor = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mkstemp($0) } ?? -1
        }
        guard descriptor >= 0 else { throw TestKitError("no temporary file: error \(errno)") }
        close(descriptor)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        try runToEnd(
            [
                "/usr/bin/env", "PGPASSWORD=\(database.password)", "pg_dump", "--schema-only", "--no-owner",
                "--schema", schema, "--file", path, "--host", database.host, "--port", "\(database.port)",
                "--username", database.user, "--dbname", database.database,
            ])
        return try readText(path)
    }

    /// Settings and remarks name versions of the server and of the program, and a random word in newer ones.
    private static func tidy(_ dump: String) -> String {
        let dropped = ["--", "SET ", "SELECT pg_catalog.set_config", "\\restrict", "\\unrestrict"]
        var lines: [Substring] = []
        for line in dump.split(separator: "\n", omittingEmptySubsequences: false) {
            if dropped.contains(where: { line.hasPrefix($0) }) { continue }
            if line.isEmpty && lines.last?.isEmpty ?? true { continue }
            lines.append(line)
        }
        while lines.last?.isEmpty ?? false { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }
}
