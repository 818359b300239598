package import Postgres
package import Vocabulary

/// The rows of `answer_under_way`, and what became of answers before.
package enum AnswerStore {
    /// Whether an answer can be used.
    package enum Claim: Sendable {
        /// Nobody used it or is using it; it is the caller's until she says how it ended.
        case granted
        /// Another request is exchanging its code at this moment.
        case underWay
        /// It opened this session.
        case opened(StoredSession)
    }

    /// Claims the answer that opens a session with this cookie.
    package static func claim(
        cookieHash: [UInt8], at now: Instant, in session: borrowing Session
    ) throws -> Claim {
        let claimed = try session.execute(
            """
            INSERT INTO answer_under_way (cookie_hash, begun_at) VALUES (\(cookieHash), \(now))
            ON CONFLICT ON CONSTRAINT answer_under_way_pkey DO NOTHING
            """)
        guard claimed == 1 else { return .underWay }
        // A session comes in the transaction in which its claim goes, so that a look after the claim sees it.
        guard let opened = try SessionStore.find(cookieHash: cookieHash, in: session) else { return .granted }
        try release(cookieHash: cookieHash, in: session)
        return .opened(opened)
    }

    /// Gives an answer up: its outcome is known.
    package static func release(cookieHash: [UInt8], in session: borrowing Session) throws {
        try session.execute("DELETE FROM answer_under_way WHERE cookie_hash = \(cookieHash)")
    }

    /// Deletes claims of processes that ended before they knew the outcome.
    package static func purge(before: Instant, in session: borrowing Session) throws -> Int {
        try session.execute("DELETE FROM answer_under_way WHERE begun_at < \(before)")
    }
}
