import AuthenticationClients
package import ContractCore
import FoundationEssentials
import Logging
import PortalDomain
import Postgres
package import Process
import Vocabulary

/// Gives the access token of a session, refreshed when it is about to end.
///
/// A refresh token may be used once, so of all instances one refreshes: it claims the session's row, and what it got is
/// saved only over the version it started from. The others wait for its row, not for its answer.
package struct AccessTokens: Sendable {
    /// A token that ends within this time is refreshed first, since a request takes some.
    static let margin: Duration = .seconds(20)
    /// How long one instance may take; after that another may try.
    static let claimTime: Duration = .seconds(8)
    /// How long a request waits for another instance's refresh.
    static let waitTime: Duration = .seconds(5)

    let base: ServiceBase
    let provider: OpenIDProvider
    let seal: PortalSeal

    package init(base: ServiceBase, provider: OpenIDProvider, seal: PortalSeal) {
        self.base = base
        self.provider = provider
        self.seal = seal
    }

    /// Why there is no access token.
    package enum Failure: Error, Sendable, Equatable {
        /// The provider gives no more, or the session ended meanwhile: the person has to sign in again.
        case sessionOver
        /// The provider cannot be reached right now.
        case unavailable
    }

    /// The tokens of a session, with an access token that lasts for some time yet.
    ///
    /// - Throws: ``Failure``, or what the database throws.
    package func current(_ stored: StoredSession, origin: CallOrigin) async throws -> TokenSet {
        var stored = stored
        let deadline = ContinuousClock.now + Self.waitTime
        while true {
            guard let sealed = stored.tokens else { throw Failure.sessionOver }
            let now = base.now()
            if now < stored.accessExpiresAt.adding(.zero - Self.margin) {
                return try seal.tokens(sealed, of: stored.id)
            }
            if let refreshed = try await refresh(
                stored, tokens: try seal.tokens(sealed, of: stored.id), now: now, origin: origin)
            {
                return refreshed
            }
            guard ContinuousClock.now < deadline else { throw Failure.unavailable }
            try await Task.sleep(for: .milliseconds(40))
            guard let again = try await base.database.read({ [id = stored.id] in try SessionStore.find(id, in: $0) })
            else { throw Failure.sessionOver }
            stored = again
        }
    }

    /// The ID token of a session, as a hint for signing out; nothing when the session ended.
    package func identityToken(_ stored: StoredSession) throws -> String? {
        try stored.tokens.map { try seal.tokens($0, of: stored.id).identity }
    }

    /// The refreshed tokens; nothing when another instance refreshes.
    private func refresh(
        _ stored: StoredSession, tokens: TokenSet, now: Instant, origin: CallOrigin
    ) async throws -> TokenSet? {
        guard let refreshToken = tokens.refresh else { throw Failure.sessionOver }
        let claim = base.newID()
        let claimed = try await base.database.transaction { session in
            try TokenRefreshStore.claim(
                stored.id, version: stored.tokensVersion, by: claim, now: now,
                until: now.adding(Self.claimTime), in: session)
        }
        guard claimed else { return nil }
        do {
            let answer = try await provider.refresh(refreshToken, origin: origin)
            let facts = try await provider.access(accessToken: answer.accessToken)
            return try await save(answer, facts, over: stored, old: tokens, claim: claim)
        } catch ProviderError.refused(let code) {
            base.logger.info("The provider gives no more access to a session", metadata: ["error": "\(code)"])
            throw Failure.sessionOver
        } catch let error as ProviderError {
            base.logger.warning("An access token could not be refreshed", metadata: ["error": "\(error)"])
            try await base.database.transaction { try TokenRefreshStore.release(stored.id, by: claim, in: $0) }
            throw Failure.unavailable
        }
    }

    private func save(
        _ answer: TokenResponse, _ facts: AccessFacts, over stored: StoredSession, old: TokenSet, claim: UUID
    ) async throws -> TokenSet {
        guard facts.personID == stored.personID, facts.providerSession == stored.person.providerSession,
            facts.profile == stored.person.profile
        else {
            base.logger.error("A refreshed access token is about somebody else")
            throw Failure.sessionOver
        }
        let new = TokenSet(
            access: answer.accessToken, refresh: answer.refreshToken ?? old.refresh,
            identity: answer.idToken ?? old.identity)
        let sealed = try seal.seal(new, of: stored.id)
        let saved = try await base.database.transaction { session in
            try TokenRefreshStore.save(
                stored.id, tokens: sealed, accessExpiresAt: facts.expiresAt, version: stored.tokensVersion,
                by: claim, in: session)
        }
        guard saved else { throw Failure.sessionOver }
        return new
    }
}
