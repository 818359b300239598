package import AuthenticationDomain
package import Postgres
package import Vocabulary

/// Whose consecutive failures are counted: of a user name, or of an address; the bytes are an HMAC.
package struct FailureSubject: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case account, source
    }
    package let kind: Kind
    package let key: [UInt8]

    package init(_ kind: Kind, key: [UInt8]) {
        self.kind = kind
        self.key = key
    }
}

/// The consecutive failures that make somebody wait.
package struct SignInFailureStore: Sendable {
    package init() {}

    /// The failures of a subject.
    package func find(_ subject: FailureSubject, in session: borrowing Session) throws -> ThrottleRecord {
        let row = try session.first(
            """
            SELECT failures, last_failure_at FROM sign_in_failure
            WHERE kind = \(subject.kind.rawValue) AND key = \(subject.key)
            """)
        guard let row else { return .none }
        let (failures, last) = try row.decode(Int.self, Instant.self)
        return ThrottleRecord(failures: failures, lastFailureAt: last)
    }

    /// Counts one failure more and answers what was there before, unless the policy refuses the attempt.
    ///
    /// An attempt is counted before its password is looked at and forgiven when it fits, so that a thousand attempts at
    /// once are not a thousand free guesses.
    package func reserve(
        _ subject: FailureSubject, under policy: ThrottlePolicy, at now: Instant, in session: borrowing Session
    ) throws -> ThrottleVerdict {
        try session.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(\(subject.kind.rawValue + Hex.encode(subject.key)), 1))")
        let verdict = policy.decide(try find(subject, in: session), at: now)
        if verdict == .allowed { try count(subject, under: policy, at: now, in: session) }
        return verdict
    }

    /// Counts one failure more, or the first when those before are too old to count.
    package func count(
        _ subject: FailureSubject, under policy: ThrottlePolicy, at now: Instant, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            INSERT INTO sign_in_failure AS known (kind, key, failures, last_failure_at)
            VALUES (\(subject.kind.rawValue), \(subject.key), 1, \(now))
            ON CONFLICT (kind, key) DO UPDATE
            SET failures = CASE WHEN known.last_failure_at < \(policy.oldestThatCounts(at: now)) THEN 1
                ELSE known.failures + 1 END,
                last_failure_at = excluded.last_failure_at
            """)
    }

    /// Forgets the failures of a subject: what fitted ends a row of failures.
    package func forget(_ subject: FailureSubject, in session: borrowing Session) throws {
        try session.execute(
            "DELETE FROM sign_in_failure WHERE kind = \(subject.kind.rawValue) AND key = \(subject.key)")
    }

    /// Removes what is too old to make anybody wait.
    ///
    /// Of user names it keeps those whose failures were no longer free: only a success ends their row.
    package func prune(
        before moment: Instant, keepingFrom failures: Int, in session: borrowing Session
    ) throws -> Int {
        try session.execute(
            """
            DELETE FROM sign_in_failure
            WHERE last_failure_at < \(moment) AND (kind = 'source' OR failures < \(failures))
            """)
    }
}
