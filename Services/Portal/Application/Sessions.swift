package import AuditTrail
package import ContractCore
import Keys
package import Logging
package import PortalDomain
package import Postgres
import Vocabulary

/// What a browser's cookie stands for.
package enum BrowserSession: Sendable {
    /// No cookie, or one that is not known.
    case none
    /// A session that is over, and why.
    case ended(StoredSession, SessionLifetime.End)
    case signedIn(StoredSession)
}

/// Finds, uses and ends the portal's own sessions.
package struct Sessions: Sendable {
    private let database: Database
    private let acts: Acts
    private let lifetime: SessionLifetime
    private let logger: Logger

    package init(database: Database, acts: Acts, lifetime: SessionLifetime, logger: Logger) {
        self.database = database
        self.acts = acts
        self.lifetime = lifetime
        self.logger = logger
    }

    /// What the cookie stands for; a session that was idle for too long or is too old ends here.
    package func find(cookie: String?) async throws -> BrowserSession {
        guard let cookie else { return .none }
        let hash = TokenHash.of(cookie)
        guard let stored = try await database.read({ try SessionStore.find(cookieHash: hash, in: $0) }) else {
            return .none
        }
        if let end = stored.end { return .ended(stored, end) }
        let now = acts.now()
        if let end = lifetime.end(signedInAt: stored.signedInAt, lastSeenAt: stored.lastSeenAt, now: now) {
            try await database.transaction { session in
                _ = try SessionStore.end(stored.id, end, at: now, in: session)
            }
            return .ended(stored, end)
        }
        if lifetime.shouldRecord(lastSeenAt: stored.lastSeenAt, now: now) {
            try await database.transaction { try SessionStore.touch(stored.id, at: now, in: $0) }
        }
        return .signedIn(stored)
    }

    /// Ends a session because the person signs out, and records it.
    package func signOut(_ stored: StoredSession, on occasion: Occasion) async throws {
        let act = Act(by: stored.person.acting(through: acts.service), on: occasion)
        try await database.transaction { session in
            if try SessionStore.end(stored.id, .signedOut, at: act.time, in: session) {
                try Audit.record(act.record(.signOut), in: session)
            }
        }
    }

    /// Ends a session for which the provider gives no more access.
    package func endRefused(_ stored: StoredSession) async throws {
        let now = acts.now()
        try await database.transaction { session in
            _ = try SessionStore.end(stored.id, .refreshRefused, at: now, in: session)
        }
    }

    /// Notes what the organisation within which the person acts is called.
    package func name(organisation: String, of stored: StoredSession) async throws {
        try await database.transaction { session in
            try SessionStore.name(organisation: organisation, of: stored.id, in: session)
        }
    }

    /// Notes what a write made, so that the person's next reads wait for it; what cannot be noted is logged.
    package func remember(_ positions: Positions?, of stored: StoredSession) async {
        guard let positions, !positions.isEmpty else { return }
        let now = acts.now()
        do {
            try await database.transaction { session in
                try SessionStore.remember(positions, for: stored.id, at: now, in: session)
            }
        } catch {
            logger.warning("The place of a write could not be noted", metadata: ["error": "\(error)"])
        }
    }
}

/// Ends sessions because the identity provider says so (OpenID Connect Back-Channel Logout).
package struct BackChannelLogout: Sendable {
    private let database: Database
    private let acts: Acts
    private let provider: OpenIDProvider

    package init(database: Database, acts: Acts, provider: OpenIDProvider) {
        self.database = database
        self.acts = acts
        self.provider = provider
    }

    /// What became of a logout token.
    package enum Outcome: Sendable, Equatable {
        /// The sessions that it names are over; how many it ended.
        case ended(Int)
        case refused(LogoutClaims.Flaw)
        case replayed
        case invalid
    }

    /// Checks a logout token and ends the sessions that it names.
    ///
    /// - Throws: ``ProviderError/unavailable(_:)`` when the provider's keys are not there, or what the database throws.
    package func callAsFunction(logoutToken: String, on occasion: Occasion) async throws -> Outcome {
        let claims: LogoutClaims
        do {
            claims = try await provider.logout(logoutToken: logoutToken)
        } catch .unavailable(let what) {
            throw ProviderError.unavailable(what)
        } catch {
            return .invalid
        }
        // By now: a token may have been signed while its keys were fetched.
        let now = acts.now()
        let target: LogoutClaims.Target
        switch claims.validate(issuer: provider.issuer, clientID: provider.clientID, now: now) {
        case .success(let named): target = named
        case .failure(let flaw): return .refused(flaw)
        }
        let tokenHash = TokenHash.of("\(claims.issuer) \(claims.tokenID)")
        let remembered = now.adding(.seconds(2 * LogoutClaims.lifetime))
        let name = acts.service
        return try await database.transaction { session in
            guard try LogoutTokenStore.use(tokenHash: tokenHash, expiresAt: remembered, in: session) else {
                return .replayed
            }
            let ended = try SessionStore.end(target, at: now, in: session)
            for subject in ended {
                let person = ActingPerson(PersonID(subject: subject), as: .unchosen, through: name, acr: nil)
                try Audit.record(Act(by: person, on: occasion).record(.signOutByProvider), in: session)
            }
            return .ended(ended.count)
        }
    }
}
