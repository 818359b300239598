package import AuthenticationContracts
package import AuthenticationDomain
package import Postgres
package import Vocabulary

/// Sessions and the portals that take part in them.
package struct SessionStore: Sendable {
    package init() {}

    /// The session of a browser's cookie, whether it lasts or not.
    package func find(cookie hash: [UInt8], in session: borrowing Session) throws -> PersonSession? {
        try Self.value(session.first("\(fragment: Self.select) WHERE cookie_hash = \(hash)"))
    }

    /// The session with an id, whether it lasts or not.
    package func find(_ id: SessionID, in session: borrowing Session) throws -> PersonSession? {
        try Self.value(session.first("\(fragment: Self.select) WHERE id = \(id)"))
    }

    /// The session with an id, locked until commit.
    ///
    /// Ending a session locks it first as well, so what is issued in it is issued before the end or not at all.
    package func findForUpdate(_ id: SessionID, in session: borrowing Session) throws -> PersonSession? {
        try Self.value(session.first("\(fragment: Self.select) WHERE id = \(id) FOR NO KEY UPDATE"))
    }

    /// Starts a session.
    package func insert(_ value: PersonSession, cookie hash: [UInt8], in session: borrowing Session) throws {
        try session.execute(
            """
            INSERT INTO person_session
                (id, cookie_hash, person_id, digital_key, acr, language, started_at, last_used_at)
            VALUES (\(value.id), \(hash), \(value.personID), \(value.key.rawValue), \(value.acr.level),
                \(value.language.rawValue), \(value.startedAt), \(value.lastUsedAt))
            """)
    }

    /// Notes that a session was used.
    package func touch(_ id: SessionID, at now: Instant, in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE person_session SET last_used_at = \(now)
            WHERE id = \(id) AND ended_at IS NULL AND last_used_at < \(now)
            """)
    }

    /// Ends a session; `nil` when it had ended before.
    package func end(
        _ id: SessionID, reason: SessionState.EndReason, at now: Instant, in session: borrowing Session
    ) throws -> PersonSession? {
        let ended = try session.execute(
            """
            UPDATE person_session SET ended_at = \(now), end_reason = \(reason.rawValue)
            WHERE id = \(id) AND ended_at IS NULL
            """)
        return ended == 1 ? try find(id, in: session) : nil
    }

    /// Up to `limit` sessions whose time is over and that nobody else is ending right now.
    package func expired(
        at now: Instant, under policy: SessionPolicy, limit: Int, in session: borrowing Session
    ) throws -> [SessionID] {
        let idleSince = now.adding(.zero - policy.idle)
        let startedBefore = now.adding(.zero - policy.absolute)
        return try session.query(
            """
            SELECT id FROM person_session
            WHERE ended_at IS NULL AND (last_used_at <= \(idleSince) OR started_at <= \(startedBefore))
            ORDER BY last_used_at LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """
        ).map { try $0.decode(SessionID.self) }
    }

    /// Up to `limit` sessions of a person that have not ended, locked until commit in one order for all.
    package func live(of person: PersonID, limit: Int, in session: borrowing Session) throws -> [SessionID] {
        try session.query(
            """
            SELECT id FROM person_session WHERE person_id = \(person) AND ended_at IS NULL
            ORDER BY id LIMIT \(limit) FOR NO KEY UPDATE
            """
        ).map { try $0.decode(SessionID.self) }
    }

    /// How many sessions of a person have not ended, counted up to a limit.
    package func countLive(of person: PersonID, upTo limit: Int, in session: borrowing Session) throws -> Int {
        try session.first(
            """
            SELECT count(*) FROM (
                SELECT 1 FROM person_session WHERE person_id = \(person) AND ended_at IS NULL LIMIT \(limit)) AS live
            """)?
            .decode(Int.self) ?? 0
    }

    /// Up to `limit` sessions that began before a moment and have not ended, locked until commit in one order for all.
    package func live(startedBefore moment: Instant, limit: Int, in session: borrowing Session) throws -> [SessionID] {
        try session.query(
            """
            SELECT id FROM person_session WHERE started_at < \(moment) AND ended_at IS NULL
            ORDER BY id LIMIT \(limit) FOR NO KEY UPDATE
            """
        ).map { try $0.decode(SessionID.self) }
    }

    /// A session with the reason of its end, locked until commit.
    package func findEnd(
        _ id: SessionID, in session: borrowing Session
    ) throws -> (session: PersonSession, reason: SessionState.EndReason?)? {
        guard let value = try findForUpdate(id, in: session) else { return nil }
        let row = try session.first("SELECT end_reason FROM person_session WHERE id = \(id)")
        let reason = try row?.decode(String?.self) ?? nil
        return (value, reason.flatMap(SessionState.EndReason.init))
    }

    /// Notes that a portal takes part in a session, so that it is told when the session ends.
    package func join(
        _ id: SessionID, client: String, at now: Instant, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            INSERT INTO session_client (session_id, client_id, first_used_at) VALUES (\(id), \(client), \(now))
            ON CONFLICT DO NOTHING
            """)
    }

    /// The portals that take part in a session.
    package func clients(of id: SessionID, in session: borrowing Session) throws -> [String] {
        try session.query("SELECT client_id FROM session_client WHERE session_id = \(id) ORDER BY client_id")
            .map { try $0.decode(String.self) }
    }

    /// Removes sessions that ended before a moment, with all that hangs on them.
    package func prune(endedBefore moment: Instant, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM person_session WHERE id IN (
                SELECT id FROM person_session WHERE ended_at < \(moment) LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            """)
    }

    private static let select: SQL = """
        SELECT id, person_id, digital_key, acr, started_at, last_used_at, ended_at, language FROM person_session
        """

    private static func value(_ row: Row?) throws -> PersonSession? {
        guard let row else { return nil }
        let (id, person, key, acr, started, used, ended, language) = try row.decode(
            SessionID.self, PersonID.self, String.self, Int.self, Instant.self, Instant.self, Instant?.self,
            String.self)
        guard let key = DigitalKey(rawValue: key), let acr = Acr(level: acr),
            let language = Language(rawValue: language)
        else { throw StoredValueError("person_session") }
        return PersonSession(
            id: id, personID: person, key: key, acr: acr, startedAt: started, lastUsedAt: used, endedAt: ended,
            language: language)
    }
}
