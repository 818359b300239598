package import Vocabulary

/// How long a session lasts.
package struct SessionPolicy: Hashable, Sendable {
    /// Without any use.
    package let idle: Duration
    /// Whatever use there is.
    package let absolute: Duration

    package init(idle: Duration = .seconds(1800), absolute: Duration = .seconds(43200)) {
        self.idle = idle
        self.absolute = absolute
    }
}

/// A person who is signed in, on one browser, with one digital key.
package struct PersonSession: Hashable, Sendable {
    package let id: SessionID
    package let personID: PersonID
    package let key: DigitalKey
    package let acr: Acr
    /// When the digital key was used.
    package let startedAt: Instant
    /// When a portal last asked for something in it.
    package let lastUsedAt: Instant
    package let endedAt: Instant?
    package let language: Language
    /// 1 while it lasts, 2 once it has ended.
    package var version: Int64 { endedAt == nil ? 1 : 2 }

    package init(
        id: SessionID, personID: PersonID, key: DigitalKey, acr: Acr, startedAt: Instant, lastUsedAt: Instant,
        endedAt: Instant?, language: Language
    ) {
        self.id = id
        self.personID = personID
        self.key = key
        self.acr = acr
        self.startedAt = startedAt
        self.lastUsedAt = lastUsedAt
        self.endedAt = endedAt
        self.language = language
    }

    /// Whether it lasts at a moment.
    package func isLive(at now: Instant, under policy: SessionPolicy) -> Bool {
        endedAt == nil && now < expiry(under: policy)
    }

    /// When it ends if nobody uses it again.
    package func expiry(under policy: SessionPolicy) -> Instant {
        min(lastUsedAt.adding(policy.idle), startedAt.adding(policy.absolute))
    }

    /// For how many whole seconds it lasts whatever happens, if it is used now; `nil` when that is none.
    package func remainingSeconds(at now: Instant, under policy: SessionPolicy) -> Int? {
        let end = min(now.adding(policy.idle), startedAt.adding(policy.absolute))
        let seconds = (end - now).components.seconds
        return isLive(at: now, under: policy) && seconds > 0 ? Int(clamping: seconds) : nil
    }

    /// Whether it answers an authorization request without signing in again.
    package func suffices(
        for request: AuthorizationRequest, at now: Instant, under policy: SessionPolicy
    ) -> Bool {
        guard isLive(at: now, under: policy), acr >= request.minimumAcr, request.prompt != .login else { return false }
        guard let maximumAge = request.maximumAge else { return true }
        return now <= startedAt.adding(.seconds(maximumAge))
    }

    /// The methods of the key, as RFC 8176 names them.
    package var methods: [String] { key.methods }
}

extension DigitalKey {
    /// The authentication methods of this key, as RFC 8176 names them.
    package var methods: [String] {
        switch self {
        case .eid: ["hwk", "pin", "mfa"]
        case .itsme: ["swk", "pin", "mfa"]
        case .emailCode: ["pwd", "mfa"]
        case .appCode: ["pwd", "otp", "mfa"]
        case .eidas: ["mfa"]
        }
    }
}
