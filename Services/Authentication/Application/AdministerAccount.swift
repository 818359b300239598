import AuditTrail
import AuthenticationContracts
import AuthenticationDomain
import EventOutbox
import Postgres
package import Process
import Vocabulary

/// What the service centre does to an account; each act is recorded with the words of who ran it.
package struct AdministerAccount: Sendable {
    let database: Database
    let outbox: Outbox
    let acts: Acts
    let policy: SignInPolicy
    let hashes: KeyedHashes
    let ender: SessionEnder
    let accounts: AccountStore
    private let throttles = ThrottleStore()
    private let devices = DeviceStore()
    private let sessions = SessionStore()

    /// How far sessions are counted.
    private static let mostCounted = 1000
    /// How many sessions one transaction ends.
    private static let chunk = 50

    /// How an account stands, as lines to read.
    ///
    /// Like the others, it throws `OperatorFailure` for a user name that nobody has.
    package func show(_ wish: OperatorWish) async throws -> [String] {
        let now = acts.now()
        let since = now.adding(.zero - policy.appCodeThrottle.browserMemory)
        return try await perform(.showAccount, wish) { account, session in
            let hash = hashes.account(account.userName.folded)
            let live = try sessions.countLive(of: account.personID, upTo: Self.mostCounted + 1, in: session)
            let buckets = try throttles.all(account: hash, at: now, in: session)
            let waits = buckets.keys.sorted().compactMap { key -> String? in
                guard let bucket = buckets[key] else { return nil }
                return Self.line(key, bucket, policy.appCodeThrottle.policy(of: key.kind), at: now)
            }
            return [
                "user name      \(account.userName.folded)",
                "person         \(account.personID)",
                "state          \(account.isEnabled ? "enabled" : "disabled")",
                "sessions       \(Self.counted(live))",
                "known browsers \(try devices.count(of: account.personID, since: since, in: session))",
            ] + (waits.isEmpty ? ["failures       none"] : waits)
        }
    }

    private static func counted(_ count: Int) -> String {
        count > mostCounted ? "at least \(mostCounted)" : String(count)
    }

    private static func line(
        _ key: BucketKey, _ bucket: LeakyBucket, _ policy: BucketPolicy, at now: Instant
    ) -> String {
        let whose =
            switch key.kind {
            case .code: key.place.isEmpty ? "wrong codes, unknown browsers" : "wrong codes, a known browser"
            case .knownBrowser: "failures, a known browser"
            default: "failures, unknown browsers of one network"
            }
        return switch bucket.verdict(at: now, under: policy) {
        case .free: "failures       \(whose): nobody waits, all forgotten at \(bucket.emptyAt)"
        case .wait(let until): "failures       \(whose): waits until \(until)"
        }
    }

    /// Empties the buckets of an account: nobody waits any more for failures on its name.
    package func unlock(_ wish: OperatorWish) async throws -> [String] {
        return try await perform(.unlockAccount, wish) { account, session in
            let count = try throttles.empty(account: hashes.account(account.userName.folded), in: session)
            return [
                "Forgotten: \(count) counters of failures of \(account.userName.folded). "
                    + "A network that failed for many names still waits."
            ]
        }
    }

    /// Closes an account and ends all its sessions, with the tokens that rest on them.
    package func disable(_ wish: OperatorWish) async throws -> [String] {
        let person = try await perform(.disableAccount, wish) { account, session in
            try accounts.setEnabled(false, of: account.personID, in: session)
            _ = try devices.forget(of: account.personID, in: session)
            return account.personID
        }
        // A sign-in that was under way held the account's row until it had its session: it is seen here.
        let ended = try await endSessions(of: person, wish)
        return ["Disabled: \(wish.subject). Sessions ended: \(ended)."]
    }

    /// Opens an account again.
    package func enable(_ wish: OperatorWish) async throws -> [String] {
        return try await perform(.enableAccount, wish) { account, session in
            try accounts.setEnabled(true, of: account.personID, in: session)
            return ["Enabled: \(account.userName.folded). Known browsers were forgotten when it was disabled."]
        }
    }

    /// Ends all sessions of an account, which stays open.
    package func endSessions(_ wish: OperatorWish) async throws -> [String] {
        let person = try await perform(.endSessions, wish) { account, _ in account.personID }
        return ["Sessions ended: \(try await endSessions(of: person, wish))."]
    }

    private func endSessions(of person: PersonID, _ wish: OperatorWish) async throws -> Int {
        var ended = 0
        while true {
            let act = acts.own()
            let count = try await outbox.transaction(on: database) { session in
                let live = try sessions.live(of: person, limit: Self.chunk, in: session)
                guard !live.isEmpty else { return 0 }
                var drafts: [EventDraft] = []
                for id in live {
                    drafts += try ender.end(
                        id, reason: .securityReason, at: act.time, in: session)
                }
                let entry = act.record(
                    .endSession, actor: nil, client: "authentication", commandedBy: wish.commandedBy)
                try outbox.append(drafts, audit: entry, in: session)
                return live.count
            }
            ended += count
            if count < Self.chunk { return ended }
        }
    }

    /// Finds the account, does something to it and records that, in one transaction.
    private func perform<R: Sendable>(
        _ action: AuditAction, _ wish: OperatorWish, _ body: @Sendable (Account, borrowing Session) throws -> R
    ) async throws -> R {
        let act = acts.own()
        let found = try await database.transaction { session -> R? in
            guard let name = UserName(wish.subject), let account = try accounts.find(name, in: session) else {
                return nil
            }
            try Audit.record(
                act.record(
                    action, actor: nil, client: "authentication", userName: hashes.account(name.folded),
                    commandedBy: wish.commandedBy),
                in: session)
            return try body(account, session)
        }
        guard let found else {
            throw OperatorFailure("Nobody has the user name \"\(wish.subject)\". Nothing was changed.")
        }
        return found
    }
}
