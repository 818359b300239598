import AuthenticationClients
package import ContractCore
import FoundationEssentials
package import Logging
import PortalDomain
package import Postgres
package import Vocabulary
import Web

/// Gives the access tokens of a session, one for each API, got or renewed when they are needed.
///
/// The refresh token stays the same for the whole session, so refreshes need no order: any instance may refresh at any
/// time, an answer that is lost costs nothing, and what two instances got at once is as good as what one got. Requests
/// of one instance that need the same token at once share one refresh.
package struct AccessTokens: Sendable {
    /// A token that ends within this time is renewed first; when that does not succeed it is used while it lasts.
    static let margin: Duration = .seconds(30)

    private let database: Database
    /// The clock.
    let now: @Sendable () -> Instant
    private let provider: OpenIDProvider
    private let seal: PortalSeal
    private let logger: Logger
    private let refreshes = SharedRefreshes()

    package init(
        database: Database, now: @escaping @Sendable () -> Instant, provider: OpenIDProvider, seal: PortalSeal,
        logger: Logger
    ) {
        self.database = database
        self.now = now
        self.provider = provider
        self.seal = seal
        self.logger = logger
    }

    /// Why there is no access token.
    package enum Failure: Error, Sendable, Equatable {
        /// The provider gives no more, or the session ended meanwhile: the person has to sign in again.
        case sessionOver
        /// The provider cannot be reached, or does not believe the portal: nothing that the person did.
        case unavailable
    }

    /// The access token of a session for an API.
    ///
    /// - Throws: ``Failure``, or what the database throws.
    package func current(_ stored: StoredSession, for api: APIAudience, origin: CallOrigin) async throws -> String {
        guard let sealed = stored.tokens else { throw Failure.sessionOver }
        let tokens = try seal.tokens(sealed, of: stored.id)
        let (audience, now) = (provider.audiences[api], now())
        let known = tokens.access[audience]
        if let known, now < known.expiresAt.adding(.zero - Self.margin) { return known.token }
        do {
            return try await refreshes.share("\(stored.id) \(audience)") {
                // Somebody may have got it since the session was read.
                if let token = try await newer(than: now, for: audience, of: stored) { return token }
                return try await refresh(stored, tokens, audience: audience, origin: origin)
            }
        } catch Failure.unavailable {
            guard let known, now < known.expiresAt else { throw Failure.unavailable }
            return known.token
        }
    }

    /// The ID token of a session, as a hint for signing out; nothing when the session ended.
    package func identityToken(_ stored: StoredSession) throws -> String? {
        try stored.tokens.map { try seal.tokens($0, of: stored.id).identity }
    }

    /// The token that is kept for an audience by now, if it lasts for some time yet.
    private func newer(than now: Instant, for audience: String, of stored: StoredSession) async throws -> String? {
        let id = stored.id
        guard let sealed = try await database.read({ try SessionStore.find(id, in: $0) })?.tokens else {
            throw Failure.sessionOver
        }
        let access = try seal.tokens(sealed, of: id).access[audience]
        return access.flatMap { now < $0.expiresAt.adding(.zero - Self.margin) ? $0.token : nil }
    }

    private func refresh(
        _ stored: StoredSession, _ tokens: TokenSet, audience: String, origin: CallOrigin
    ) async throws -> String {
        guard let refreshToken = tokens.refresh else { throw Failure.sessionOver }
        let answer: TokenResponse
        do {
            answer = try await provider.refresh(refreshToken, resource: audience, origin: origin)
            try await check(answer, of: stored)
        } catch .invalidGrant {
            logger.info("The provider gives no more access to a session")
            throw Failure.sessionOver
        } catch {
            logger.warning("An access token could not be got", metadata: ["error": "\(error)"])
            throw Failure.unavailable
        }
        let access = TokenSet.Access(token: answer.accessToken, expiresAt: now().adding(.seconds(answer.life)))
        try await keep(access, of: answer, for: audience, in: stored)
        return access.token
    }

    /// A refresh answers an ID token of the same person in the same session and capacity (OpenID Connect Core 12.2).
    private func check(_ answer: TokenResponse, of stored: StoredSession) async throws(ProviderError) {
        guard let idToken = answer.idToken else { return }
        let claims = try await provider.identity(idToken: idToken)
        guard claims.isRefreshed(of: stored.person, issuer: provider.issuer, clientID: provider.clientID) else {
            throw .invalidToken("the ID token of a refresh is about somebody else")
        }
    }

    /// Adds a token to those of the session, whatever another instance added meanwhile.
    private func keep(
        _ access: TokenSet.Access, of answer: TokenResponse, for audience: String, in stored: StoredSession
    ) async throws {
        let (id, seal) = (stored.id, seal)
        let kept = try await database.transaction { session in
            guard let sealed = try SessionStore.tokensForUpdate(id, in: session) else { return false }
            var tokens = try seal.tokens(sealed, of: id)
            tokens.access[audience] = access
            tokens.identity = answer.idToken ?? tokens.identity
            tokens.refresh = answer.refreshToken ?? tokens.refresh
            try SessionStore.save(tokens: try seal.seal(tokens, of: id), of: id, in: session)
            return true
        }
        guard kept else { throw Failure.sessionOver }
    }
}

extension TokenResponse {
    /// For how many seconds the access token may be used; what the provider says, within reason.
    var life: Int { min(max(expiresIn, 0), 86_400) }
}

/// Refreshes that several requests wait for at once.
private actor SharedRefreshes {
    private var running: [String: Task<String, any Error>] = [:]

    /// What the refresh under this name brings; begun by the first who asks for it.
    func share(_ name: String, refresh: @escaping @Sendable () async throws -> String) async throws -> String {
        if let running = running[name] { return try await running.value }
        let task = Task { try await refresh() }
        running[name] = task
        defer { running[name] = nil }
        return try await task.value
    }
}
