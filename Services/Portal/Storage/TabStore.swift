import FoundationEssentials
package import PortalDomain
package import Postgres
package import Vocabulary

/// The rows of `tab`.
package enum TabStore {
    /// A tab as its row has it.
    package struct Stored: Sendable {
        package let state: TabContext
        /// The dossier context token, sealed; nothing while searching or when the dossier was lost.
        package let context: [UInt8]?
        package let contextExpiresAt: Instant?
    }

    /// Nobody works in more tabs than this at once; beyond it, the oldest makes place.
    static let limitPerSession = 100

    /// Adds a tab that searches.
    package static func insert(
        _ sessionID: PortalSessionID, handleHash: [UInt8], at now: Instant, in session: borrowing Session
    ) throws {
        try session.pipeline([
            """
            DELETE FROM tab WHERE session = \(sessionID) AND handle_hash IN (
                SELECT handle_hash FROM tab WHERE session = \(sessionID)
                ORDER BY created_at DESC OFFSET \(limitPerSession - 1))
            """,
            "INSERT INTO tab (session, handle_hash, created_at) VALUES (\(sessionID), \(handleHash), \(now))",
        ])
    }

    /// The tab of a handle, within its session only.
    package static func find(
        _ sessionID: PortalSessionID, handleHash: [UInt8], in session: borrowing Session
    ) throws -> Stored? {
        try session.first(
            """
            SELECT dossier, mandate, mandate_type, context, context_expires_at, lost_reasons
            FROM tab WHERE session = \(sessionID) AND handle_hash = \(handleHash)
            """
        ).map(decode)
    }

    /// Saves a dossier context in a tab that has none or has this dossier; `false` when it has another or is gone.
    package static func open(
        _ sessionID: PortalSessionID, handleHash: [UInt8], dossier: OpenDossier, context: [UInt8], expiresAt: Instant,
        in session: borrowing Session
    ) throws -> Bool {
        try session.execute(
            """
            UPDATE tab SET dossier = \(dossier.dossierID), mandate = \(dossier.mandateID),
                mandate_type = \(dossier.mandateType.rawValue), context = \(context),
                context_expires_at = \(expiresAt), lost_reasons = NULL
            WHERE session = \(sessionID) AND handle_hash = \(handleHash)
                AND (dossier IS NULL OR dossier = \(dossier.dossierID))
            """) == 1
    }

    /// Gives the tabs of a session to the one that the same person opened after it.
    ///
    /// Their dossier contexts were sealed for the old session, so each is asked for again, which decides anew.
    package static func move(
        from old: PortalSessionID, to new: PortalSessionID, at now: Instant, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            UPDATE tab SET session = \(new),
                context_expires_at = CASE WHEN context IS NULL THEN NULL ELSE \(now) END
            WHERE session = \(old)
            """)
    }

    /// Takes the dossier context away from a tab and keeps why.
    ///
    /// - Parameter context: the sealed context that was refused; a newer one stays.
    package static func lose(
        _ sessionID: PortalSessionID, handleHash: [UInt8], context: [UInt8]?, reasons: [Reason],
        in session: borrowing Session
    ) throws {
        let text = String(decoding: try JSONEncoder().encode(reasons), as: UTF8.self)
        try session.execute(
            """
            UPDATE tab SET context = NULL, context_expires_at = NULL, lost_reasons = \(Json(text))
            WHERE session = \(sessionID) AND handle_hash = \(handleHash) AND dossier IS NOT NULL
                AND context IS NOT DISTINCT FROM \(context)
            """)
    }

    private static func decode(_ row: Row) throws -> Stored {
        let (dossier, mandate, type, context, expiresAt, lost) = try row.decode(
            DossierID?.self, MandateID?.self, String?.self, [UInt8]?.self, Instant?.self, Json?.self)
        guard let dossier, let mandate, let type else {
            return Stored(state: .searching, context: nil, contextExpiresAt: nil)
        }
        guard let type = MandateType(rawValue: type) else { throw StoredValueError("tab", column: "mandate_type") }
        let open = OpenDossier(dossierID: dossier, mandateID: mandate, mandateType: type)
        guard let lost else { return Stored(state: .open(open), context: context, contextExpiresAt: expiresAt) }
        let reasons = try JSONDecoder().decode([Reason].self, from: Data(lost.text.utf8))
        return Stored(state: .lost(open, reasons), context: nil, contextExpiresAt: nil)
    }
}
