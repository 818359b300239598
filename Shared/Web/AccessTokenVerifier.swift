package import ContractCore
import FoundationEssentials
package import Keys
package import Vocabulary

/// Verifies access tokens: ES256 `at+jwt` by our issuer, sealed for one of our APIs.
///
/// On a key that is known, verification neither waits nor hops to an actor. What ended before its time is refused by a
/// look into a set. While the source of ends is not heard, a token is believed until it expires, and for a command the
/// issuer is asked; when it does not answer either, the token is believed. This fact alone fails open (ADR 46).
package struct AccessTokenVerifier: Sendable {
    /// The keys that tokens are verified with.
    package let keys: IssuerKeys
    /// By which URIs tokens name the APIs.
    package let audiences: AudienceURIs
    /// The keys that tokens are sealed and opened with.
    package let seals: AudienceKeys
    /// What ended before its time.
    package let ended: EndedAccess
    /// Asks the issuer whether a token holds; nil when it does not answer in time.
    private let ask: (@Sendable (String) async -> Bool?)?
    private let issuer: String
    private let now: @Sendable () -> Instant
    /// What clocks may differ, in seconds.
    private static let leeway: Int64 = 5
    /// The longest token that is looked at, in bytes.
    private static let longest = 8192

    /// A verifier of the tokens of `issuer`, the base address of authentication-service.
    package init(
        issuer: String, audiences: AudienceURIs = .standard, seals: AudienceKeys, keys: IssuerKeys,
        ended: EndedAccess = EndedAccess(), ask: (@Sendable (String) async -> Bool?)? = nil,
        now: @escaping @Sendable () -> Instant
    ) {
        self.issuer = issuer
        self.audiences = audiences
        self.seals = seals
        self.ended = ended
        self.ask = ask
        self.keys = keys
        self.now = now
    }

    /// Who the token stands for.
    ///
    /// - Parameters:
    ///   - token: As it came.
    ///   - audience: The API that it is shown to.
    ///   - isCommand: Whether it is to change something; see above.
    /// - Throws: A `Problem`: 401 `token.invalid` with the class of defect, or 503 while no keys were fetched yet.
    package func verify(
        _ token: String, audience: APIAudience, isCommand: Bool = false
    ) async throws(Problem) -> Caller {
        let caller = try await verify(token, sealedFor: audience, audience: audiences[audience])
        if isCommand, case .person = caller, ended.isUncertain, await ask?(token) == false { throw Self.over }
        return caller
    }

    /// Who the token stands for at the issuer's own endpoint for signed-in persons, userinfo.
    package func verifyForIssuer(_ token: String) async throws(Problem) -> Caller {
        try await verify(token, sealedFor: .authentication, audience: issuer)
    }

    private func verify(
        _ token: String, sealedFor api: APIAudience, audience: String
    ) async throws(Problem) -> Caller {
        let claims = try await claims(ofSigned: try opened(token) { seals.open($0, for: api) })
        guard claims.aud == audience else {
            throw .tokenInvalid("The access token is not meant for this API.")
        }
        let caller = try caller(claims)
        if case .person(let person) = caller, ended.covers(person.ends) { throw Self.over }
        return caller
    }

    private static var over: Problem { .tokenInvalid("What the access token belongs to has ended.") }

    /// The claims of a token whose signature, issuer and times hold, whichever API it is for.
    package func claims(of token: String) async throws(Problem) -> AccessTokenClaims {
        try await claims(ofSigned: try opened(token) { seals.open($0) })
    }

    private func opened(_ token: String, by open: (String) -> String?) throws(Problem) -> String {
        guard token.utf8.count <= Self.longest, let signed = open(token) else {
            throw .tokenInvalid("The access token is malformed, or not meant for this API.")
        }
        return signed
    }

    private func claims(ofSigned token: String) async throws(Problem) -> AccessTokenClaims {
        let malformed = Problem.tokenInvalid("The access token is malformed.")
        guard let parsed = CompactJWS(token), let keyID = parsed.keyID, let claims: AccessTokenClaims = parsed.claims()
        else { throw malformed }
        guard parsed.type == AccessTokenClaims.type else {
            throw .tokenInvalid("The token is not an access token.")
        }
        guard keys.isLoaded else {
            throw Problem(.unavailable, "The keys of the token issuer are not loaded yet.", retryAfter: 1)
        }
        var key = keys.key(keyID)
        if key == nil { key = await keys.fetchedKey(keyID) }
        guard let key, parsed.isSigned(by: key) else {
            throw .tokenInvalid("The access token's signature does not hold.")
        }
        try check(claims)
        return claims
    }

    private func check(_ claims: AccessTokenClaims) throws(Problem) {
        guard claims.iss == issuer else { throw .tokenInvalid("The access token is of another issuer.") }
        let now = now().secondsSinceEpoch
        guard now - Self.leeway < claims.exp else { throw .tokenInvalid("The access token has expired.") }
        guard (claims.nbf ?? claims.iat) <= now + Self.leeway else {
            throw .tokenInvalid("The access token does not count yet.")
        }
    }

    private func caller(_ claims: AccessTokenClaims) throws(Problem) -> Caller {
        let scopes = Set(claims.scope.split(separator: " ").map(String.init))
        guard let sid = claims.sid else {
            guard claims.sub == claims.clientID else { throw .tokenInvalid("The access token contradicts itself.") }
            return .service(ServiceCaller(clientID: claims.clientID, scopes: scopes))
        }
        guard let person = PersonID(claims.sub), let session = SessionID(sid),
            let family = claims.family.flatMap({ UUID(uuidString: $0) }),
            let acr = claims.acr.flatMap({ Acr(uri: $0) }), let authTime = claims.authTime,
            let actingAs = claims.actingAs
        else { throw .tokenInvalid("The access token lacks what a person's token has.") }
        guard let profile = actingAs.profile else { throw Problem(.actingAsUnknown) }
        return .person(
            PersonCaller(
                personID: person, sessionID: session, familyID: family, clientID: claims.clientID, acr: acr,
                authTime: Instant(secondsSinceEpoch: authTime), profile: profile, scopes: scopes,
                tokenID: claims.jti))
    }
}
