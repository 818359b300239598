package import FoundationEssentials
package import PortalDomain
package import Postgres
package import Vocabulary

/// The columns of `session` by which the instances agree on who refreshes its tokens.
package enum TokenRefreshStore {
    /// Takes the right to refresh from `version` on, until `until`; `false` when another has it or was faster.
    package static func claim(
        _ id: PortalSessionID, version: Int64, by claim: UUID, now: Instant, until: Instant,
        in session: borrowing Session
    ) throws -> Bool {
        try session.execute(
            """
            UPDATE session SET refreshing = \(claim), refreshing_until = \(until)
            WHERE id = \(id) AND ended_at IS NULL AND tokens_version = \(version)
                AND (refreshing IS NULL OR refreshing_until <= \(now))
            """) == 1
    }

    /// Saves the new tokens; `false` when the session ended or the right was lost meanwhile.
    package static func save(
        _ id: PortalSessionID, tokens: [UInt8], accessExpiresAt: Instant, version: Int64, by claim: UUID,
        in session: borrowing Session
    ) throws -> Bool {
        try session.execute(
            """
            UPDATE session SET tokens = \(tokens), access_expires_at = \(accessExpiresAt),
                tokens_version = tokens_version + 1, refreshing = NULL, refreshing_until = NULL
            WHERE id = \(id) AND ended_at IS NULL AND tokens_version = \(version) AND refreshing = \(claim)
            """) == 1
    }

    /// Gives the right back after a refresh that failed.
    package static func release(_ id: PortalSessionID, by claim: UUID, in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE session SET refreshing = NULL, refreshing_until = NULL WHERE id = \(id) AND refreshing = \(claim)
            """)
    }
}
