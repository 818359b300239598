package import AuthenticationDomain
package import Postgres
package import Vocabulary

/// The buckets of failed sign-ins.
package struct ThrottleStore: Sendable {
    package init() {}

    /// The buckets that there are, without locking or writing anything.
    package func find(_ keys: [BucketKey], in session: borrowing Session) throws -> SignInThrottle.Buckets {
        let columns = Columns(keys)
        return try buckets(
            session.query(
                """
                SELECT known.kind, known.digital_key, known.account, known.place, known.empty_at
                FROM unnest(\(columns.kinds), \(columns.digitalKeys), \(columns.accounts), \(columns.places))
                    AS wanted (kind, digital_key, account, place)
                JOIN throttle_bucket AS known
                  ON known.kind = wanted.kind AND known.digital_key = wanted.digital_key
                    AND known.account = decode(wanted.account, 'hex') AND known.place = decode(wanted.place, 'hex')
                """))
    }

    /// The buckets, locked until commit in one order for all; those that were not there are made empty.
    package func lock(
        _ keys: [BucketKey], at now: Instant, in session: borrowing Session
    ) throws -> SignInThrottle.Buckets {
        let columns = Columns(keys)
        return try buckets(
            session.query(
                """
                INSERT INTO throttle_bucket AS known (kind, digital_key, account, place, empty_at)
                SELECT wanted.kind, wanted.digital_key, decode(wanted.account, 'hex'), decode(wanted.place, 'hex'),
                    \(now)
                FROM unnest(\(columns.kinds), \(columns.digitalKeys), \(columns.accounts), \(columns.places))
                    WITH ORDINALITY AS wanted (kind, digital_key, account, place, number)
                ORDER BY wanted.number
                ON CONFLICT (kind, digital_key, account, place) DO UPDATE SET empty_at = known.empty_at
                RETURNING kind, digital_key, account, place, empty_at
                """))
    }

    /// Writes buckets that were locked before.
    package func save(_ buckets: SignInThrottle.Buckets, in session: borrowing Session) throws {
        guard !buckets.isEmpty else { return }
        let columns = Columns(Array(buckets.keys))
        try session.execute(
            """
            UPDATE throttle_bucket AS known SET empty_at = wanted.empty_at
            FROM unnest(\(columns.kinds), \(columns.digitalKeys), \(columns.accounts), \(columns.places),
                \(columns.keys.compactMap { buckets[$0]?.emptyAt })) AS wanted (kind, digital_key, account, place, empty_at)
            WHERE known.kind = wanted.kind AND known.digital_key = wanted.digital_key
              AND known.account = decode(wanted.account, 'hex') AND known.place = decode(wanted.place, 'hex')
            """)
    }

    /// Empties buckets.
    package func empty(_ keys: [BucketKey], in session: borrowing Session) throws {
        let columns = Columns(keys)
        try session.execute(
            """
            DELETE FROM throttle_bucket AS known
            USING unnest(\(columns.kinds), \(columns.digitalKeys), \(columns.accounts), \(columns.places))
                AS wanted (kind, digital_key, account, place)
            WHERE known.kind = wanted.kind AND known.digital_key = wanted.digital_key
              AND known.account = decode(wanted.account, 'hex') AND known.place = decode(wanted.place, 'hex')
            """)
    }

    /// Empties all buckets of an account, and answers how many there were.
    package func empty(account: [UInt8], in session: borrowing Session) throws -> Int {
        try session.execute(
            "DELETE FROM throttle_bucket WHERE account = \(account) AND octet_length(account) > 0")
    }

    /// The buckets of an account that are not empty.
    package func all(
        account: [UInt8], at now: Instant, in session: borrowing Session
    ) throws -> SignInThrottle.Buckets {
        try buckets(
            session.query(
                """
                SELECT kind, digital_key, account, place, empty_at FROM throttle_bucket
                WHERE account = \(account) AND octet_length(account) > 0 AND empty_at > \(now)
                """))
    }

    /// Removes up to `limit` buckets that were empty before a moment.
    package func prune(emptyBefore moment: Instant, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM throttle_bucket WHERE (kind, digital_key, account, place) IN (
                SELECT kind, digital_key, account, place FROM throttle_bucket WHERE empty_at < \(moment)
                ORDER BY empty_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            """)
    }

    private func buckets(_ rows: [Row]) throws -> SignInThrottle.Buckets {
        var found: SignInThrottle.Buckets = [:]
        for row in rows {
            let (kind, digitalKey, account, place, emptyAt) = try row.decode(
                String.self, String.self, [UInt8].self, [UInt8].self, Instant.self)
            guard let kind = BucketKey.Kind(rawValue: kind), let digitalKey = DigitalKey(rawValue: digitalKey) else {
                throw StoredValueError("throttle_bucket")
            }
            found[BucketKey(kind, digitalKey, account: account, place: place)] = LeakyBucket(emptyAt: emptyAt)
        }
        return found
    }

    /// Keys in locking order, as the columns that one statement binds; bytes travel as hexadecimal text.
    private struct Columns {
        let keys: [BucketKey]
        var kinds: [String] { keys.map(\.kind.rawValue) }
        var digitalKeys: [String] { keys.map(\.digitalKey.rawValue) }
        var accounts: [String] { keys.map { Hex.encode($0.account) } }
        var places: [String] { keys.map { Hex.encode($0.place) } }

        init(_ keys: [BucketKey]) { self.keys = keys.sorted() }
    }
}
