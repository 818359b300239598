import AuthenticationDomain
import Vocabulary

/// What an ID token that comes back as `id_token_hint` says, whatever its age.
struct IDTokenHints: Sendable {
    private struct Claims: Decodable {
        let iss: String
        let sub: String
        let aud: String
        let sid: String
    }

    let issuer: String
    let signer: TokenSigner
    let hashes: KeyedHashes

    /// Whom the token is about, by the subject that the client knows her by; `nil` unless this provider gave it to it.
    func subject(_ token: String, of client: Client) -> String? {
        claims(token).flatMap { $0.aud == client.id ? $0.sub : nil }
    }

    /// The session of the token and the client that it was given to; `nil` for a token that is not this provider's.
    func session(_ token: String) -> (id: SessionID?, clientID: String)? {
        claims(token).map { claims in
            (SessionID(claims.sid).flatMap { try? hashes.session($0, of: claims.aud) }, claims.aud)
        }
    }

    /// Whether a person is the one whom the portal expects, if it expects somebody.
    func isExpected(_ person: PersonID, by request: AuthorizationRequest) -> Bool {
        guard let expected = request.expectedSubject else { return true }
        return hashes.subject(of: person, at: request.clientID) == expected
    }

    private func claims(_ token: String) -> Claims? {
        let claims = signer.verified(token, type: "JWT", as: Claims.self)
        return claims.flatMap { $0.iss == issuer ? $0 : nil }
    }
}
