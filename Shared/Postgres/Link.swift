import CLibpq
import Glibc

/// One open connection of libpq.
///
/// Used by one thread at a time: not Sendable, owned by one actor or one thread.
@safe final class Link {
    /// Statements that stay prepared at most, per connection.
    static let preparedStatements = 200

    let handle: OpaquePointer
    let cancelHandle: CancelHandle
    /// Longest silence of the server that is accepted, in milliseconds; nil means without limit.
    let patience: Int64?
    var statements = StatementCache(capacity: Link.preparedStatements)

    /// Connects, or throws a connection error with libpq's explanation.
    ///
    /// Blocks for about 2 s at most.
    init(_ configuration: DatabaseConfiguration) throws(PostgresError) {
        let parameters = configuration.connectionParameters
        let opened = unsafe Link.connect(parameters)
        guard let handle = unsafe opened else {
            throw PostgresError(.connection, explanation: "libpq has no memory for a connection")
        }
        guard unsafe PQstatus(handle) == CONNECTION_OK, let cancel = unsafe PQgetCancel(handle) else {
            let explanation = unsafe Link.text(PQerrorMessage(handle))
            unsafe PQfinish(handle)
            throw PostgresError(.connection, explanation: explanation)
        }
        // libpq's own processor writes to standard error, past the log.
        unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
        unsafe self.handle = unsafe handle
        cancelHandle = unsafe CancelHandle(pointer: cancel)
        // The server's own limit comes first; this one is for a server that froze.
        let limit = configuration.statementTimeout.wholeMilliseconds
        patience = limit == 0 ? nil : limit + 3_000
    }

    deinit {
        unsafe PQfreeCancel(cancelHandle.pointer)
        unsafe PQfinish(handle)
    }

    /// Looks without waiting whether the connection is idle and still there.
    ///
    /// An idle server has nothing to say but that it ends the connection (or that its settings were reloaded, after
    /// which a new connection is welcome too). So anything to read means: do not use it.
    func isAlive() -> Bool {
        guard unsafe PQstatus(handle) == CONNECTION_OK, unsafe PQtransactionStatus(handle) == PQTRANS_IDLE,
            unsafe PQpipelineStatus(handle) == PQ_PIPELINE_OFF
        else { return false }
        var descriptor = unsafe pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        return unsafe poll(&descriptor, 1, 0) == 0
    }

    /// Where the connection is with regard to transactions.
    var transactionStatus: PGTransactionStatusType { unsafe PQtransactionStatus(handle) }

    /// Runs a script of several statements by the simple protocol; the text is part of the program.
    func script(_ text: String) throws(PostgresError) {
        guard unsafe PQsendQuery(handle, text) == 1 else { throw broken() }
        var failure: PostgresError?
        while let result = unsafe try nextResult() {
            defer { unsafe PQclear(result) }
            if let error = unsafe Link.failure(in: result), failure == nil { failure = error }
        }
        if let failure { throw failure }
    }

    /// Waits for the next result; nil means that the present statement has no more.
    func nextResult() throws(PostgresError) -> OpaquePointer? {
        let deadline = patience.map { Link.milliseconds() + $0 }
        while unsafe PQisBusy(handle) == 1 {
            guard try waitUntilReadable(deadline) else {
                throw PostgresError(.connection, explanation: "the server was silent for too long")
            }
            guard unsafe PQconsumeInput(handle) == 1 else { throw broken() }
        }
        return unsafe PQgetResult(handle)
    }

    private func waitUntilReadable(_ deadline: Int64?) throws(PostgresError) -> Bool {
        var descriptor = unsafe pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        while true {
            let rest = deadline.map { max(0, $0 - Link.milliseconds()) }
            let ready = unsafe poll(&descriptor, 1, rest.map { Int32(clamping: $0) } ?? -1)
            if ready > 0 { return true }
            if ready == 0 { return false }
            guard errno == EINTR else { throw broken() }
        }
    }

    /// The connection broke: libpq's explanation of the moment.
    func broken() -> PostgresError {
        PostgresError(.connection, explanation: unsafe Link.text(PQerrorMessage(handle)))
    }

    private static func connect(_ parameters: [(keyword: String, value: String)]) -> OpaquePointer? {
        var keywords = unsafe parameters.map { unsafe UnsafePointer(strdup($0.keyword)) }
        var values = unsafe parameters.map { unsafe UnsafePointer(strdup($0.value)) }
        unsafe keywords.append(nil)
        unsafe values.append(nil)
        defer {
            unsafe keywords.forEach { unsafe free(UnsafeMutablePointer(mutating: $0)) }
            unsafe values.forEach { unsafe free(UnsafeMutablePointer(mutating: $0)) }
        }
        return unsafe PQconnectdbParams(keywords, values, 0)
    }

    /// Milliseconds of a clock that only goes forward.
    static func milliseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// A C text on one line.
    static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        let text = unsafe String(cString: pointer)
        let lines = text.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }
        return lines.joined(separator: " ")
    }
}
