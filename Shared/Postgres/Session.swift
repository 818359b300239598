import CLibpq

/// The statements of one lease.
///
/// It cannot be stored, copied or awaited upon, so no lock outlives its closure.
package struct Session: ~Copyable {
    /// The longest batch.
    package static let longestPipeline = 64

    let conversation: Conversation

    /// Runs a statement and answers its rows.
    package borrowing func query(_ sql: SQL) throws(PostgresError) -> [Row] {
        try conversation.run([sql])[0].rows
    }

    /// Runs a statement that answers at most one row.
    package borrowing func first(_ sql: SQL) throws(PostgresError) -> Row? {
        let rows = try conversation.run([sql])[0].rows
        guard rows.count <= 1 else {
            throw PostgresError(.unexpectedRows, explanation: "\(rows.count) where at most 1 was expected")
        }
        return rows.first
    }

    /// Runs a statement and answers how many rows it touched.
    @discardableResult
    package borrowing func execute(_ sql: SQL) throws(PostgresError) -> Int {
        try conversation.run([sql])[0].affected
    }

    /// Runs up to 64 statements in one round trip and answers the rows of each.
    ///
    /// When one fails the server skips those after it, and this throws that failure. Outside a transaction nothing of
    /// the batch remains; inside one, the transaction can only be rolled back.
    @discardableResult
    package borrowing func pipeline(_ batch: [SQL]) throws(PostgresError) -> [[Row]] {
        guard batch.count <= Session.longestPipeline else { throw PostgresError(.pipelineTooLong) }
        guard !batch.isEmpty else { return [] }
        return try conversation.run(batch).map(\.rows)
    }

    /// Runs a script of several statements without binds.
    borrowing func script(_ text: String) throws(PostgresError) {
        try conversation.script(text)
    }
}

/// What a session and its transaction share during one lease.
final class Conversation {
    let link: Link
    private let lease: Lease
    /// BEGIN is still to be sent; it travels with the first statement.
    private var mustBegin: Bool
    private(set) var began = false

    init(link: Link, lease: Lease, transactional: Bool) {
        self.link = link
        self.lease = lease
        mustBegin = transactional
    }

    func run(_ batch: [SQL]) throws(PostgresError) -> [StatementResult] {
        if lease.isCancelled { throw PostgresError(.cancelled) }
        do {
            guard mustBegin else { return try link.run(batch) }
            mustBegin = false
            began = true
            return Array(try link.run(["BEGIN"] + batch).dropFirst())
        } catch {
            let commitsByItself = !began && batch.contains { !$0.isSelect }
            throw translate(commitsByItself && error.kind == .connection ? error.ofCommit : error)
        }
    }

    func script(_ text: String) throws(PostgresError) {
        if lease.isCancelled { throw PostgresError(.cancelled) }
        do { try link.script(text) } catch { throw translate(error) }
    }

    /// Commits what was begun; a transaction that cannot be committed is an error, never a silent rollback.
    func commit() throws(PostgresError) {
        guard began else { return }
        guard link.transactionStatus != PQTRANS_INERROR else { throw PostgresError(.transactionAborted) }
        try lease.commit()
        do { _ = try link.run(["COMMIT"]) } catch { throw error.ofCommit }
    }

    /// A statement that was interrupted because its task was cancelled is a cancellation, not a timeout.
    private func translate(_ error: PostgresError) -> PostgresError {
        error.isStatementTimeout && lease.isCancelled ? PostgresError(.cancelled) : error
    }
}
