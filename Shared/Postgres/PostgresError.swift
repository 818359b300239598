package import Vocabulary

/// What went wrong with a database call.
///
/// The description is made for logs: it names states, constraints, tables and columns, and never a value.
package struct PostgresError: StoreError, Sendable, CustomStringConvertible {
    /// The kinds that a caller tells apart.
    package enum Kind: Sendable, Hashable {
        /// No connection within the configured wait, too many waiting, or the pool is shutting down.
        ///
        /// Nothing was done.
        case unavailable(waited: Duration)
        /// The calling task was cancelled; nothing was committed.
        case cancelled
        /// The server refused a statement; `state` is the SQLSTATE.
        case server(state: String)
        /// The connection broke before anything was committed.
        case connection
        /// The connection broke while a commit was under way, or a statement that commits by itself.
        ///
        /// Whether it took place is not known.
        case outcomeUnknown
        /// A column does not hold what the caller asked for.
        case decoding
        /// Another number of rows than the caller can accept.
        case unexpectedRows
        /// A batch of more than `Session.longestPipeline` statements.
        case pipelineTooLong
        /// The body went on after a failed statement, so that the transaction could not be committed.
        case transactionAborted
    }

    /// The kind.
    package let kind: Kind
    /// The constraint that was violated, when the server named one.
    package let constraint: String?
    /// The table that the server named.
    package let table: String?
    /// The column that the server named.
    package let column: String?
    /// A text without values.
    let explanation: String?

    init(
        _ kind: Kind, constraint: String? = nil, table: String? = nil, column: String? = nil, explanation: String? = nil
    ) {
        self.kind = kind
        self.constraint = constraint
        self.table = table
        self.column = column
        self.explanation = explanation
    }

    /// The SQLSTATE, when the server sent one.
    package var state: String? {
        guard case .server(let state) = kind else { return nil }
        return state
    }

    /// A row with this key is there already.
    package var isUniqueViolation: Bool { state == "23505" }
    /// A row refers to something that is not there, or is still referred to.
    package var isForeignKeyViolation: Bool { state == "23503" }
    /// A CHECK refused the row.
    package var isCheckViolation: Bool { state == "23514" }
    /// A column must have a value.
    package var isNotNullViolation: Bool { state == "23502" }
    /// The row overlaps one that is there already.
    package var isExclusionViolation: Bool { state == "23P01" }
    /// The role may not do this.
    package var isPermissionDenied: Bool { state == "42501" }
    /// A lock was not free within the lock timeout.
    package var isLockTimeout: Bool { state == "55P03" }
    /// Another transaction came first; trying the whole transaction again may succeed.
    package var isSerializationFailure: Bool { state == "40001" || state == "40P01" }
    /// The statement ran longer than allowed (or was cancelled by somebody else).
    package var isStatementTimeout: Bool { state == "57014" }
    /// The database cannot be used at present, or did not say what came of a commit: the caller may try again later.
    package var isUnavailable: Bool {
        switch kind {
        case .unavailable, .connection, .outcomeUnknown: true
        case .server(let state): Self.isAway(state)
        default: false
        }
    }
    package var trouble: StoreTrouble? {
        switch kind {
        case .outcomeUnknown: .outcomeUnknown
        case .cancelled: .cancelled
        case _ where isUnavailable: .unavailable
        case _ where isStatementTimeout: .tookTooLong
        case _ where mayPass: .contended
        default: nil
        }
    }
    /// Other work was in the way, or this took too long: nothing was committed, and the same may succeed a moment later.
    package var mayPass: Bool { isSerializationFailure || isLockTimeout || isStatementTimeout }
    /// What was to be written does not fit: a value that a column cannot hold, or a constraint that it breaks.
    package var isAboutData: Bool { state.map { $0.hasPrefix("22") || $0.hasPrefix("23") } ?? false }

    /// Shutdown and start-up; no connections, memory, disk space or files left; a database that only answers; a disk
    /// that fails.
    private static func isAway(_ state: String) -> Bool {
        state.hasPrefix("57P0") || state.hasPrefix("53") || state == "25006" || state.hasPrefix("58")
    }

    /// The same error when it met a commit: an answer that did not come, or that a server gave while it went away, says
    /// nothing about the commit.
    var ofCommit: PostgresError {
        guard kind == .connection || state.map(Self.isAway) == true else { return self }
        return PostgresError(.outcomeUnknown, explanation: description)
    }

    package var description: String {
        var parts: [String] = []
        switch kind {
        case .unavailable(let waited): parts.append("database unavailable after waiting \(waited.wholeMilliseconds) ms")
        case .cancelled: parts.append("cancelled")
        case .server(let state): parts.append("database refused the statement, SQLSTATE \(state)")
        case .connection: parts.append("connection to the database broke")
        case .outcomeUnknown: parts.append("whether the commit took place is not known")
        case .decoding: parts.append("unexpected column")
        case .unexpectedRows: parts.append("unexpected number of rows")
        case .pipelineTooLong: parts.append("more than \(Session.longestPipeline) statements in one batch")
        case .transactionAborted:
            parts.append("transaction rolled back: a statement in it had failed and its error was ignored")
        }
        if let constraint { parts.append("constraint \(constraint)") }
        if let table { parts.append("table \(table)") }
        if let column { parts.append("column \(column)") }
        if let explanation { parts.append(explanation) }
        return parts.joined(separator: ", ")
    }
}
