package import AuditTrail
package import AuthenticationDomain
package import ContractCore
import EventOutbox
import Keys
import Postgres
import Tokens
import Vocabulary
package import Web

/// The answer of introspection (RFC 7662); only `active` for every token that does not hold.
package struct Introspection: Encodable, Sendable {
    package let active: Bool
    /// What the token says; nothing of a refresh token.
    package let claims: AccessTokenClaims?
    /// Whom and which session it is about, as the asker knows them.
    private let subject: String?
    private let session: String?

    init(active: Bool, claims: AccessTokenClaims? = nil, subject: String? = nil, session: String? = nil) {
        self.active = active
        self.claims = claims
        self.subject = subject
        self.session = session
    }

    private enum CodingKeys: String, CodingKey {
        case active, scope, sub, aud, iss, exp, iat, sid, acr
        case actingAs = "acting_as"
        case clientID = "client_id"
        case tokenType = "token_type"
        case authTime = "auth_time"
    }

    package static let inactive = Introspection(active: false)

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(active, forKey: .active)
        guard let claims else { return }
        try container.encode("Bearer", forKey: .tokenType)
        try container.encode(claims.scope, forKey: .scope)
        try container.encode(claims.clientID, forKey: .clientID)
        try container.encodeIfPresent(subject, forKey: .sub)
        try container.encode(claims.aud, forKey: .aud)
        try container.encode(claims.iss, forKey: .iss)
        try container.encode(claims.exp, forKey: .exp)
        try container.encode(claims.iat, forKey: .iat)
        try container.encodeIfPresent(session, forKey: .sid)
        try container.encodeIfPresent(claims.acr, forKey: .acr)
        try container.encodeIfPresent(claims.authTime, forKey: .authTime)
        try container.encodeIfPresent(claims.actingAs, forKey: .actingAs)
    }
}

/// Says whether a token holds at this moment: also when its session, or what its profile rests on, has ended meanwhile.
package struct IntrospectToken: Sendable {
    let database: Database
    let acts: Acts
    let sessionPolicy: SessionPolicy
    let hashes: KeyedHashes
    let tokens: TokenStore
    let audiences: AudienceURIs
    private let sessions = SessionStore()
    let verifier: AccessTokenVerifier

    /// - Parameter client: who asks; a client learns of its own tokens and of those that are meant for it.
    package func callAsFunction(_ token: String, client: Client) async throws -> Introspection {
        if TokenSecret(token) != nil { return try await refreshToken(token, client: client) }
        guard let claims = try? await verifier.claims(of: token),
            claims.clientID == client.id || isMeant(claims, for: client),
            acts.now().secondsSinceEpoch < claims.exp
        else { return .inactive }
        guard let sid = claims.sid else { return Introspection(active: true, claims: claims, subject: claims.sub) }
        guard try await holds(claims.jti, session: sid) else { return .inactive }
        return try told(claims, session: sid, to: client)
    }

    /// An API learns the suite's ids of person and session, a portal those under which it alone knows them.
    private func told(_ claims: AccessTokenClaims, session sid: String, to client: Client) throws -> Introspection {
        guard client.kind == .portal else {
            return Introspection(active: true, claims: claims, subject: claims.sub, session: sid)
        }
        return Introspection(
            active: true, claims: claims,
            subject: PersonID(claims.sub).map { hashes.subject(of: $0, at: client.id) },
            session: try SessionID(sid).map { try hashes.pseudonym(of: $0, at: client.id).description })
    }

    /// Whether the token is for the API that a service is: our services are registered under the names of their APIs.
    private func isMeant(_ claims: AccessTokenClaims, for client: Client) -> Bool {
        client.kind == .service && APIAudience(rawValue: client.id).map { audiences[$0] } == claims.aud
    }

    private func refreshToken(_ token: String, client: Client) async throws -> Introspection {
        let now = acts.now()
        let stored = try await database.read { session in
            try tokens.introspect(token, purpose: TokenIssuer.refreshPurpose, at: now, in: session)
        }
        guard let stored, let grant = TokenIssuer.grant(of: stored), grant.clientID == client.id,
            try await sessionIsLive(grant.sessionID)
        else { return .inactive }
        return Introspection(active: true)
    }

    /// Whether an access token's row, and the session of its facts, hold.
    private func holds(_ secret: String, session sid: String?) async throws -> Bool {
        let now = acts.now()
        let stored = try await database.read { session in
            try tokens.introspect(secret, purpose: TokenIssuer.accessPurpose, at: now, in: session)
        }
        guard stored != nil, let id = sid.flatMap({ SessionID($0) }) else { return false }
        return try await sessionIsLive(id)
    }

    private func sessionIsLive(_ id: SessionID) async throws -> Bool {
        let found = try await database.read { session in try sessions.find(id, in: session) }
        return found?.isLive(at: acts.now(), under: sessionPolicy) ?? false
    }
}

/// Takes a token back (RFC 7009).
package struct RevokeToken: Sendable {
    let database: Database
    let outbox: Outbox
    let tokens: TokenStore
    let seal: AccessTokenSeal

    /// Ends a refresh token with its family, or one access token.
    ///
    /// A token that is unknown, or another client's, is left as it is, and the client is not told.
    package func callAsFunction(_ token: String, client: Client, act: ProgramAct) async throws {
        let now = act.time
        let entry = act.record(.revoke, actor: nil, client: client.id)
        if let secret = TokenSecret(token) {
            try await outbox.transaction(on: database) { session in
                guard let stored = try tokens.find(secret, at: now, in: session),
                    TokenIssuer.grant(of: stored)?.clientID == client.id, let family = stored.family
                else { return }
                let ended =
                    try tokens.endFamily(family, reason: .revoked, at: now, in: session)
                    ? [accessEnded(.family(family), at: now)] : []
                try outbox.append(ended, audit: entry, in: session)
            }
            return
        }
        guard let claims = seal.claims(of: token), claims.clientID == client.id, let secret = TokenSecret(claims.jti)
        else { return }
        let ended = accessEnded(.token(claims.jti), at: now)
        try await outbox.transaction(on: database) { session in
            guard try tokens.revoke(secret, at: now, in: session) else { return }
            try outbox.append([ended], audit: entry, in: session)
        }
    }
}

/// Tells a portal about the person whose token it holds.
package struct ReadUserInfo: Sendable {
    let database: Database
    let acts: Acts
    let sessionPolicy: SessionPolicy
    let hashes: KeyedHashes
    let tokens: TokenStore
    private let names = PersonNameStore()
    private let sessions = SessionStore()

    /// `nil` when the token holds no longer: its session, its family or itself has ended.
    package func callAsFunction(_ caller: PersonCaller) async throws -> UserInfo? {
        let now = acts.now()
        let found = try await database.read { session in
            (
                try sessions.find(caller.sessionID, in: session),
                try names.find(caller.personID, in: session),
                try tokens.introspect(caller.tokenID, purpose: TokenIssuer.accessPurpose, at: now, in: session) != nil
            )
        }
        guard found.2, let signedIn = found.0, signedIn.personID == caller.personID,
            signedIn.isLive(at: now, under: sessionPolicy)
        else { return nil }
        return UserInfo(
            sub: hashes.subject(of: caller.personID, at: caller.clientID),
            givenName: found.1?.firstName, familyName: found.1?.lastName, locale: signedIn.language.rawValue,
            acr: signedIn.acr.uri, actingAs: .profile(caller.profile))
    }
}
