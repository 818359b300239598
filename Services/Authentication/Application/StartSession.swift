package import AuthenticationDomain
import Contracts
import Messaging
import Postgres
import ServiceKit
import Vocabulary

extension SignInWithAppCode {
    /// The answer to a form that this browser sent before, moments ago, and by which it was signed in; `nil` for any
    /// other.
    ///
    /// - Parameter browserCookie: as it was before the first answer, or as that answer made it.
    package func again(
        _ id: TransactionID, _ attempt: Attempt, browserCookie: String, facts: RequestFacts
    ) async throws -> Outcome? {
        try await essentials.database.transaction { session in
            try again(id, attempt, browserCookie: browserCookie, facts: facts, in: session)
        }
    }

    /// An errand of its own, for the first answer's may be redeemed already; the same cookies, for nobody knows which
    /// of the two answers the browser takes in last.
    private func again(
        _ id: TransactionID, _ attempt: Attempt, browserCookie: String, facts: RequestFacts,
        in session: borrowing Session
    ) throws -> Outcome? {
        let (stores, now) = (essentials.stores, facts.events.time)
        guard
            let transaction = try stores.transactions.findSignedIn(
                id, digest: attempt.digest, browser: TokenHash.of(browserCookie),
                since: now.adding(.zero - RepeatedForms.window), in: session),
            transaction.isOpen(at: now), let signedIn = transaction.sessionID
        else { return nil }
        let interaction = InteractionID(essentials.randomID())
        try stores.interactions.insert(
            interaction, transaction: id, session: signedIn, at: now, expiresAt: transaction.expiresAt, in: session)
        // She typed all of it right: nothing of it stays counted.
        if let userName = UserName(attempt.userName) {
            try stores.failures.forget(essentials.keyedHashes.subject(of: userName), in: session)
        }
        let cookies = cookies(of: attempt.digest, for: id)
        return .signedIn(interaction, sessionCookie: cookies.session, browserCookie: cookies.browser)
    }

    private func cookies(of digest: [UInt8], for id: TransactionID) -> (session: String, browser: String) {
        let parts = [id.description, Base64URL.encode(digest)]
        return (essentials.repeated.secret(.session, of: parts), essentials.repeated.secret(.browser, of: parts))
    }

    /// Starts the session of a sign-in that holds, in one transaction: the code's step is used up, a session that the
    /// browser had before is replaced, and the run gets a new cookie.
    func start(
        _ grant: SignInGrant, attempt: Attempt, userName: UserName?, transaction: SignInTransaction,
        browserCookie: String,
        sessionCookie: String?, facts: RequestFacts
    ) async throws -> Outcome {
        let now = facts.events.time
        let value = PersonSession(
            id: SessionID(essentials.newID()), personID: grant.person, key: .appCode, acr: DigitalKey.appCode.level,
            startedAt: now, lastUsedAt: now, endedAt: nil, language: transaction.language)
        let cookies = cookies(of: attempt.digest, for: transaction.id)
        let interaction = InteractionID(essentials.randomID())
        let signedIn = essentials.record(
            .signIn, actor: grant.person, client: transaction.request.clientID, acr: value.acr, facts: facts)
        let refusal = Refusal(Reason(.credentialsDoNotFit))
        let refused = essentials.record(
            .signIn, actor: grant.person, client: transaction.request.clientID, reasons: refusal.codes, facts: facts)
        let (stores, ender) = (essentials.stores, SessionEnder(essentials))
        let hashes = essentials.keyedHashes
        return try await essentials.outbox.transaction(on: essentials.database) { [essentials] session in
            // Of two that type the same code at once, one finds its step used; a second click finds the first's answer.
            guard try stores.accounts.useCodeStep(grant.codeStep, of: grant.person, in: session) else {
                let answer = try again(
                    transaction.id, attempt, browserCookie: browserCookie, facts: facts, in: session)
                if let answer { return answer }
                try Audit.record(refused, in: session)
                return .refused(refusal)
            }
            let old = TokenHash.of(browserCookie)
            guard let held = try stores.transactions.findForUpdate(transaction.id, browser: old, in: session),
                held.isHeld, held.transaction.isOpen(at: now)
            else { return .over }
            if let userName { try stores.failures.forget(hashes.subject(of: userName), in: session) }
            var drafts: [EventDraft] = []
            var replacedByHerself: SessionID?
            if let sessionCookie,
                let replaced = try stores.sessions.find(cookie: TokenHash.of(sessionCookie), in: session)
            {
                drafts += try ender.end(replaced.id, reason: .replaced, at: now, in: session)
                replacedByHerself = replaced.personID == grant.person ? replaced.id : nil
            }
            try stores.sessions.insert(value, cookie: TokenHash.of(cookies.session), in: session)
            if let replacedByHerself {
                try stores.transactions.move(from: replacedByHerself, to: value, at: now, in: session)
            }
            try stores.transactions.signIn(
                transaction.id, as: value.id, digest: attempt.digest, browser: TokenHash.of(cookies.browser), at: now,
                in: session)
            try stores.interactions.insert(
                interaction, transaction: transaction.id, session: value.id, at: now,
                expiresAt: transaction.expiresAt, in: session)
            drafts.append(sessionStarted(value))
            try essentials.outbox.append(drafts, audit: signedIn, context: facts.events, in: session)
            return .signedIn(interaction, sessionCookie: cookies.session, browserCookie: cookies.browser)
        }
    }
}
