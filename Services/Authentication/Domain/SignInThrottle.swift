package import Vocabulary

/// The buckets that make attempts with one digital key wait.
package struct ThrottlePolicy: Hashable, Sendable {
    /// Wrong codes after a password that fitted: of all unknown browsers of an account together, and of each browser
    /// that is known.
    package let code: BucketPolicy
    /// Failures of one browser in which the account has signed in before.
    package let knownBrowser: BucketPolicy
    /// Failures for one account from one network, of all browsers that it has not signed in with.
    package let unknownBrowser: BucketPolicy
    /// Failures from one network for whatever account, of unknown browsers.
    package let source: BucketPolicy
    /// How many times as much the wide network around an IPv6 network may fail.
    package let wideFactor: Int
    /// How long after its last success a browser is known.
    package let browserMemory: Duration

    package init(
        code: BucketPolicy = BucketPolicy(capacity: 5, leak: .seconds(7200)),
        knownBrowser: BucketPolicy = BucketPolicy(capacity: 10, leak: .seconds(60)),
        unknownBrowser: BucketPolicy = BucketPolicy(capacity: 5, leak: .seconds(900)),
        source: BucketPolicy = BucketPolicy(capacity: 60, leak: .seconds(20)), wideFactor: Int = 16,
        browserMemory: Duration = .seconds(180 * 86400)
    ) {
        self.code = code
        self.knownBrowser = knownBrowser
        self.unknownBrowser = unknownBrowser
        self.source = source
        self.wideFactor = max(1, wideFactor)
        self.browserMemory = browserMemory
    }

    /// The policy of a kind of bucket.
    package func policy(of kind: BucketKey.Kind) -> BucketPolicy {
        switch kind {
        case .code: code
        case .knownBrowser: knownBrowser
        case .unknownBrowser: unknownBrowser
        case .source: source
        case .wideSource: source.widened(by: wideFactor)
        }
    }
}

/// Which bucket: the account and the place are keyed hashes, so that the table names neither.
package struct BucketKey: Hashable, Sendable, Comparable {
    package enum Kind: String, Sendable, CaseIterable {
        case code
        case knownBrowser = "known-browser"
        case unknownBrowser = "unknown-browser"
        case source
        case wideSource = "wide-source"
    }

    package let kind: Kind
    /// The digital key that was tried.
    package let digitalKey: DigitalKey
    /// The hash of the account's name as it was typed, whether somebody has it or not; empty for a network's bucket.
    package let account: [UInt8]
    /// The hash of a browser or a network; empty for what all unknown browsers of an account share.
    package let place: [UInt8]

    package init(_ kind: Kind, _ digitalKey: DigitalKey, account: [UInt8] = [], place: [UInt8] = []) {
        self.kind = kind
        self.digitalKey = digitalKey
        self.account = account
        self.place = place
    }

    /// The order in which several are locked.
    package static func < (left: BucketKey, right: BucketKey) -> Bool {
        let (one, two) = (
            (left.kind.rawValue, left.digitalKey.rawValue), (right.kind.rawValue, right.digitalKey.rawValue)
        )
        if one != two { return one < two }
        if left.account != right.account { return left.account.lexicographicallyPrecedes(right.account) }
        return left.place.lexicographicallyPrecedes(right.place)
    }
}

/// Where an attempt comes from, as keyed hashes.
package struct AttemptOrigin: Hashable, Sendable {
    /// Of the account's name as it was typed.
    package let account: [UInt8]
    /// Of the browser, when the account has signed in with it before; `nil` for every other.
    package let knownBrowser: [UInt8]?
    /// Of the network: an IPv4 address, or 64 bits of an IPv6 address.
    package let network: [UInt8]
    /// Of the wide network around it: 48 bits of an IPv6 address; an IPv4 address has none.
    package let wideNetwork: [UInt8]?

    package init(account: [UInt8], knownBrowser: [UInt8]?, network: [UInt8], wideNetwork: [UInt8]?) {
        self.account = account
        self.knownBrowser = knownBrowser
        self.network = network
        self.wideNetwork = wideNetwork
    }
}

