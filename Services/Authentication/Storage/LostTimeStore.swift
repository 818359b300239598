import AuthenticationContracts
package import Postgres
package import Vocabulary

/// What the database tells of the time between a backup that was put back and the restoration.
package enum LostTimeStore {
    /// The persons of whom others had been told that a session ended for security, and the database did not know it.
    package static func endedForSecurity(in session: borrowing Session) throws -> [PersonID] {
        try session.query(
            """
            SELECT DISTINCT (event.envelope::jsonb->'data'->>'personId')::uuid
            FROM outbox_adopted JOIN outbox AS event USING (event_id)
            WHERE event.type = \(SessionState.ended)
                AND event.envelope::jsonb->'data'->>'endReason' = \(SessionState.EndReason.securityReason.rawValue)
            """
        ).map { try $0.decode(PersonID.self) }
    }

    /// When a command was last given about an account that closes or opens it, as far as the database knows.
    package static func lastClosedOrOpened(in session: borrowing Session) throws -> Instant? {
        try session.first(
            "SELECT max(at) FROM audit_record WHERE action IN ('account.disable', 'account.enable')"
        )?.decode(Instant?.self) ?? nil
    }
}
