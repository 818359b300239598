import AuthenticationContracts
import AuthenticationDomain
import Keys
import Messaging
import Postgres
import Vocabulary

extension SignInWithAppCode {
    /// Starts the session of a sign-in that holds, in one transaction: the code's step is used up, a session that the
    /// browser had before is replaced, and all runs of the browser get a new cookie.
    func start(
        _ grant: SignInGrant, userName: UserName?, transaction: SignInTransaction, browserCookie: String,
        sessionCookie: String?, facts: RequestFacts
    ) async throws -> Outcome {
        let now = facts.events.time
        let value = PersonSession(
            id: SessionID(essentials.newID()), personID: grant.person, key: .appCode, acr: DigitalKey.appCode.level,
            startedAt: now, lastUsedAt: now, endedAt: nil, language: transaction.language)
        let cookies = (session: essentials.random.token(), browser: essentials.random.token())
        let interaction = InteractionID(essentials.randomID())
        let signedIn = essentials.record(
            .signIn, actor: grant.person, client: transaction.request.clientID, acr: value.acr, facts: facts)
        let refusal = Refusal(Reason(.credentialsDoNotFit))
        let refused = essentials.record(
            .signIn, actor: grant.person, client: transaction.request.clientID, reasons: refusal.codes, facts: facts)
        let (stores, ender) = (essentials.stores, SessionEnder(essentials))
        let hashes = essentials.keyedHashes
        return try await essentials.outbox.transaction(on: essentials.database) { [essentials] session in
            // Of two that type the same code at once, one finds its step used.
            guard try stores.accounts.useCodeStep(grant.codeStep, of: grant.person, in: session) else {
                try Audit.record(refused, in: session)
                return .refused(refusal)
            }
            let old = TokenHash.of(browserCookie)
            guard let held = try stores.transactions.findForUpdate(transaction.id, browser: old, in: session),
                held.isHeld, held.transaction.isOpen(at: now)
            else { return .over }
            if let userName { try stores.failures.forget(hashes.subject(of: userName), in: session) }
            var drafts: [EventDraft] = []
            if let sessionCookie,
                let replaced = try stores.sessions.find(cookie: TokenHash.of(sessionCookie), in: session)
            {
                drafts += try ender.end(replaced.id, reason: .replaced, at: now, in: session)
            }
            try stores.sessions.insert(value, cookie: TokenHash.of(cookies.session), in: session)
            try stores.transactions.rebind(from: old, to: TokenHash.of(cookies.browser), in: session)
            try stores.transactions.signIn(transaction.id, as: value.id, in: session)
            try stores.interactions.insert(
                interaction, transaction: transaction.id, session: value.id, at: now,
                expiresAt: transaction.expiresAt, in: session)
            drafts.append(sessionStarted(value))
            try essentials.outbox.append(drafts, audit: signedIn, context: facts.events, in: session)
            return .signedIn(interaction, sessionCookie: cookies.session, browserCookie: cookies.browser)
        }
    }
}
