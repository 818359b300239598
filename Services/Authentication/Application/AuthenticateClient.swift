package import AuthenticationDomain
import Keys
import Postgres
import Vocabulary

/// Finds out which client sends a request, by the assertion it signed (`private_key_jwt`, RFC 7523); no other way
/// is taken.
package struct AuthenticateClient: Sendable {
    /// What a client sends to say who it is.
    package struct Credentials: Sendable {
        package let clientID: String?
        package let assertionType: String?
        package let assertion: String?

        package init(clientID: String?, assertionType: String?, assertion: String?) {
            self.clientID = clientID
            self.assertionType = assertionType
            self.assertion = assertion
        }
    }

    private struct Claims: Decodable {
        let iss: String
        let sub: String
        let aud: Audiences
        let exp: Int64
        let nbf: Int64?
        let iat: Int64?
        let jti: String
    }

    /// `aud` is a text or a list of texts.
    private struct Audiences: Decodable {
        let values: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let one = try? container.decode(String.self) {
                values = [one]
            } else {
                values = try container.decode([String].self)
            }
        }
    }

    /// The longest life of an assertion, in seconds.
    private static let longestLife: Int64 = 300
    /// What clocks may differ, in seconds.
    private static let leeway: Int64 = 30

    private let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    /// The client that signed the assertion.
    ///
    /// Every defect has the same error, `invalid_client`.
    ///
    /// - Parameter endpoint: the path of the endpoint, whose address may be the assertion's audience as well.
    package func callAsFunction(_ credentials: Credentials, endpoint: String) async throws -> Client {
        let refusal = OAuthError(.invalidClient, "client authentication by private_key_jwt did not succeed")
        guard credentials.assertionType == ClientAssertionSigner.assertionType,
            let token = credentials.assertion.flatMap(CompactToken.init), token.algorithm == "ES256",
            let claims = token.claims(as: Claims.self), claims.iss == claims.sub,
            credentials.clientID ?? claims.sub == claims.sub,
            let registered = essentials.clients.registration(claims.sub),
            isSigned(token, by: registered), holds(claims, endpoint: endpoint)
        else { throw refusal }
        let expiry = Instant(secondsSinceEpoch: claims.exp.saturatingAdding(Self.leeway))
        let assertions = essentials.stores.assertions
        let isFirst = try await essentials.database.read { session in
            try assertions.take(client: claims.sub, id: claims.jti, expiresAt: expiry, in: session)
        }
        guard isFirst else { throw refusal }
        return registered.client
    }

    /// A key id that the client's key set knows picks the key; any other leaves all of its keys.
    private func isSigned(_ token: CompactToken, by registered: RegisteredClient) -> Bool {
        let named = registered.keys.filter { $0.id != nil && $0.id == token.keyID }
        return (named.isEmpty ? registered.keys : named).contains { token.isSigned(by: $0.key) }
    }

    private func holds(_ claims: Claims, endpoint: String) -> Bool {
        let now = essentials.now().secondsSinceEpoch
        let audiences = [essentials.issuer, essentials.issuer + "/token", essentials.issuer + endpoint]
        guard (1...255).contains(claims.jti.utf8.count), claims.jti.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return false }
        return claims.aud.values.contains(where: audiences.contains)
            && claims.exp > now - Self.leeway && claims.exp <= now + Self.longestLife + Self.leeway
            && (claims.nbf ?? now) <= now + Self.leeway && (claims.iat ?? now) <= now + Self.leeway
    }
}
