package import AuthenticationDomain
import ContractCore
import FoundationEssentials
import Messaging
import Postgres
import Tokens
import Vocabulary

/// Exchanges a refresh token for a new access token and the next refresh token.
package struct RefreshTokens: Sendable {
    private let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    /// The next tokens.
    ///
    /// Throws `OAuthError`: `invalid_grant` for every token that does not hold.
    ///
    /// A refresh token that comes a second time ends its whole family: one of the two bearers stole it.
    /// - Parameter scopes: fewer scopes than were granted, for the access token alone; `nil` for all.
    package func callAsFunction(
        _ token: String, scopes: [String]?, client: Client, facts: RequestFacts
    ) async throws -> TokenResponse {
        let result = try await essentials.database.transaction { session in
            try refresh(token, scopes: scopes, client: client, facts: facts, in: session)
        }
        return try result.get()
    }

    private func refresh(
        _ token: String, scopes: [String]?, client: Client, facts: RequestFacts, in session: borrowing Session
    ) throws -> Result<TokenResponse, OAuthError> {
        let now = facts.events.time
        let (stores, tokens) = (essentials.stores, essentials.tokens)
        guard let secret = TokenSecret(token), let stored = try tokens.find(secret, at: now, in: session),
            let grant = TokenIssuer.grant(of: stored), let family = stored.family
        else { return try refuse(.tokenUnknown, person: nil, client: client, facts: facts, in: session) }
        guard grant.clientID == client.id else {
            return try refuse(.refreshTokenOfOtherClient, person: nil, client: client, facts: facts, in: session)
        }
        let wanted = scopes ?? grant.scopes
        guard Set(grant.scopes).isSuperset(of: wanted) else {
            return .failure(OAuthError(.invalidScope, "a scope was not granted with the code"))
        }
        guard let signedIn = try stores.sessions.findForUpdate(grant.sessionID, in: session),
            signedIn.isLive(at: now, under: essentials.policy.sessions)
        else { return try refuse(.sessionEnded, person: nil, client: client, facts: facts, in: session) }
        try stores.sessions.touch(signedIn.id, at: now, in: session)
        let person = signedIn.personID
        switch try tokens.rotate(secret, expiresAt: stored.expiresAt, at: now, in: session) {
        case .unknown:
            return try refuse(.tokenUnknown, person: person, client: client, facts: facts, in: session)
        case .reused:
            return try refuse(.refreshTokenReused, person: person, client: client, facts: facts, in: session)
        case .inactive(let state):
            let reason: ReasonCode = if case .basisEnded = state { .basisEnded } else { .tokenEnded }
            return try refuse(reason, person: person, client: client, facts: facts, in: session)
        case .rotated(let next, _):
            guard
                let access = try TokenIssuer(essentials).access(
                    grant, session: signedIn, client: client, scopes: wanted, bases: stored.bases, family: family,
                    at: now, in: session)
            else { return try refuse(.basisEnded, person: person, client: client, facts: facts, in: session) }
            return .success(
                TokenResponse(
                    accessToken: access, expiresIn: AccessTokenClaims.lifetime,
                    scope: wanted.joined(separator: " "), idToken: nil, refreshToken: next.text))
        }
    }

    private func refuse(
        _ reason: ReasonCode, person: PersonID?, client: Client, facts: RequestFacts, in session: borrowing Session
    ) throws -> Result<TokenResponse, OAuthError> {
        try Audit.record(
            essentials.record(.refresh, actor: person, client: client.id, reasons: [reason], facts: facts),
            in: session)
        return .failure(OAuthError(.invalidGrant, "the refresh token does not hold"))
    }
}

/// Gives a service an access token in its own name.
package struct IssueServiceToken: Sendable {
    private let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    /// A token with the scopes asked for, or all that the client has.
    ///
    /// Throws `OAuthError`.
    package func callAsFunction(scopes: [String]?, client: Client) throws -> TokenResponse {
        guard !client.ownScopes.isEmpty else {
            throw OAuthError(.unauthorizedClient, "this client acts for signed-in persons only")
        }
        let granted = scopes ?? client.ownScopes.sorted()
        guard client.ownScopes.isSuperset(of: granted) else {
            throw OAuthError(.invalidScope, "the client is not registered for one of the scopes")
        }
        let claims = AccessTokenClaims(
            issuer: essentials.issuer, clientID: client.id, audiences: client.audiences, scopes: granted,
            id: essentials.newID().uuidString.lowercased(), issuedAt: essentials.now())
        return TokenResponse(
            accessToken: try essentials.signer.sign(claims, type: AccessTokenClaims.type),
            expiresIn: AccessTokenClaims.lifetime, scope: granted.joined(separator: " "), idToken: nil,
            refreshToken: nil)
    }
}
