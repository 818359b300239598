import AuditTrail
import AuthenticationContracts
package import AuthenticationDomain
import EventOutbox
import Keys
import Postgres
import Vocabulary
import Web

extension SignInWithAppCode {
    /// The answer to a form that this browser sent before, moments ago, and by which it was signed in; `nil` for any
    /// other.
    ///
    /// To be asked before anything is counted: a second click is no second attempt.
    ///
    /// - Parameter cookies: as they were before the first answer, or as that answer made them.
    package func again(
        _ id: TransactionID, _ attempt: Attempt, cookies: Cookies, facts: RequestFacts
    ) async throws -> SignedIn? {
        try await essentials.database.transaction { session in
            try again(id, attempt, cookies: cookies, facts: facts, in: session)
        }
    }

    /// An errand of its own, for the first answer's may be redeemed already; the same cookies, for nobody knows which
    /// of the two answers the browser takes in last.
    private func again(
        _ id: TransactionID, _ attempt: Attempt, cookies: Cookies, facts: RequestFacts, in session: borrowing Session
    ) throws -> SignedIn? {
        let (stores, now) = (essentials.stores, facts.events.time)
        guard
            let transaction = try stores.transactions.findSignedIn(
                id, digest: attempt.digest, browser: TokenHash.of(cookies.browser),
                since: now.adding(.zero - RepeatedForms.window), in: session),
            transaction.isOpen(at: now), let signedIn = transaction.sessionID
        else { return nil }
        let interaction = InteractionID(essentials.randomID())
        try stores.interactions.insert(
            interaction, transaction: id, session: signedIn, at: now, expiresAt: transaction.expiresAt, in: session)
        return try answer(interaction, to: attempt, of: id, cookies: cookies, at: now, in: session)
    }

    /// What the browser gets; the secrets are derived, so that a second click gets the same ones.
    private func answer(
        _ interaction: InteractionID, to attempt: Attempt, of id: TransactionID, cookies: Cookies, at now: Instant,
        in session: borrowing Session
    ) throws -> SignedIn {
        let (repeated, parts) = (essentials.repeated, [id.description, Base64URL.encode(attempt.digest)])
        return SignedIn(
            interaction: interaction, sessionCookie: repeated.secret(.session, of: parts),
            browserCookie: repeated.secret(.browser, of: parts),
            deviceCookie: try knownDevice(cookies, at: now, in: session) ?? repeated.secret(.device, of: parts))
    }

    /// What an attempt was made in.
    struct Run: Sendable {
        let transaction: SignInTransaction
        let cookies: Cookies
        let facts: RequestFacts
    }

    /// What the one transaction of a sign-in made of it.
    private enum Settled: Sendable {
        case failed(ReasonCode)
        case disabled
        case otherPerson
        case wait(until: Instant)
        case over
        case signedIn(SignedIn)
    }

    /// Decides on what was compared, and keeps or gives back what the attempt took.
    ///
    /// It is one transaction: the buckets are locked, so of many codes that are tried at once each is held against
    /// those before it, and a session starts together with all that belongs to it.
    func settle(
        _ attempt: Attempt, _ found: Found, passwordFits: Bool, codeStep: Int64?, in run: Run
    ) async throws -> Outcome {
        let settled = try await essentials.outbox.transaction(on: essentials.database) { session throws -> Settled in
            try self.settled(
                attempt, found, passwordFits: passwordFits, codeStep: codeStep, run, in: session)
        }
        switch settled {
        case .failed(let reason):
            SignInMetrics.count(reason.rawValue)
            return .refused(Refusal(Reason(.credentialsDoNotFit)))
        case .disabled:
            SignInMetrics.count(ReasonCode.accountDisabled.rawValue)
            return .refused(Refusal(Reason(.accountDisabled)))
        case .otherPerson:
            SignInMetrics.count(ReasonCode.otherPersonExpected.rawValue)
            return .otherPerson
        case .wait(let until):
            return wait(.signInRightButWait, until: until, at: run.facts.events.time)
        case .over:
            SignInMetrics.count("over")
            return .over
        case .signedIn(let signedIn):
            SignInMetrics.count("signed-in")
            return .signedIn(signedIn)
        }
    }