/// The rule by which one attempt is held against those before it.
///
/// An attempt is poured into the buckets of its entry before anything is compared, so that a thousand attempts at once
/// are not a thousand free guesses. What was right is taken out again; a wrong code is poured into the bucket of codes
/// as well. A browser in which the account has signed in before has an entry of its own: whatever strangers do, it
/// fills none of its buckets.
package struct SignInThrottle: Sendable {
    /// The buckets by key; what is not in it is empty.
    package typealias Buckets = [BucketKey: LeakyBucket]

    private let policy: ThrottlePolicy
    /// What an attempt fills unless everything fits.
    package let entry: [BucketKey]
    /// What a wrong code after a right password fills.
    package let code: BucketKey

    /// The rule for an attempt with a digital key.
    package init(_ policy: ThrottlePolicy, _ digitalKey: DigitalKey, from origin: AttemptOrigin) {
        self.policy = policy
        if let browser = origin.knownBrowser {
            entry = [BucketKey(.knownBrowser, digitalKey, account: origin.account, place: browser)]
        } else {
            entry = [
                BucketKey(.unknownBrowser, digitalKey, account: origin.account, place: origin.network),
                BucketKey(.source, digitalKey, place: origin.network),
            ].appending(origin.wideNetwork.map { BucketKey(.wideSource, digitalKey, place: $0) })
        }
        code = BucketKey(.code, digitalKey, account: origin.account, place: origin.knownBrowser ?? [])
    }

    /// Whether the attempt may be judged at all.
    package func verdict(_ buckets: Buckets, at now: Instant) -> ThrottleVerdict {
        entry.map { verdict(of: $0, buckets, at: now) }.reduce(.free) { $0.and($1) }
    }

    /// Whether a right code may open something.
    package func codeVerdict(_ buckets: Buckets, at now: Instant) -> ThrottleVerdict {
        verdict(of: code, buckets, at: now)
    }

    /// The buckets of the entry with this attempt in each; to be called when all are free.
    package func takingEntry(_ buckets: Buckets, at now: Instant) -> Buckets {
        adding(to: entry, buckets, at: now)
    }

    /// The bucket of codes with a wrong one more; as it was when it is full, since then nothing could be won.
    package func takingCode(_ buckets: Buckets, at now: Instant) -> Buckets {
        codeVerdict(buckets, at: now) == .free ? adding(to: [code], buckets, at: now) : [:]
    }

    /// The buckets of the entry without this attempt, which was no failure.
    package func givingBack(_ buckets: Buckets) -> Buckets {
        var changed: Buckets = [:]
        for key in entry { changed[key] = buckets[key]?.removing(under: policy.policy(of: key.kind)) }
        return changed
    }

    /// What a success empties: the failures of this browser, or those from this network for this account.
    ///
    /// What all unknown browsers share stays: the person's own success must not give a stranger who knows her password
    /// new guesses at her code.
    package var emptiedBySuccess: [BucketKey] {
        entry.filter { !$0.account.isEmpty } + (code.place.isEmpty ? [] : [code])
    }

    private func verdict(of key: BucketKey, _ buckets: Buckets, at now: Instant) -> ThrottleVerdict {
        buckets[key]?.verdict(at: now, under: policy.policy(of: key.kind)) ?? .free
    }

    private func adding(to keys: [BucketKey], _ buckets: Buckets, at now: Instant) -> Buckets {
        var changed: Buckets = [:]
        for key in keys {
            let bucket = buckets[key] ?? LeakyBucket(emptyAt: now)
            changed[key] = bucket.adding(at: now, under: policy.policy(of: key.kind))
        }
        return changed
    }
}

extension [BucketKey] {
    fileprivate func appending(_ key: BucketKey?) -> [BucketKey] { self + (key.map { [$0] } ?? []) }
}
