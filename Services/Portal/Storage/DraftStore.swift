package import Postgres
package import Vocabulary

/// The rows of `draft`.
package enum DraftStore {
    /// Keeps a draft in the place of the one before, and at most `limit` of this person.
    package static func save(
        subjectHash: [UInt8], form: String, content: [UInt8], limit: Int, at now: Instant,
        in session: borrowing Session
    ) throws {
        try session.pipeline([
            """
            DELETE FROM draft WHERE subject_hash = \(subjectHash) AND form IN (
                SELECT form FROM draft WHERE subject_hash = \(subjectHash) AND form <> \(form)
                ORDER BY kept_at DESC OFFSET \(limit - 1))
            """,
            """
            INSERT INTO draft (subject_hash, form, content, kept_at)
            VALUES (\(subjectHash), \(form), \(content), \(now))
            ON CONFLICT (subject_hash, form) DO UPDATE SET content = excluded.content, kept_at = excluded.kept_at
            """,
        ])
    }

    /// The sealed draft of a form, and since when it is kept.
    package static func find(
        subjectHash: [UInt8], form: String, in session: borrowing Session
    ) throws -> (content: [UInt8], keptAt: Instant)? {
        try session.first(
            "SELECT content, kept_at FROM draft WHERE subject_hash = \(subjectHash) AND form = \(form)"
        ).map { row in
            let (content, keptAt) = try row.decode([UInt8].self, Instant.self)
            return (content, keptAt)
        }
    }

    /// Forgets the draft of a form.
    package static func delete(subjectHash: [UInt8], form: String, in session: borrowing Session) throws {
        try session.execute("DELETE FROM draft WHERE subject_hash = \(subjectHash) AND form = \(form)")
    }

    /// Deletes drafts that are too old to be shown, at most `limit`.
    package static func purge(before: Instant, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM draft WHERE (subject_hash, form) IN (
                SELECT subject_hash, form FROM draft WHERE kept_at < \(before) ORDER BY kept_at LIMIT \(limit))
            """)
    }
}
