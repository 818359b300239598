import AuthenticationDomain
import Contracts
import Messaging
import Postgres
import ServiceKit
import Vocabulary

extension SignInWithAppCode {
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
        case wait(until: Instant)
        case over
        case signedIn(InteractionID, sessionCookie: String, browserCookie: String, deviceCookie: String)
    }

    /// Decides on what was compared, and keeps or gives back what the attempt took.
    ///
    /// It is one transaction: the buckets are locked, so of many codes that are tried at once each is held against those
    /// before it, and a session starts together with all that belongs to it.
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
        case .wait(let until):
            return wait(.signInRightButWait, until: until, at: run.facts.events.time)
        case .over:
            SignInMetrics.count("over")
            return .over
        case .signedIn(let interaction, let sessionCookie, let browserCookie, let deviceCookie):
            SignInMetrics.count("signed-in")
            return .signedIn(
                interaction, sessionCookie: sessionCookie, browserCookie: browserCookie, deviceCookie: deviceCookie)
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
            return try start(grant, run, entry([]), in: session)
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

    /// Starts the session: one that the browser had before is replaced, all runs of the browser get a new cookie, and
    /// the browser is known from now on.
    private func start(
        _ grant: SignInGrant, _ run: Run, _ signedIn: AuditEntry, in session: borrowing Session
    ) throws -> Settled {
        let (stores, now, transaction) = (essentials.stores, run.facts.events.time, run.transaction)
        let value = PersonSession(
            id: SessionID(essentials.newID()), personID: grant.person, key: .appCode, acr: DigitalKey.appCode.level,
            startedAt: now, lastUsedAt: now, endedAt: nil, language: transaction.language)
        let cookies = (session: essentials.random.token(), browser: essentials.random.token())
        let interaction = InteractionID(essentials.randomID())
        var drafts: [EventDraft] = []
        if let cookie = run.cookies.session,
            let replaced = try stores.sessions.find(cookie: TokenHash.of(cookie), in: session)
        {
            drafts += try SessionEnder(essentials).end(replaced.id, reason: .replaced, at: now, in: session)
        }
        try stores.sessions.insert(value, cookie: TokenHash.of(cookies.session), in: session)
        try stores.transactions.rebind(
            from: TokenHash.of(run.cookies.browser), to: TokenHash.of(cookies.browser), in: session)
        try stores.transactions.signIn(transaction.id, as: value.id, in: session)
        try stores.interactions.insert(
            interaction, transaction: transaction.id, session: value.id, at: now, expiresAt: transaction.expiresAt,
            in: session)
        let device = try knownDevice(run, in: session) ?? essentials.random.token()
        try stores.devices.remember(TokenHash.of(device), of: grant.person, at: now, in: session)
        drafts.append(sessionStarted(value))
        try essentials.outbox.append(drafts, audit: signedIn, context: run.facts.events, in: session)
        return .signedIn(
            interaction, sessionCookie: cookies.session, browserCookie: cookies.browser, deviceCookie: device)
    }

    /// The browser's device cookie, when it came from us: one that somebody planted is not taken over.
    ///
    /// It stays the same for all who sign in with the browser, as on the ward's computer that fifty nurses share.
    private func knownDevice(_ run: Run, in session: borrowing Session) throws -> String? {
        guard let device = run.cookies.device else { return nil }
        let since = run.facts.events.time.adding(.zero - essentials.policy.appCodeThrottle.browserMemory)
        return try essentials.stores.devices.isKnown(TokenHash.of(device), since: since, in: session) ? device : nil
    }
}