    private func settled(
        _ attempt: Attempt, _ found: Found, passwordFits: Bool, codeStep: Int64?, _ run: Run,
        in session: borrowing Session
    ) throws -> Settled {
        let (stores, now, throttle) = (essentials.stores, run.facts.events.time, found.throttle)
        let entry = { (reasons: [ReasonCode]) in self.entry(attempt, found.account, reasons, run) }
        guard passwordFits else {
            try Audit.record(entry([.passwordWrong]), in: session)
            return .failed(.passwordWrong)
        }
        let buckets = try stores.throttle.lock(throttle.entry + [throttle.code], at: now, in: session)
        // Of two clicks the second waited for the first's buckets, and finds its code used by it.
        if let first = try again(run.transaction.id, attempt, cookies: run.cookies, facts: run.facts, in: session) {
            try stores.throttle.save(throttle.givingBack(buckets), in: session)
            return .signedIn(first)
        }
        let verdict = decideSignIn(
            SignInEvidence(
                person: found.account?.personID, isEnabled: found.account?.isEnabled ?? false,
                passwordFits: passwordFits, codeStep: codeStep, code: throttle.codeVerdict(buckets, at: now)))
        switch verdict {
        case .wrongPassword, .wrongCode:
            return try wrongCode(buckets, throttle, entry([.codeWrong]), at: now, in: session)
        case .disabled:
            try stores.throttle.save(throttle.givingBack(buckets), in: session)
            try Audit.record(entry([.accountDisabled]), in: session)
            return .disabled
        case .rightButWait(let grant, let until):
            // Used up, so that who guessed it cannot come back with it when the wait is over.
            guard try stores.accounts.useCodeStep(grant.codeStep, of: grant.person, in: session) else {
                return try wrongCode(buckets, throttle, entry([.codeWrong]), at: now, in: session)
            }
            try stores.throttle.save(throttle.givingBack(buckets), in: session)
            try Audit.record(entry([.signInRightButWait]), in: session)
            return .wait(until: until)
        case .granted(let grant):
            guard IDTokenHints(essentials).isExpected(grant.person, by: run.transaction.request) else {
                // Nothing that she typed was wrong, so nothing of it stays counted.
                try stores.throttle.save(throttle.givingBack(buckets), in: session)
                try Audit.record(entry([.otherPersonExpected]), in: session)
                return .otherPerson
            }
            let old = TokenHash.of(run.cookies.browser)
            guard let held = try stores.transactions.findForUpdate(run.transaction.id, browser: old, in: session),
                held.isHeld, held.transaction.isOpen(at: now)
            else {
                try stores.throttle.save(throttle.givingBack(buckets), in: session)
                return .over
            }
            // Of two that type the same code at once, one finds its step used.
            guard try stores.accounts.useCodeStep(grant.codeStep, of: grant.person, in: session) else {
                return try wrongCode(buckets, throttle, entry([.codeWrong]), at: now, in: session)
            }
            try stores.throttle.save(throttle.givingBack(buckets), in: session)
            try stores.throttle.empty(throttle.emptiedBySuccess, in: session)
            return .signedIn(try start(grant, attempt, run, entry([]), in: session))
        }
    }

    private func wrongCode(
        _ buckets: SignInThrottle.Buckets, _ throttle: SignInThrottle, _ entry: AuditEntry, at now: Instant,
        in session: borrowing Session
    ) throws -> Settled {
        try essentials.stores.throttle.save(throttle.takingCode(buckets, at: now), in: session)
        try Audit.record(entry, in: session)
        return .failed(.codeWrong)
    }

    private func entry(_ attempt: Attempt, _ account: Account?, _ reasons: [ReasonCode], _ run: Run) -> AuditEntry {
        essentials.record(
            .signIn, actor: account?.personID, client: run.transaction.request.clientID, reasons: reasons,
            acr: reasons.isEmpty ? DigitalKey.appCode.level : nil,
            userName: essentials.keyedHashes.account(attempt.userName), facts: run.facts)
    }

    /// Starts the session: one that the browser had before is replaced, the run gets a new cookie, and the browser is
    /// known from now on.
    private func start(
        _ grant: SignInGrant, _ attempt: Attempt, _ run: Run, _ record: AuditEntry, in session: borrowing Session
    ) throws -> SignedIn {
        let (stores, now, transaction) = (essentials.stores, run.facts.events.time, run.transaction)
        let value = PersonSession(
            id: SessionID(essentials.newID()), personID: grant.person, key: .appCode, acr: DigitalKey.appCode.level,
            startedAt: now, lastUsedAt: now, endedAt: nil, language: transaction.language)
        let signedIn = try answer(
            InteractionID(essentials.randomID()), to: attempt, of: transaction.id, cookies: run.cookies, at: now,
            in: session)
        var replacedByHerself: SessionID?
        var drafts: [EventDraft] = []
        if let cookie = run.cookies.session,
            let replaced = try stores.sessions.find(cookie: TokenHash.of(cookie), in: session)
        {
            drafts += try SessionEnder(essentials).end(replaced.id, reason: .replaced, at: now, in: session)
            replacedByHerself = replaced.personID == grant.person ? replaced.id : nil
        }
        try stores.sessions.insert(value, cookie: TokenHash.of(signedIn.sessionCookie), in: session)
        if let replacedByHerself {
            try stores.transactions.move(from: replacedByHerself, to: value, at: now, in: session)
        }
        try stores.transactions.signIn(
            transaction.id, as: value.id, digest: attempt.digest, browser: TokenHash.of(signedIn.browserCookie),
            at: now, in: session)
        try stores.interactions.insert(
            signedIn.interaction, transaction: transaction.id, session: value.id, at: now,
            expiresAt: transaction.expiresAt, in: session)
        try stores.persons.signedIn(grant.person, at: now, in: session)
        try stores.devices.remember(TokenHash.of(signedIn.deviceCookie), of: grant.person, at: now, in: session)
        drafts.append(sessionStarted(value))
        try essentials.outbox.append(drafts, audit: record, context: run.facts.events, in: session)
        return signedIn
    }

    /// The browser's device cookie, when it came from us: one that somebody planted is not taken over.
    ///
    /// It stays the same for all who sign in with the browser, as on the ward's computer that fifty nurses share.
    private func knownDevice(
        _ cookies: Cookies, at now: Instant, in session: borrowing Session
    ) throws -> String? {
        guard let device = cookies.device else { return nil }
        let since = now.adding(.zero - essentials.policy.appCodeThrottle.browserMemory)
        return try essentials.stores.devices.isKnown(TokenHash.of(device), since: since, in: session) ? device : nil
    }
}
