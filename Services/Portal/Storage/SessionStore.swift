package import ContractCore
import FoundationEssentials
package import PortalDomain
package import Postgres
package import Vocabulary

/// The rows of `session`.
package enum SessionStore {
    /// A session to be added.
    package struct New: Sendable {
        let id: PortalSessionID
        let cookieHash: [UInt8]
        let person: SignedInPerson
        let signedInAt: Instant
        let tokens: [UInt8]

        package init(
            id: PortalSessionID, cookieHash: [UInt8], person: SignedInPerson, signedInAt: Instant, tokens: [UInt8]
        ) {
            self.id = id
            self.cookieHash = cookieHash
            self.person = person
            self.signedInAt = signedInAt
            self.tokens = tokens
        }
    }

    /// Adds a session.
    package static func insert(_ new: New, in session: borrowing Session) throws {
        let profile = Json(String(decoding: try JSONEncoder().encode(new.person.profile), as: UTF8.self))
        try session.execute(
            """
            INSERT INTO session (id, cookie_hash, subject, provider_session, name, profile, acr, signed_in_at, last_seen_at,
                tokens)
            VALUES (\(new.id), \(new.cookieHash), \(new.person.subject),
                \(new.person.providerSession), \(new.person.name), \(profile), \(Int32(new.person.acr.level)),
                \(new.signedInAt), \(new.signedInAt), \(new.tokens))
            """)
    }

    /// The session of a cookie, also one that ended.
    package static func find(cookieHash: [UInt8], in session: borrowing Session) throws -> StoredSession? {
        try session.first(
            "SELECT \(fragment: StoredSession.columns) FROM session WHERE cookie_hash = \(cookieHash)"
        ).map(StoredSession.init(row:))
    }

    /// The session of an id, also one that ended.
    package static func find(_ id: PortalSessionID, in session: borrowing Session) throws -> StoredSession? {
        try session.first("SELECT \(fragment: StoredSession.columns) FROM session WHERE id = \(id)")
            .map(StoredSession.init(row:))
    }

    /// Notes that the session was used.
    package static func touch(_ id: PortalSessionID, at now: Instant, in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE session SET last_seen_at = \(now)
            WHERE id = \(id) AND ended_at IS NULL AND last_seen_at < \(now)
            """)
    }

    /// Ends a session that goes on; `false` when it had ended.
    @discardableResult
    package static func end(
        _ id: PortalSessionID, _ reason: SessionLifetime.End, at now: Instant, in session: borrowing Session
    ) throws -> Bool {
        try end(matching: "id = \(id)", reason, at: now, in: session).isEmpty == false
    }

    /// Ends what the identity provider named, and answers the subjects of the sessions that ended by it.
    package static func end(
        _ target: LogoutClaims.Target, at now: Instant, in session: borrowing Session
    ) throws -> [String] {
        switch target {
        case .session(let id):
            try end(matching: "provider_session = \(id)", .endedByProvider, at: now, in: session)
        case .person(let subject):
            try end(matching: "subject = \(subject)", .endedByProvider, at: now, in: session)
        }
    }

    private static func end(
        matching condition: SQL, _ reason: SessionLifetime.End, at now: Instant, in session: borrowing Session
    ) throws -> [String] {
        try session.query(
            """
            UPDATE session SET ended_at = \(now), end_reason = \(reason.rawValue), tokens = NULL
            WHERE ended_at IS NULL AND \(fragment: condition)
            RETURNING subject
            """
        ).map { try $0.column(0, as: String.self) }
    }

    /// The sealed tokens of a session that goes on, locked until commit; nothing when it ended.
    package static func tokensForUpdate(_ id: PortalSessionID, in session: borrowing Session) throws -> [UInt8]? {
        try session.first("SELECT tokens FROM session WHERE id = \(id) FOR UPDATE")?.column(0, as: [UInt8]?.self)
    }

    /// Saves the tokens of a session whose row is locked.
    package static func save(tokens: [UInt8], of id: PortalSessionID, in session: borrowing Session) throws {
        try session.execute("UPDATE session SET tokens = \(tokens) WHERE id = \(id)")
    }

    /// Adds what a write made to what the session's reads wait for.
    package static func remember(
        _ positions: Positions, for id: PortalSessionID, at now: Instant, in session: borrowing Session
    ) throws {
        let row = try session.first("SELECT positions FROM session WHERE id = \(id) FOR UPDATE")
        let known = try row?.column(0, as: String?.self).flatMap(Positions.init(header:)) ?? Positions()
        try session.execute(
            """
            UPDATE session SET positions = \(known.merging(positions).header), positions_at = \(now) WHERE id = \(id)
            """)
    }

    /// Notes what the organisation within which the person acts is called.
    package static func name(
        organisation: String, of id: PortalSessionID, in session: borrowing Session
    ) throws {
        try session.execute("UPDATE session SET organisation_name = \(organisation) WHERE id = \(id)")
    }

    /// Deletes sessions that nobody used since `before`, at most `limit`; their tabs go with them.
    package static func purge(before: Instant, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM session WHERE id IN (
                SELECT id FROM session WHERE last_seen_at < \(before) ORDER BY last_seen_at LIMIT \(limit))
            """)
    }
}
