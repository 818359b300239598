package import AuthenticationDomain
package import ContractCore
import Messaging
import Postgres
import Tokens
import Vocabulary
package import Web

/// The answer of introspection (RFC 7662); only `active` for every token that does not hold.
package struct Introspection: Encodable, Sendable {
    package let active: Bool
    package let claims: AccessTokenClaims?

    private enum CodingKeys: String, CodingKey {
        case active, scope, sub, aud, iss, exp, iat, sid, acr
        case actingAs = "acting_as"
        case clientID = "client_id"
        case tokenType = "token_type"
        case authTime = "auth_time"
    }

    package static let inactive = Introspection(active: false, claims: nil)

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(active, forKey: .active)
        guard let claims else { return }
        try container.encode("Bearer", forKey: .tokenType)
        try container.encode(claims.scope, forKey: .scope)
        try container.encode(claims.clientID, forKey: .clientID)
        try container.encode(claims.sub, forKey: .sub)
        try container.encode(claims.aud, forKey: .aud)
        try container.encode(claims.iss, forKey: .iss)
        try container.encode(claims.exp, forKey: .exp)
        try container.encode(claims.iat, forKey: .iat)
        try container.encodeIfPresent(claims.sid, forKey: .sid)
        try container.encodeIfPresent(claims.acr, forKey: .acr)
        try container.encodeIfPresent(claims.authTime, forKey: .authTime)
        try container.encodeIfPresent(claims.actingAs, forKey: .actingAs)
    }
}

/// Says whether a token holds at this moment: also when its session, or what its profile rests on, has ended meanwhile.
package struct IntrospectToken: Sendable {
    private let essentials: Essentials
    private let verifier: AccessTokenVerifier

    package init(_ essentials: Essentials, verifier: AccessTokenVerifier) {
        self.essentials = essentials
        self.verifier = verifier
    }

    /// - Parameter client: who asks; a client learns of its own tokens and of those that are meant for it.
    package func callAsFunction(_ token: String, client: Client) async throws -> Introspection {
        if TokenSecret(token) != nil { return try await refreshToken(token, client: client) }
        guard let claims = try? await verifier.claims(of: token),
            claims.clientID == client.id || claims.aud.contains(client.id),
            essentials.now().secondsSinceEpoch < claims.exp
        else { return .inactive }
        guard claims.sid != nil else { return Introspection(active: true, claims: claims) }
        guard try await holds(claims.jti, session: claims.sid) else { return .inactive }
        return Introspection(active: true, claims: claims)
    }

    private func refreshToken(_ token: String, client: Client) async throws -> Introspection {
        let (tokens, now) = (essentials.tokens, essentials.now())
        let stored = try await essentials.database.read { session in
            try tokens.introspect(token, purpose: TokenIssuer.refreshPurpose, at: now, in: session)
        }
        guard let stored, let grant = TokenIssuer.grant(of: stored), grant.clientID == client.id,
            try await sessionIsLive(grant.sessionID)
        else { return .inactive }
        return Introspection(active: true, claims: nil)
    }

    /// Whether an access token's row, and the session of its facts, hold.
    private func holds(_ secret: String, session sid: String?) async throws -> Bool {
        let (tokens, now) = (essentials.tokens, essentials.now())
        let stored = try await essentials.database.read { session in
            try tokens.introspect(secret, purpose: TokenIssuer.accessPurpose, at: now, in: session)
        }
        guard stored != nil, let id = sid.flatMap({ SessionID($0) }) else { return false }
        return try await sessionIsLive(id)
    }

    private func sessionIsLive(_ id: SessionID) async throws -> Bool {
        let sessions = essentials.stores.sessions
        let found = try await essentials.database.read { session in try sessions.find(id, in: session) }
        return found?.isLive(at: essentials.now(), under: essentials.policy.sessions) ?? false
    }
}

/// Takes a token back (RFC 7009).
package struct RevokeToken: Sendable {
    private let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    /// Ends a refresh token with its family, or one access token.
    ///
    /// A token that is unknown, or another client's, is left as it is, and the client is not told.
    package func callAsFunction(_ token: String, client: Client, facts: RequestFacts) async throws {
        let now = facts.events.time
        let tokens = essentials.tokens
        let entry = essentials.record(.revoke, actor: nil, client: client.id, facts: facts)
        if let secret = TokenSecret(token) {
            try await essentials.database.transaction { session in
                guard let stored = try tokens.find(secret, at: now, in: session),
                    TokenIssuer.grant(of: stored)?.clientID == client.id, let family = stored.family
                else { return }
                try tokens.endFamily(family, reason: .revoked, at: now, in: session)
                try Audit.record(entry, in: session)
            }
            return
        }
        guard
            let claims = essentials.signer.verified(token, type: AccessTokenClaims.type, as: AccessTokenClaims.self),
            claims.clientID == client.id, let secret = TokenSecret(claims.jti)
        else { return }
        try await essentials.database.transaction { session in
            if try tokens.revoke(secret, at: now, in: session) { try Audit.record(entry, in: session) }
        }
    }
}

/// Tells a portal about the person whose token it holds.
package struct ReadUserInfo: Sendable {
    private let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    /// `nil` when the person's session has ended: the token holds no longer.
    package func callAsFunction(_ caller: PersonCaller) async throws -> UserInfo? {
        let stores = essentials.stores
        let found = try await essentials.database.read { session in
            (
                try stores.sessions.find(caller.sessionID, in: session),
                try stores.accounts.name(of: caller.personID, in: session)
            )
        }
        guard let signedIn = found.0, signedIn.personID == caller.personID,
            signedIn.isLive(at: essentials.now(), under: essentials.policy.sessions)
        else { return nil }
        return UserInfo(
            sub: essentials.keyedHashes.subject(of: caller.personID, at: caller.clientID),
            givenName: found.1?.firstName, familyName: found.1?.lastName, locale: signedIn.language.rawValue,
            acr: signedIn.acr.uri, actingAs: .profile(caller.profile))
    }
}
