package import AuthenticationDomain
import Crypto
import Messaging
import Postgres
package import Vocabulary

/// Signs a person in with user name, password and the code of her mobile app.
package struct SignInWithAppCode: Sendable {
    /// What was typed, at most as long as ``UserName``, ``Password`` and ``AppCode`` allow.
    package struct Attempt: Sendable {
        package let userName: String
        package let password: String
        package let code: String

        package init(userName: String, password: String, code: String) {
            self.userName = userName
            self.password = password
            self.code = code
        }
    }

    /// What becomes of it.
    package enum Outcome: Sendable {
        /// Signed in: both cookies are new, and the browser goes to the profile picker.
        case signedIn(InteractionID, sessionCookie: String, browserCookie: String)
        /// The credentials do not fit; which part, nobody is told.
        case refused(Refusal)
        /// The run is not this browser's, or its time is over.
        case over
    }

    /// What was found before the password was looked at.
    private struct Found: Sendable {
        let account: Account?
        let accountVerdict: ThrottleVerdict
        let sourceVerdict: ThrottleVerdict
    }

    let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    /// Throws `PasswordHasherBusy` when too many sign in at this moment.
    ///
    /// - Parameter sessionCookie: the cookie of an earlier session, which this one replaces.
    package func callAsFunction(
        _ attempt: Attempt, transaction: SignInTransaction, browserCookie: String, sessionCookie: String?,
        facts: RequestFacts
    ) async throws -> Outcome {
        let now = facts.events.time
        let available = essentials.policy.chooser.availability(of: .appCode, minimum: transaction.request.minimumAcr)
        guard transaction.isOpen(at: now), available == .available else { return .over }
        let userName = UserName(attempt.userName)
        let found = try await reserve(userName, facts: facts)
        let password = Password(attempt: attempt.password)
        // The same work for every attempt, whatever is wrong with it.
        let passwordFits =
            try await essentials.hasher.fits(password ?? .placeholder, found.account?.password) && password != nil
        let evidence = SignInEvidence(
            person: found.account?.personID, isEnabled: found.account?.isEnabled ?? false, passwordFits: passwordFits,
            codeStep: acceptedStep(attempt.code, of: found.account, at: now), account: found.accountVerdict,
            source: found.sourceVerdict)
        switch decideSignIn(evidence) {
        case .refused(let refusal):
            try await refuse(
                refusal, person: found.account?.personID, sourceCounts: found.sourceVerdict == .allowed,
                transaction: transaction, facts: facts)
            return .refused(refusal)
        case .allowed(let grant):
            let outcome = try await start(
                grant, userName: userName, transaction: transaction, browserCookie: browserCookie,
                sessionCookie: sessionCookie, facts: facts)
            if case .signedIn = outcome, let account = found.account, let password {
                try await renewHash(of: account, password)
            }
            return outcome
        }
    }

    /// Counts the attempt against the user name before anything is compared, so that many attempts at once are not many
    /// free guesses.
    ///
    /// An attempt that has to wait is not counted: else nobody who is impatient would ever get in.
    private func reserve(_ userName: UserName?, facts: RequestFacts) async throws -> Found {
        let (stores, policy, hashes) = (essentials.stores, essentials.policy, essentials.keyedHashes)
        let now = facts.events.time
        return try await essentials.database.transaction { session in
            var source = ThrottleVerdict.allowed
            if let address = facts.source {
                let record = try stores.failures.find(hashes.subject(ofSource: address), in: session)
                source = policy.sourceThrottle.decide(record, at: now)
            }
            guard let userName, source == .allowed else {
                return Found(account: nil, accountVerdict: .allowed, sourceVerdict: source)
            }
            let account = try stores.failures.reserve(
                hashes.subject(of: userName), under: policy.accountThrottle, at: now, in: session)
            return Found(
                account: try stores.accounts.find(userName, in: session), accountVerdict: account,
                sourceVerdict: source)
        }
    }

    private func acceptedStep(_ text: String, of account: Account?, at now: Instant) -> Int64? {
        let secret = SymmetricKey(data: account?.appSecret ?? [UInt8](repeating: 0, count: 20))
        let step = essentials.policy.appCode.acceptedStep(
            of: AppCode(text) ?? AppCode(value: 0), at: now, lastUsed: account?.lastCodeStep
        ) { message in [UInt8](HMAC<Insecure.SHA1>.authenticationCode(for: message, using: secret)) }
        return AppCode(text) == nil || account == nil ? nil : step
    }

    private func refuse(
        _ refusal: Refusal, person: PersonID?, sourceCounts: Bool, transaction: SignInTransaction,
        facts: RequestFacts
    ) async throws {
        let entry = essentials.record(
            .signIn, actor: person, client: transaction.request.clientID, reasons: refusal.codes, facts: facts)
        let (stores, hashes, policy) = (essentials.stores, essentials.keyedHashes, essentials.policy.sourceThrottle)
        try await essentials.database.transaction { session in
            if sourceCounts, let address = facts.source {
                try stores.failures.count(
                    hashes.subject(ofSource: address), under: policy, at: facts.events.time, in: session)
            }
            try Audit.record(entry, in: session)
        }
    }

    /// Raises the cost of a hash that was made when hashing was cheaper.
    private func renewHash(of account: Account, _ password: Password) async throws {
        guard account.password.cost != essentials.hasher.cost,
            let hash = try? await essentials.hasher.hash(password)
        else { return }
        let accounts = essentials.stores.accounts
        try await essentials.database.transaction { session in
            try accounts.replacePassword(account.password, with: hash, of: account.personID, in: session)
        }
    }
}

extension Password {
    /// Stands in for a password that cannot be one, so that refusing it takes as long.
    fileprivate static var placeholder: Password { Password(utf8: [0]) }
}
