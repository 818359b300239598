package import AuthenticationDomain
package import Postgres
package import Vocabulary

/// Runs from an authorization request to its code, each held by one browser.
package struct TransactionStore: Sendable {
    package init() {}

    /// Forgets runs that began before a moment, with their errands; answers how many.
    package func forget(begunBefore moment: Instant, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM sign_in_transaction WHERE id IN (
                SELECT id FROM sign_in_transaction WHERE started_at < \(moment) ORDER BY id LIMIT \(limit) FOR UPDATE)
            """)
    }

    /// Keeps a run that begins in a session, for the browser whose cookie will have this hash.
    package func insert(
        _ value: SignInTransaction, of signedIn: SessionID, browser hash: [UInt8], in session: borrowing Session
    ) throws {
        let request = value.request
        try session.execute(
            """
            INSERT INTO sign_in_transaction (id, browser_hash, client_id, redirect_uri, scopes, resources, state, nonce,
                code_challenge, minimum_acr, prompt, maximum_age, language, expected_subject, session_id, started_at,
                expires_at)
            VALUES (\(value.id), \(hash), \(request.clientID), \(request.redirectURI), \(request.scopes),
                \(request.resources), \(request.state), \(request.nonce), \(request.codeChallenge),
                \(request.minimumAcr.level), \(request.prompt.rawValue), \(request.maximumAge),
                \(value.language.rawValue), \(request.expectedSubject), \(signedIn), \(value.startedAt),
                \(value.expiresAt))
            """)
    }

    /// The run with an id, when it is the browser's whose cookie has this hash.
    package func find(
        _ id: TransactionID, browser hash: [UInt8], in session: borrowing Session
    ) throws -> SignInTransaction? {
        try Self.value(session.first("\(fragment: Self.select) WHERE id = \(id) AND browser_hash = \(hash)"))
    }

    /// The run with an id, whoever's it is.
    package func find(_ id: TransactionID, in session: borrowing Session) throws -> SignInTransaction? {
        try Self.value(session.first("\(fragment: Self.select) WHERE id = \(id)"))
    }

    /// Keeps everybody else from a run until commit, whether it is stored or not.
    package func lock(_ id: TransactionID, in session: borrowing Session) throws {
        try session.execute("SELECT pg_advisory_xact_lock(hashtextextended(\("run \(id)"), 0))")
    }

    /// The run with an id, whoever's it is, locked until commit, and whether the browser with this cookie holds it.
    package func findForUpdate(
        _ id: TransactionID, browser hash: [UInt8]?, in session: borrowing Session
    ) throws -> (transaction: SignInTransaction, isHeld: Bool)? {
        let row = try session.first(
            "SELECT browser_hash FROM sign_in_transaction WHERE id = \(id) FOR UPDATE")
        guard let row, let value = try find(id, in: session) else { return nil }
        return (value, try row.decode([UInt8].self) == hash)
    }

    /// Notes in which session the person signed in by which form, and gives the run a new cookie: what was known before
    /// she signed in opens nothing afterwards.
    package func signIn(
        _ id: TransactionID, as signedIn: SessionID, digest: [UInt8], browser hash: [UInt8], at now: Instant,
        in session: borrowing Session
    ) throws {
        try session.execute(
            """
            UPDATE sign_in_transaction SET session_id = \(signedIn), signed_in_at = \(now), sign_in_digest = \(digest),
                browser_hash_before = browser_hash, browser_hash = \(hash)
            WHERE id = \(id)
            """)
    }

    /// The run in which a browser sent this very form since a moment and was signed in by it, locked until commit.
    ///
    /// - Parameter hash: of the cookie, as it was before the form was answered, or as the answer made it.
    package func findSignedIn(
        _ id: TransactionID, digest: [UInt8], browser hash: [UInt8], since moment: Instant,
        in session: borrowing Session
    ) throws -> SignInTransaction? {
        try Self.value(
            session.first(
                """
                \(fragment: Self.select)
                WHERE id = \(id) AND sign_in_digest = \(digest) AND signed_in_at > \(moment)
                    AND (browser_hash = \(hash) OR browser_hash_before = \(hash)) FOR UPDATE
                """))
    }

    /// Lets what other tabs have under way in a session go on in the one that takes its place.
    package func move(
        from old: SessionID, to new: PersonSession, at now: Instant, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            UPDATE interaction SET session_id = \(new.id)
            WHERE session_id = \(old) AND resumed_at IS NULL AND expires_at > \(now)
            """)
        try session.execute(
            """
            UPDATE sign_in_transaction SET session_id = \(new.id)
            WHERE session_id = \(old) AND completed_at IS NULL AND expires_at > \(now)
                AND minimum_acr <= \(new.acr.level)
            """)
    }

    /// Notes that the code was handed out; false when it had been before.
    package func complete(_ id: TransactionID, at now: Instant, in session: borrowing Session) throws -> Bool {
        try session.execute(
            "UPDATE sign_in_transaction SET completed_at = \(now) WHERE id = \(id) AND completed_at IS NULL") == 1
    }

    /// Removes up to `limit` runs that ended before a moment, with their interactions and codes.
    ///
    /// The moment lies in the past: while a sealed run still opens, its row keeps it from being used again.
    package func prune(expiredBefore moment: Instant, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM sign_in_transaction WHERE id IN (
                SELECT id FROM sign_in_transaction WHERE expires_at < \(moment)
                LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            """)
    }

    private static let select: SQL = """
        SELECT id, client_id, redirect_uri, scopes, resources, state, nonce, code_challenge, minimum_acr, prompt,
            maximum_age, language, expected_subject, session_id, started_at, expires_at, completed_at
        FROM sign_in_transaction
        """

    private static func value(_ row: Row?) throws -> SignInTransaction? {
        guard let row else { return nil }
        let (
            id, client, redirect, scopes, resources, state, nonce, challenge, acr, prompt, age, language, expected,
            signedIn, started, expires, completed
        ) = try row.decode(
            TransactionID.self, String.self, String.self, [String].self, [String].self, String?.self, String?.self,
            String.self, Int.self, String.self, Int64?.self, String.self, String?.self, SessionID?.self, Instant.self,
            Instant.self, Instant?.self)
        guard let acr = Acr(level: acr), let prompt = AuthorizationRequest.Prompt(rawValue: prompt),
            let language = Language(rawValue: language)
        else { throw StoredValueError("sign_in_transaction") }
        let request = AuthorizationRequest(
            clientID: client, redirectURI: redirect, scopes: scopes, resources: resources, state: state, nonce: nonce,
            codeChallenge: challenge, minimumAcr: acr, prompt: prompt, maximumAge: age, language: language,
            expectedSubject: expected)
        return SignInTransaction(
            id: id, request: request, language: language, startedAt: started, expiresAt: expires,
            sessionID: signedIn, completedAt: completed)
    }
}
