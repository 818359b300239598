package import AuditTrail
import AuthenticationClients
package import AuthenticationDomain
import ContractCore
import EventOutbox
import FoundationEssentials
import Postgres
import Tokens
import Vocabulary

/// Gives new access and ID tokens for a refresh token.
///
/// The refresh token of a client that authenticates itself does not rotate: it is worth nothing without the client's
/// key, and an answer that is lost on its way costs nothing, since the same refresh token gets the next one. Refreshes
/// of one token do not wait for each other.
package struct RefreshTokens: Sendable {
    let database: Database
    let sessionPolicy: SessionPolicy
    let tokens: TokenStore
    let targets: TokenTargets
    let tokenIssuer: TokenIssuer
    let accounts: AccountStore
    private let sessions = SessionStore()

    /// The tokens.
    ///
    /// Throws `OAuthError`: `invalid_grant` for every token that does not hold.
    ///
    /// - Parameters:
    ///   - scopes: fewer scopes than were granted, for the access token alone; `nil` for all.
    ///   - resource: what the access token is for.
    package func callAsFunction(
        _ token: String, scopes: [String]?, resource: String?, client: Client, act: ProgramAct
    ) async throws -> TokenResponse {
        let result = try await database.transaction { session in
            try refresh(token, scopes: scopes, resource: resource, client: client, act: act, in: session)
        }
        return try result.get()
    }

    private func refresh(
        _ token: String, scopes: [String]?, resource: String?, client: Client, act: ProgramAct,
        in session: borrowing Session
    ) throws -> Result<TokenResponse, OAuthError> {
        let now = act.time
        guard let secret = TokenSecret(token), let stored = try tokens.find(secret, at: now, in: session),
            let grant = TokenIssuer.grant(of: stored), let family = stored.family
        else { return try refuse(.tokenUnknown, person: nil, client: client, act: act, in: session) }
        guard grant.clientID == client.id else {
            return try refuse(.refreshTokenOfOtherClient, person: nil, client: client, act: act, in: session)
        }
        let wanted = scopes ?? grant.scopes
        guard Set(grant.scopes).isSuperset(of: wanted) else {
            return .failure(OAuthError(.invalidScope, "a scope was not granted with the code"))
        }
        let target: TokenTarget
        do throws(OAuthError) {
            target = try targets.target(resource, granted: grant.resources, scopes: wanted)
        } catch {
            return .failure(error)
        }
        guard let signedIn = try sessions.find(grant.sessionID, in: session),
            signedIn.isLive(at: now, under: sessionPolicy),
            try !accounts.isClosed(of: signedIn.personID, in: session)
        else { return try refuse(.sessionEnded, person: nil, client: client, act: act, in: session) }
        let person = signedIn.personID
        switch stored.state {
        case .active: break
        case .ended(by: .basis):
            return try refuse(.basisEnded, person: person, client: client, act: act, in: session)
        case .ended(by: .family), .ended(by: .token), .ended(by: .time):
            return try refuse(.tokenEnded, person: person, client: client, act: act, in: session)
        }
        // A session that ends at this moment left its tombstone before, or waits for this transaction and covers the
        // token that it issues.
        try sessions.touch(signedIn.id, at: now, in: session)
        let issuer = tokenIssuer
        guard
            let access = try issuer.access(
                grant, for: target, session: signedIn, bases: stored.bases, family: family, at: now, in: session)
        else { return try refuse(.basisEnded, person: person, client: client, act: act, in: session) }
        let identity = try issuer.identity(
            of: signedIn, client: client, choice: grant.choice, nonce: nil, at: now, in: session)
        return .success(
            TokenResponse(
                accessToken: access.text, expiresIn: access.lifetime, scope: target.scopes.joined(separator: " "),
                idToken: identity, refreshToken: nil))
    }

    private func refuse(
        _ reason: ReasonCode, person: PersonID?, client: Client, act: ProgramAct, in session: borrowing Session
    ) throws -> Result<TokenResponse, OAuthError> {
        try Audit.record(
            act.record(.refresh, actor: person, client: client.id, reasons: [reason]),
            in: session)
        return .failure(OAuthError(.invalidGrant, "the refresh token does not hold"))
    }
}

/// Gives a service an access token in its own name.
package struct IssueServiceToken: Sendable {
    let issuer: String
    let acts: Acts
    let newID: @Sendable () -> UUID
    let seal: AccessTokenSeal
    let targets: TokenTargets

    /// A token for one API with the scopes asked for, or all that the client has there.
    ///
    /// Throws `OAuthError`.
    package func callAsFunction(scopes: [String]?, resource: String?, client: Client) throws -> TokenResponse {
        guard !client.ownScopes.isEmpty else {
            throw OAuthError(.unauthorizedClient, "this client acts for signed-in persons only")
        }
        let target = try targets.target(resource, of: client, scopes: scopes)
        let claims = AccessTokenClaims(
            issuer: issuer, clientID: client.id, audience: target.audience, scopes: target.scopes,
            id: newID().uuidString.lowercased(), issuedAt: acts.now())
        return TokenResponse(
            accessToken: try seal.token(of: claims),
            expiresIn: AccessTokenClaims.lifetime, scope: target.scopes.joined(separator: " "), idToken: nil,
            refreshToken: nil)
    }
}
