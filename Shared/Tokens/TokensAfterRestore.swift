package import Postgres
package import Vocabulary

// After the database went back in time, tokens are alive in it that had ended. All that had begun before that was noticed
// are ended, some at a time; call again until it is 0.

extension TokenStore {
    /// Ends tokens that were issued before a moment, whatever they rest on; answers how many.
    package func endAll(
        issuedBefore moment: Instant, at now: Instant, limit: Int = 500, in session: borrowing Session
    ) throws -> Int {
        try session.execute(
            """
            UPDATE token SET ended_at = \(now) WHERE hash IN (
                SELECT hash FROM token WHERE ended_at IS NULL AND issued_at < \(moment) AND expires_at > \(now)
                ORDER BY hash LIMIT \(limit) FOR UPDATE)
            """)
    }

    /// Ends families that started before a moment; answers how many.
    package func endFamilies(
        startedBefore moment: Instant, at now: Instant, limit: Int = 500, in session: borrowing Session
    ) throws -> Int {
        try session.execute(
            """
            UPDATE token_family SET ended_at = \(now), ended_reason = \(FamilyEnd.restored.rawValue) WHERE id IN (
                SELECT id FROM token_family WHERE ended_at IS NULL AND started_at < \(moment)
                ORDER BY id LIMIT \(limit) FOR UPDATE)
            """)
    }
}
