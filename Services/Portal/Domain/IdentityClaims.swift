package import Vocabulary

/// The claims of an ID token whose signature holds (OpenID Connect Core section 2).
package struct IdentityClaims: Sendable, Hashable {
    package let issuer: String
    package let subject: String
    package let audience: [String]
    package let authorisedParty: String?
    package let expiresAt: Int64
    package let issuedAt: Int64
    package let nonce: String?
    package let sessionID: String?
    package let acr: String?
    package let authenticatedAt: Int64?
    package let name: String?
    package let profile: ProfileChoice?

    package init(
        issuer: String, subject: String, audience: [String], authorisedParty: String?, expiresAt: Int64,
        issuedAt: Int64, nonce: String?, sessionID: String?, acr: String?, authenticatedAt: Int64?, name: String?,
        profile: ProfileChoice?
    ) {
        self.issuer = issuer
        self.subject = subject
        self.audience = audience
        self.authorisedParty = authorisedParty
        self.expiresAt = expiresAt
        self.issuedAt = issuedAt
        self.nonce = nonce
        self.sessionID = sessionID
        self.acr = acr
        self.authenticatedAt = authenticatedAt
        self.name = name
        self.profile = profile
    }

    /// Why an ID token is refused although its signature holds.
    package enum Flaw: String, Error, Sendable, CaseIterable {
        case issuer, audience, authorisedParty, expired, fromTheFuture, nonce, session, subject, profile, tooWeak,
            tooOld
    }

    /// Clocks of two machines may differ by this many seconds.
    package static let tolerance: Int64 = 60

    /// Accepts the claims for this attempt, or says the first thing wrong with them.
    ///
    /// - Parameter earliest: from when on the person has to have shown her digital key; nothing when any time will do.
    package func validate(
        issuer expectedIssuer: String, clientID: String, nonce expectedNonce: String, minimum: Acr,
        earliest: Instant? = nil, now: Instant
    ) -> Result<SignedInPerson, Flaw> {
        let seconds = now.secondsSinceEpoch
        guard issuer == expectedIssuer else { return .failure(.issuer) }
        guard audience.contains(clientID) else { return .failure(.audience) }
        guard audience.count == 1 ? authorisedParty ?? clientID == clientID : authorisedParty == clientID else {
            return .failure(.authorisedParty)
        }
        guard expiresAt > seconds - Self.tolerance else { return .failure(.expired) }
        guard issuedAt <= seconds + Self.tolerance else { return .failure(.fromTheFuture) }
        guard nonce == expectedNonce else { return .failure(.nonce) }
        guard !subject.isEmpty, subject.utf8.count <= 255 else { return .failure(.subject) }
        guard let sessionID, !sessionID.isEmpty, sessionID.utf8.count <= 255 else { return .failure(.session) }
        guard let profile else { return .failure(.profile) }
        guard let acr = acr.flatMap(Acr.init(uri:)), acr >= minimum else { return .failure(.tooWeak) }
        if let earliest {
            guard let authenticatedAt, authenticatedAt >= earliest.secondsSinceEpoch - Self.tolerance else {
                return .failure(.tooOld)
            }
        }
        return .success(
            SignedInPerson(
                subject: subject, providerSession: sessionID, name: name?.isEmpty == false ? name : nil,
                profile: profile, acr: acr))
    }
}

extension IdentityClaims {
    /// Whether an ID token that came with a refresh is about the session that was refreshed (OpenID Connect Core
    /// section 12.2).
    ///
    /// Its times are not looked at: it came from the provider itself a moment ago, and a clock that is wrong must not
    /// keep anybody out who is signed in.
    package func isRefreshed(of person: SignedInPerson, issuer expected: String, clientID: String) -> Bool {
        issuer == expected && audience.contains(clientID) && subject == person.subject
            && sessionID == person.providerSession && profile == person.profile
    }
}

/// Who signed in, as the portal keeps it for the length of a session.
package struct SignedInPerson: Sendable, Hashable {
    /// The identifier that the provider uses for this person towards this portal.
    package let subject: String
    /// The provider's `sid`, by which it ends the session.
    package let providerSession: String
    /// The name to greet with, when the provider tells it.
    package let name: String?
    package let profile: ProfileChoice
    package let acr: Acr

    package init(subject: String, providerSession: String, name: String?, profile: ProfileChoice, acr: Acr) {
        self.subject = subject
        self.providerSession = providerSession
        self.name = name
        self.profile = profile
        self.acr = acr
    }
}

/// The claims of a logout token whose signature holds (OpenID Connect Back-Channel Logout section 2.4).
package struct LogoutClaims: Sendable, Hashable {
    /// The key that has to be in `events`.
    package static let event = "http://schemas.openid.net/event/backchannel-logout"

    package let issuer: String
    package let audience: [String]
    package let issuedAt: Int64
    package let expiresAt: Int64?
    package let tokenID: String
    package let sessionID: String?
    package let subject: String?
    package let events: [String]
    package let hasNonce: Bool

    package init(
        issuer: String, audience: [String], issuedAt: Int64, expiresAt: Int64?, tokenID: String, sessionID: String?,
        subject: String?, events: [String], hasNonce: Bool
    ) {
        self.issuer = issuer
        self.audience = audience
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.tokenID = tokenID
        self.sessionID = sessionID
        self.subject = subject
        self.events = events
        self.hasNonce = hasNonce
    }

    /// Why a logout token is refused although its signature holds.
    package enum Flaw: String, Error, Sendable, CaseIterable {
        case issuer, audience, expired, fromTheFuture, event, nonce, tokenID, nobody
    }

    /// Whose sessions are to end.
    package enum Target: Sendable, Hashable {
        case session(String)
        case person(String)
    }

    /// A logout token is taken for this many seconds after it was made, so long its `jti` is remembered.
    package static let lifetime: Int64 = 150

    /// Accepts the token and says whose sessions end, or says the first thing wrong with it.
    package func validate(issuer expectedIssuer: String, clientID: String, now: Instant) -> Result<Target, Flaw> {
        let seconds = now.secondsSinceEpoch
        guard issuer == expectedIssuer else { return .failure(.issuer) }
        guard audience.contains(clientID) else { return .failure(.audience) }
        guard issuedAt <= seconds + IdentityClaims.tolerance else { return .failure(.fromTheFuture) }
        guard issuedAt > seconds - Self.lifetime, expiresAt ?? .max > seconds - IdentityClaims.tolerance else {
            return .failure(.expired)
        }
        guard events.contains(Self.event) else { return .failure(.event) }
        guard !hasNonce else { return .failure(.nonce) }
        guard !tokenID.isEmpty, tokenID.utf8.count <= 255 else { return .failure(.tokenID) }
        if let sessionID, !sessionID.isEmpty { return .success(.session(sessionID)) }
        if let subject, !subject.isEmpty { return .success(.person(subject)) }
        return .failure(.nobody)
    }
}
