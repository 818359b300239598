package import AuditTrail
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
    /// - Parameter browser: with its cookies as they were before the first answer, or as that answer made them.
    package func again(
        _ id: TransactionID, _ attempt: Attempt, from browser: Browser, act: ProgramAct
    ) async throws -> SignedIn? {
        try await database.transaction { session in
            try again(id, attempt, from: browser, act: act, in: session)
        }
    }

    /// An errand of its own, for the first answer's may be redeemed already; the same cookies, for nobody knows which
    /// of the two answers the browser takes in last.
    private func again(
        _ id: TransactionID, _ attempt: Attempt, from browser: Browser, act: ProgramAct, in session: borrowing Session
    ) throws -> SignedIn? {
        let now = act.time
        guard
            let transaction = try transactions.findSignedIn(
                id, digest: attempt.digest, browser: TokenHash.of(browser.run),
                since: now.adding(.zero - RepeatedForms.window), in: session),
            transaction.isOpen(at: now), let signedIn = transaction.sessionID
        else { return nil }
        let interaction = InteractionID(random.id())
        try interactions.insert(
            interaction, transaction: id, session: signedIn, at: now, expiresAt: transaction.expiresAt, in: session)
        return try answer(interaction, to: attempt, of: id, from: browser, at: now, in: session)
    }

    /// What the browser gets; the secrets are derived, so that a second click gets the same ones.
    private func answer(
        _ interaction: InteractionID, to attempt: Attempt, of id: TransactionID, from browser: Browser, at now: Instant,
        in session: borrowing Session
    ) throws -> SignedIn {
        let parts = [id.description, Base64URL.encode(attempt.digest)]
        return SignedIn(
            interaction: interaction, sessionCookie: repeated.secret(.session, of: parts),
            browserCookie: repeated.secret(.browser, of: parts),
            deviceCookie: try knownDevice(browser, at: now, in: session) ?? repeated.secret(.device, of: parts))
    }

    /// What an attempt was made in.
    struct Run: Sendable {
        let transaction: SignInTransaction
        let browser: Browser
        let act: ProgramAct
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
        let settled = try await outbox.transaction(on: database) { session throws -> Settled in
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
            return wait(.signInRightButWait, until: until, at: run.act.time)
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
        let (now, throttle) = (run.act.time, found.throttle)
        let entry = { (reasons: [ReasonCode]) in self.entry(attempt, found.account, reasons, run) }
        guard passwordFits else {
            try Audit.record(entry([.passwordWrong]), in: session)
            return .failed(.passwordWrong)
        }
        let buckets = try throttles.lock(throttle.entry + [throttle.code], at: now, in: session)
        // Of two clicks the second waited for the first's buckets, and finds its code used by it.
        if let first = try again(run.transaction.id, attempt, from: run.browser, act: run.act, in: session) {
            try throttles.save(throttle.givingBack(buckets), in: session)
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
            try throttles.save(throttle.givingBack(buckets), in: session)
            try Audit.record(entry([.accountDisabled]), in: session)
            return .disabled
        case .rightButWait(let grant, let until):
            // Used up, so that who guessed it cannot come back with it when the wait is over.
            guard try accounts.useCodeStep(grant.codeStep, of: grant.person, in: session) else {
                return try wrongCode(buckets, throttle, entry([.codeWrong]), at: now, in: session)
            }
            try throttles.save(throttle.givingBack(buckets), in: session)
            try Audit.record(entry([.signInRightButWait]), in: session)
            return .wait(until: until)
        case .granted(let grant):
            guard hints.isExpected(grant.person, by: run.transaction.request) else {
                // Nothing that she typed was wrong, so nothing of it stays counted.
                try throttles.save(throttle.givingBack(buckets), in: session)
                try Audit.record(entry([.otherPersonExpected]), in: session)
                return .otherPerson
            }
            guard try isHeld(run, at: now, in: session) else {
                try throttles.save(throttle.givingBack(buckets), in: session)
                return .over
            }
            // Of two that type the same code at once, one finds its step used.
            guard try accounts.useCodeStep(grant.codeStep, of: grant.person, in: session) else {
                return try wrongCode(buckets, throttle, entry([.codeWrong]), at: now, in: session)
            }
            try throttles.save(throttle.givingBack(buckets), in: session)
            try throttles.empty(throttle.emptiedBySuccess, in: session)
            return .signedIn(try start(grant, attempt, run, entry([]), in: session))
        }
    }

    /// Whether this browser still has the run, of which nobody else does anything until commit.
    ///
    /// A run in which nobody signed in is stored nowhere, and was this browser's when it was opened
    /// (``FindTransaction``); one that is stored has been signed in, perhaps by another form of this browser just now.
    private func isHeld(_ run: Run, at now: Instant, in session: borrowing Session) throws -> Bool {
        let transaction = run.transaction
        try transactions.lock(transaction.id, in: session)
        let browser = TokenHash.of(run.browser.run)
        guard let stored = try transactions.findForUpdate(transaction.id, browser: browser, in: session) else {
            return transaction.sessionID == nil && transaction.isOpen(at: now)
        }
        return stored.isHeld && stored.transaction.isOpen(at: now)
    }

    private func wrongCode(
        _ buckets: SignInThrottle.Buckets, _ throttle: SignInThrottle, _ entry: AuditEntry, at now: Instant,
        in session: borrowing Session
    ) throws -> Settled {
        try throttles.save(throttle.takingCode(buckets, at: now), in: session)
        try Audit.record(entry, in: session)
        return .failed(.codeWrong)
    }

    private func entry(_ attempt: Attempt, _ account: Account?, _ reasons: [ReasonCode], _ run: Run) -> AuditEntry {
        run.act.record(
            .signIn, actor: account?.personID, client: run.transaction.request.clientID, reasons: reasons,
            acr: reasons.isEmpty ? DigitalKey.appCode.level : nil,
            userName: hashes.account(attempt.userName))
    }

    /// Starts the session: one that the browser had before is replaced, the run gets a new cookie, and the browser is
    /// known from now on.
    private func start(
        _ grant: SignInGrant, _ attempt: Attempt, _ run: Run, _ record: AuditEntry, in session: borrowing Session
    ) throws -> SignedIn {
        let (now, transaction) = (run.act.time, run.transaction)
        let value = PersonSession(
            id: SessionID(newID()), personID: grant.person, key: .appCode, acr: DigitalKey.appCode.level,
            startedAt: now, lastUsedAt: now, endedAt: nil, language: transaction.language)
        let signedIn = try answer(
            InteractionID(random.id()), to: attempt, of: transaction.id, from: run.browser, at: now,
            in: session)
        var replacedByHerself: SessionID?
        var drafts: [EventDraft] = []
        if let cookie = run.browser.session,
            let replaced = try sessions.find(cookie: TokenHash.of(cookie), in: session)
        {
            drafts += try ender.end(replaced.id, reason: .replaced, at: now, in: session)
            replacedByHerself = replaced.personID == grant.person ? replaced.id : nil
        }
        try sessions.insert(value, cookie: TokenHash.of(signedIn.sessionCookie), in: session)
        if let replacedByHerself {
            try transactions.move(from: replacedByHerself, to: value, at: now, in: session)
        }
        if transaction.sessionID == nil {
            try transactions.insert(
                transaction, of: value.id, browser: TokenHash.of(run.browser.run), in: session)
        }
        try transactions.signIn(
            transaction.id, as: value.id, digest: attempt.digest, browser: TokenHash.of(signedIn.browserCookie),
            at: now, in: session)
        try interactions.insert(
            signedIn.interaction, transaction: transaction.id, session: value.id, at: now,
            expiresAt: transaction.expiresAt, in: session)
        try persons.signedIn(grant.person, at: now, in: session)
        try devices.remember(TokenHash.of(signedIn.deviceCookie), of: grant.person, at: now, in: session)
        drafts.append(sessionStarted(value))
        try outbox.append(drafts, audit: record, in: session)
        return signedIn
    }

    /// The browser's device cookie, when it came from us: one that somebody planted is not taken over.
    ///
    /// It stays the same for all who sign in with the browser, as on the ward's computer that fifty nurses share.
    private func knownDevice(
        _ browser: Browser, at now: Instant, in session: borrowing Session
    ) throws -> String? {
        guard let device = browser.device else { return nil }
        let since = now.adding(.zero - policy.appCodeThrottle.browserMemory)
        return try devices.isKnown(TokenHash.of(device), since: since, in: session) ? device : nil
    }
}
