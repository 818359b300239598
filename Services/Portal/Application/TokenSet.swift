import Crypto
import FoundationEssentials
package import Keys
import PortalDomain
package import Vocabulary

/// What the portal reads from its own access token: for whom and until when.
package struct AccessFacts: Sendable {
    package let personID: PersonID
    package let providerSession: String
    package let profile: ProfileChoice
    package let expiresAt: Instant

    package init(personID: PersonID, providerSession: String, profile: ProfileChoice, expiresAt: Instant) {
        self.personID = personID
        self.providerSession = providerSession
        self.profile = profile
        self.expiresAt = expiresAt
    }
}

/// The tokens of a session, as they are sealed in its row.
package struct TokenSet: Codable, Sendable {
    package let access: String
    package let refresh: String?
    package let identity: String
}

/// Seals what must not be readable in the database, each value for the row it belongs to.
package struct PortalSeal: Sendable {
    private let key: SealingKey

    package init(_ key: SealingKey) {
        self.key = key
    }

    func seal(_ tokens: TokenSet, of session: PortalSessionID) throws -> [UInt8] {
        try key.seal(try JSONEncoder().encode(tokens), associated: associated(session))
    }

    func tokens(_ sealed: [UInt8], of session: PortalSessionID) throws -> TokenSet {
        try JSONDecoder().decode(TokenSet.self, from: Data(try key.open(sealed, associated: associated(session))))
    }

    func seal(context: String, of session: PortalSessionID, handleHash: [UInt8]) throws -> [UInt8] {
        try key.seal(context.utf8, associated: associated(session) + handleHash)
    }

    func context(_ sealed: [UInt8], of session: PortalSessionID, handleHash: [UInt8]) throws -> String {
        String(decoding: try key.open(sealed, associated: associated(session) + handleHash), as: UTF8.self)
    }

    func seal(_ secrets: AttemptSecrets, stateHash: [UInt8]) throws -> [UInt8] {
        try key.seal(try JSONEncoder().encode(secrets), associated: Array("attempt".utf8) + stateHash)
    }

    func secrets(_ sealed: [UInt8], stateHash: [UInt8]) throws -> AttemptSecrets {
        let plain = try key.open(sealed, associated: Array("attempt".utf8) + stateHash)
        return try JSONDecoder().decode(AttemptSecrets.self, from: Data(plain))
    }

    private func associated(_ session: PortalSessionID) -> [UInt8] { Array("session:\(session)".utf8) }
}

/// What a sign-in attempt keeps to itself until the browser is back.
struct AttemptSecrets: Codable {
    let nonce: String
    let verifier: String
}

/// The S256 challenge of a PKCE verifier (RFC 7636 section 4.2).
func codeChallenge(_ verifier: String) -> String {
    Base64URL.encode(SHA256.hash(data: Array(verifier.utf8)))
}
