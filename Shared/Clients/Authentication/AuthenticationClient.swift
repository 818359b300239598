import Async
package import AuthenticationContracts
package import Clients
package import ContractCore
import Keys
package import Vocabulary

/// Calls authentication-service.
package struct AuthenticationClient: Sendable {
    private let remote: RemoteService
    private let signer: ClientAssertionSigner?

    /// A client of the service at `remote`; what signs for its own tokens authenticates this client as well.
    package init(_ remote: RemoteService) {
        self.remote = remote
        signer = remote.tokens.signer
    }

    /// What the issuer tells of itself (OpenID Connect Discovery).
    package func configuration(origin: CallOrigin) async throws(RemoteError) -> OpenIDConfiguration {
        try await remote.json(.init(path: "/.well-known/openid-configuration", credential: .none), origin: origin).value
    }

    /// Redeems an interaction, which can be done once: who signs in, how strongly, and where.
    package func redeem(_ interaction: InteractionID, origin: CallOrigin) async throws(RemoteError)
        -> RedeemedInteraction
    {
        try await remote.json(
            .init(
                method: .post, path: "/interactions/\(interaction)/redeem",
                credential: .service(scope: Scope.interactions), isRead: false), origin: origin
        ).value
    }

    /// Puts the chosen profile back, and learns where the browser goes.
    package func putChoice(
        _ choice: InteractionChoice, for interaction: InteractionID, origin: CallOrigin
    ) async throws(RemoteError) -> InteractionResumption {
        try await remote.json(
            .init(
                method: .put, path: "/interactions/\(interaction)/choice",
                credential: .service(scope: Scope.interactions), body: .json(choice), isRead: false), origin: origin
        ).value
    }

    /// Turns at most 100 national numbers into person ids, with one verdict per number in their order.
    package func resolvePersons(
        _ request: ResolvePersonsRequest, origin: CallOrigin
    ) async throws(RemoteError) -> ResolvePersonsResponse {
        try await remote.json(
            .init(
                method: .post, path: "/persons/resolve", credential: .service(scope: Scope.resolvePersons),
                body: .json(request), isRead: request.mode == .lookUp), origin: origin
        ).value
    }

    /// What at most 100 persons are called; those whose names nobody has told are missing.
    package func personNames(_ persons: [PersonID], origin: CallOrigin) async throws(RemoteError) -> PersonNamesResponse
    {
        try await remote.json(
            .init(
                method: .post, path: "/persons/names", credential: .service(scope: Scope.personNames),
                body: .json(PersonNamesRequest(personIds: persons)), isRead: true), origin: origin
        ).value
    }

    /// How long a list waits for names: it is no less true without them, and must not come late because of them.
    package static let patienceForNames: Duration = .milliseconds(500)

    /// What any number of persons are called, asked in batches.
    ///
    /// While nobody can be asked, or nobody answers in time (``patienceForNames``), the names are said to be unavailable.
    package func names(of persons: [PersonID], origin: CallOrigin) async -> KnownNames {
        let none = KnownNames([:], isComplete: persons.isEmpty)
        guard !persons.isEmpty else { return none }
        let answer = OneShot<KnownNames>()
        let asking = Task { answer.fill(await allNames(of: persons, origin: origin)) }
        let limit = Task {
            try await Task.sleep(for: Self.patienceForNames)
            answer.fill(none)
        }
        defer {
            asking.cancel()
            limit.cancel()
        }
        return await answer.wait(ifCancelled: none)
    }

    private func allNames(of persons: [PersonID], origin: CallOrigin) async -> KnownNames {
        let asked = Array(Set(persons))
        var names: [PersonID: String] = [:]
        for start in stride(from: 0, to: asked.count, by: PersonNamesRequest.limit) {
            let batch = Array(asked[start..<min(start + PersonNamesRequest.limit, asked.count)])
            do throws(RemoteError) {
                names.merge(try await personNames(batch, origin: origin).written) { first, _ in first }
            } catch {
                return KnownNames(names, isComplete: false)
            }
        }
        return KnownNames(names, isComplete: true)
    }

    /// Redeems an authorization code of an OpenID Connect sign-in; the access token is for `resource`.
    package func tokens(
        code: String, codeVerifier: String, redirectURI: String, resource: String?, origin: CallOrigin
    ) async throws(RemoteError) -> TokenResponse {
        try await token(
            [
                ("grant_type", "authorization_code"), ("code", code), ("code_verifier", codeVerifier),
                ("redirect_uri", redirectURI),
            ] + (resource.map { [("resource", $0)] } ?? []), origin: origin)
    }

    /// Gets an access token for `resource` and an ID token; the refresh token stays as it is.
    package func tokens(
        refreshToken: String, resource: String, origin: CallOrigin
    ) async throws(RemoteError) -> TokenResponse {
        try await token(
            [("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("resource", resource)], origin: origin)
    }

    /// Ends a refresh token or access token (RFC 7009); an unknown one is as good as ended.
    package func revoke(_ token: String, origin: CallOrigin) async throws(RemoteError) {
        let form = try authenticated([("token", token)])
        try await remote.send(
            .init(method: .post, path: "/revoke", credential: .none, body: .form(form), isRead: false), origin: origin)
    }

    private func token(_ fields: [(String, String)], origin: CallOrigin) async throws(RemoteError) -> TokenResponse {
        let form = try authenticated(fields)
        return try await remote.json(
            .init(method: .post, path: "/token", credential: .none, body: .form(form), isRead: false), origin: origin
        ).value
    }

    private func authenticated(_ fields: [(String, String)]) throws(RemoteError) -> [(String, String)] {
        guard let signer, let assertion = try? signer.assertion(audience: remote.baseURL) else {
            throw .unavailable("no client key is configured")
        }
        return fields + [
            ("client_id", signer.clientID), ("client_assertion_type", ClientAssertionSigner.assertionType),
            ("client_assertion", assertion),
        ]
    }
}

/// The tokens of a sign-in, as a token endpoint answers them (RFC 6749, OpenID Connect Core).
package struct TokenResponse: Codable, Sendable {
    package let accessToken: String
    package let tokenType: String
    /// Seconds until the access token ends.
    package let expiresIn: Int
    package let refreshToken: String?
    package let idToken: String?
    package let scope: String?

    private enum CodingKeys: String, CodingKey {
        case accessToken = "access_token"
        case tokenType = "token_type"
        case expiresIn = "expires_in"
        case refreshToken = "refresh_token"
        case idToken = "id_token"
        case scope
    }

    /// Tokens from their parts.
    package init(
        accessToken: String, expiresIn: Int, refreshToken: String? = nil, idToken: String? = nil, scope: String? = nil
    ) {
        self.accessToken = accessToken
        tokenType = "Bearer"
        self.expiresIn = expiresIn
        self.refreshToken = refreshToken
        self.idToken = idToken
        self.scope = scope
    }
}

/// Where a browser is sent, as the issuer tells it (OpenID Connect Discovery).
package struct OpenIDConfiguration: Codable, Sendable {
    package let issuer: String
    package let authorizationEndpoint: String
    package let endSessionEndpoint: String?

    private enum CodingKeys: String, CodingKey {
        case issuer
        case authorizationEndpoint = "authorization_endpoint"
        case endSessionEndpoint = "end_session_endpoint"
    }

    /// A configuration from its parts.
    package init(issuer: String, authorizationEndpoint: String, endSessionEndpoint: String?) {
        self.issuer = issuer
        self.authorizationEndpoint = authorizationEndpoint
        self.endSessionEndpoint = endSessionEndpoint
    }
}
