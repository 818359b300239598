package import Postgres
package import Vocabulary

/// A logout token that a portal has still to be given.
package struct LogoutDelivery: Hashable, Sendable {
    package let sessionID: SessionID
    package let clientID: String
    package let personID: PersonID
    package let createdAt: Instant
    /// How often it was tried before.
    package let attempts: Int
}

/// The queue of logout tokens.
package struct LogoutDeliveryStore: Sendable {
    package init() {}

    /// Queues a logout token for each of these portals.
    package func insert(
        _ id: SessionID, person: PersonID, clients: [String], at now: Instant, in session: borrowing Session
    ) throws {
        guard !clients.isEmpty else { return }
        try session.execute(
            """
            INSERT INTO logout_delivery (session_id, client_id, person_id, created_at, next_attempt_at)
            SELECT \(id), told.client_id, \(person), \(now), \(now) FROM unnest(\(clients)) AS told (client_id)
            ON CONFLICT DO NOTHING
            """)
    }

    /// Takes up to `limit` deliveries that are due; nobody else takes them before `again`.
    package func take(
        at now: Instant, again: Instant, limit: Int, in session: borrowing Session
    ) throws -> [LogoutDelivery] {
        try session.query(
            """
            UPDATE logout_delivery AS due SET next_attempt_at = \(again), attempts = due.attempts + 1
            FROM (
                SELECT session_id, client_id FROM logout_delivery WHERE next_attempt_at <= \(now)
                ORDER BY next_attempt_at LIMIT \(limit) FOR UPDATE SKIP LOCKED) AS taken
            WHERE due.session_id = taken.session_id AND due.client_id = taken.client_id
            RETURNING due.session_id, due.client_id, due.person_id, due.created_at, due.attempts
            """
        ).map { row in
            let (session, client, person, created, attempts) = try row.decode(
                SessionID.self, String.self, PersonID.self, Instant.self, Int.self)
            return LogoutDelivery(
                sessionID: session, clientID: client, personID: person, createdAt: created, attempts: attempts - 1)
        }
    }

    /// Takes a delivery off the queue.
    package func remove(_ delivery: LogoutDelivery, in session: borrowing Session) throws {
        try session.execute(
            """
            DELETE FROM logout_delivery
            WHERE session_id = \(delivery.sessionID) AND client_id = \(delivery.clientID)
            """)
    }

    /// Puts a delivery back for a later moment.
    package func postpone(_ delivery: LogoutDelivery, until moment: Instant, in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE logout_delivery SET next_attempt_at = \(moment)
            WHERE session_id = \(delivery.sessionID) AND client_id = \(delivery.clientID)
            """)
    }
}
