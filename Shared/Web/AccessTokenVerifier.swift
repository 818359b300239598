package import ContractCore
package import Keys
package import Vocabulary

/// Verifies access tokens: ES256 `at+jwt` by our issuer, sealed for one of our APIs.
///
/// On a key that is known, verification neither waits nor hops to an actor.
package struct AccessTokenVerifier: Sendable {
    /// The keys that tokens are verified with.
    package let keys: IssuerKeys
    /// By which URIs tokens name the APIs.
    package let audiences: AudienceURIs
    /// The keys that tokens are sealed and opened with.
    package let seals: AudienceKeys
    private let issuer: String
    private let now: @Sendable () -> Instant
    /// What clocks may differ, in seconds.
    private static let leeway: Int64 = 5
    /// The longest token that is looked at, in bytes.
    private static let longest = 8192

    /// A verifier of the tokens of `issuer`, the base address of authentication-service.
    package init(
        issuer: String, audiences: AudienceURIs = .standard, seals: AudienceKeys, keys: IssuerKeys,
        now: @escaping @Sendable () -> Instant
    ) {
        self.issuer = issuer
        self.audiences = audiences
        self.seals = seals
        self.keys = keys
        self.now = now
    }

    /// Who the token stands for.
    ///
    /// - Throws: A `Problem`: 401 `token.invalid` with the class of defect, or 503 while no keys were fetched yet.
    package func verify(_ token: String, audience: APIAudience) async throws(Problem) -> Caller {
        try await verify(token, sealedFor: audience, audience: audiences[audience])
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
        return try caller(claims)
    }

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
            let acr = claims.acr.flatMap({ Acr(uri: $0) }), let authTime = claims.authTime,
            let actingAs = claims.actingAs
        else { throw .tokenInvalid("The access token lacks what a person's token has.") }
        guard let profile = actingAs.profile else { throw Problem(.actingAsUnknown) }
        return .person(
            PersonCaller(
                personID: person, sessionID: session, clientID: claims.clientID, acr: acr,
                authTime: Instant(secondsSinceEpoch: authTime), profile: profile, scopes: scopes,
                tokenID: claims.jti))
    }
}
