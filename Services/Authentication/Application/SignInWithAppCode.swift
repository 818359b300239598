package import AuditTrail
package import AuthenticationDomain
import Crypto
import EventOutbox
import FoundationEssentials
import Keys
import Metrics
import Postgres
package import Vocabulary
import Web

/// Signs a person in with user name, password and the code of her mobile app.
///
/// The order of the work: look at the buckets (nothing is written or hashed), take a place at the hashing threads, pour
/// the attempt into its buckets, compare, and take it out again when nothing was wrong. So who has to wait costs no
/// hash, and a service that is too busy counts against nobody.
package struct SignInWithAppCode: Sendable {
    /// What was typed.
    package struct Attempt: Sendable {
        package let userName: String
        package let password: String
        package let code: String
        /// The digest of the whole form, by which the same form is known when it comes again.
        package let digest: [UInt8]

        package init(userName: String, password: String, code: String, digest: [UInt8]) {
            self.userName = userName
            self.password = password
            self.code = code
            self.digest = digest
        }
    }

    /// What is known of the browser of an attempt.
    package struct Browser: Sendable {
        /// The cookie by which it holds the run.
        package let run: String
        /// The cookie of an earlier session, which this sign-in replaces.
        package let session: String?
        /// The cookie that tells browsers apart in which somebody signed in before.
        package let device: String?
        /// Its network address; nil when it is not known.
        package let address: String?

        package init(run: String, session: String?, device: String?, address: String?) {
            self.run = run
            self.session = session
            self.device = device
            self.address = address
        }
    }

    /// What a browser gets in which somebody signed in: the errand to the profile picker, and its cookies.
    package struct SignedIn: Sendable {
        package let interaction: InteractionID
        package let sessionCookie: String
        package let browserCookie: String
        package let deviceCookie: String
    }

    /// What becomes of it.
    package enum Outcome: Sendable {
        /// Signed in: the browser gets new cookies and goes to the profile picker.
        case signedIn(SignedIn)
        /// Not signed in, for reasons that this reader may know.
        case refused(Refusal)
        /// Not judged, or right and too early: an attempt makes sense again after so many seconds.
        case wait(Refusal, seconds: Int)
        /// Everything fits, and belongs to another person than the portal expects; nobody is signed in.
        case otherPerson
        /// The run is not this browser's, or its time is over.
        case over
    }

    /// What was found before the password was looked at.
    struct Found: Sendable {
        let account: Account?
        let throttle: SignInThrottle
        let guest: HashGuest
        let verdict: ThrottleVerdict
    }

    let database: Database
    let outbox: Outbox
    let acts: Acts
    let newID: @Sendable () -> UUID
    let random: RandomBytes
    let policy: SignInPolicy
    let hasher: PasswordHasher
    let hashes: KeyedHashes
    let repeated: RepeatedForms
    let ender: SessionEnder
    let hints: IDTokenHints
    let persons: PersonStore
    let accounts: AccountStore
    let throttles = ThrottleStore()
    let devices = DeviceStore()
    let sessions = SessionStore()
    let transactions = TransactionStore()
    let interactions = InteractionStore()

    /// Throws `PasswordHasherBusy` when too many sign in at this moment; such an attempt counts against nobody.
    package func callAsFunction(
        _ attempt: Attempt, transaction: SignInTransaction, from browser: Browser, act: ProgramAct
    ) async throws -> Outcome {
        let now = act.time
        let available = policy.chooser.availability(of: .appCode, minimum: transaction.request.minimumAcr)
        guard transaction.isOpen(at: now), available == .available else { return .over }
        let found = try await look(attempt, from: browser, at: now)
        if case .wait(let until) = found.verdict { return wait(.signInWait, until: until, at: now) }
        let permit = try permit(for: found.guest)
        if case .wait(let until) = try await take(found.throttle, at: now) {
            return wait(.signInWait, until: until, at: now)
        }
        do {
            let run = Run(transaction: transaction, browser: browser, act: act)
            let passwordFits = try await fits(attempt, found.account, permit)
            let step = acceptedStep(attempt.code, of: found.account, at: now)
            let outcome = try await settle(
                attempt, found, passwordFits: passwordFits, codeStep: step, in: run)
            if case .signedIn = outcome { await renewHash(of: found.account, attempt.password, permit) }
            return outcome
        } catch {
            // Nothing was judged, so nothing failed; the caller's cancellation must not keep it from being said.
            try? await Task { try await giveBack(found.throttle, at: now) }.value
            throw error
        }
    }

    private func look(_ attempt: Attempt, from browser: Browser, at now: Instant) async throws -> Found {
        return try await database.read { session in
            let account = try UserName(attempt.userName).flatMap { try accounts.find($0, in: session) }
            var known: [UInt8]?
            if let account, let hash = browser.device.map({ TokenHash.of($0) }),
                try devices.isKnown(
                    hash, to: account.personID, since: now.adding(.zero - policy.appCodeThrottle.browserMemory),
                    in: session)
            {
                known = hash
            }
            let origin = hashes.origin(account: attempt.userName, knownBrowser: known, address: browser.address)
            let throttle = SignInThrottle(policy.appCodeThrottle, .appCode, from: origin)
            let buckets = try throttles.find(throttle.entry, in: session)
            return Found(
                account: account, throttle: throttle,
                guest: known == nil
                    ? .unknownBrowser(network: origin.wideNetwork ?? origin.network) : .knownBrowser,
                verdict: throttle.verdict(buckets, at: now))
        }
    }

    private func permit(for guest: HashGuest) throws(PasswordHasherBusy) -> HashPermit {
        do throws(PasswordHasherBusy) {
            return try hasher.permit(for: guest)
        } catch {
            SignInMetrics.count("busy")
            throw error
        }
    }

    /// Pours the attempt into its buckets, unless one has filled since they were looked at.
    private func take(_ throttle: SignInThrottle, at now: Instant) async throws -> ThrottleVerdict {
        return try await database.transaction { session in
            let buckets = try throttles.lock(throttle.entry, at: now, in: session)
            let verdict = throttle.verdict(buckets, at: now)
            if verdict == .free { try throttles.save(throttle.takingEntry(buckets, at: now), in: session) }
            return verdict
        }
    }

    private func giveBack(_ throttle: SignInThrottle, at now: Instant) async throws {
        try await database.transaction { session in
            let buckets = try throttles.lock(throttle.entry, at: now, in: session)
            try throttles.save(throttle.givingBack(buckets), in: session)
        }
    }

    /// Whether the password fits; the same work for every attempt, whatever is wrong with it.
    private func fits(_ attempt: Attempt, _ account: Account?, _ permit: HashPermit) async throws -> Bool {
        let password = Password(attempt: attempt.password)
        return try await permit.fits(password ?? .placeholder, account?.password) && password != nil
    }

    private func acceptedStep(_ text: String, of account: Account?, at now: Instant) -> Int64? {
        let secret = SymmetricKey(data: account?.appSecret ?? [UInt8](repeating: 0, count: 20))
        let step = policy.appCode.acceptedStep(
            of: AppCode(text) ?? AppCode(value: 0), at: now, lastUsed: account?.lastCodeStep
        ) { message in [UInt8](HMAC<Insecure.SHA1>.authenticationCode(for: message, using: secret)) }
        return AppCode(text) == nil || account == nil ? nil : step
    }

    /// Somebody has to wait.
    func wait(_ code: ReasonCode, until: Instant, at now: Instant) -> Outcome {
        SignInMetrics.count(code.rawValue)
        let seconds = Int(((until - now) / .seconds(1)).rounded(.up))
        return .wait(
            Refusal(Reason(code, facts: ["until": acts.civil.clock(notBefore: until)])),
            seconds: max(1, seconds))
    }

    /// Raises the cost of a hash that was made when hashing was cheaper; the next sign-in tries again if it fails.
    private func renewHash(of account: Account?, _ text: String, _ permit: HashPermit) async {
        guard let account, account.password.cost != hasher.cost, let password = Password(attempt: text),
            let hash = try? await permit.hash(password)
        else { return }
        try? await database.transaction { session in
            try accounts.replacePassword(account.password, with: hash, of: account.personID, in: session)
        }
    }
}

/// The outcomes of sign-ins, counted.
enum SignInMetrics {
    /// Counts an outcome: `signed-in`, `busy`, or the code of a reason.
    static func count(_ outcome: String) {
        Counter(label: "toegang_sign_in_total", dimensions: [("outcome", outcome)]).increment()
    }
}

extension Password {
    /// Stands in for a password that cannot be one, so that refusing it takes as long.
    fileprivate static var placeholder: Password { Password(utf8: [0]) }
}
