package import ContractCore
package import Crypto
import FoundationEssentials

/// The keys under which access tokens are sealed on their way through clients, so that a client cannot read them.
///
/// Each API has keys of its own: one that seals, and while it is being replaced another one that still opens.
/// authentication-service has them all, an API has its own. The key of `authentication` is also that of the tokens for
/// the issuer. A key opens tokens and makes none: what is inside is signed.
package struct AudienceKeys: Sendable {
    private let rings: [APIAudience: [(id: String, key: SymmetricKey)]]

    /// No keys: for a service that is no API.
    package static let none = AudienceKeys()

    private init() { rings = [:] }

    /// Keys of 32 bytes by their ids, for each API the one that seals first.
    ///
    /// Nil unless each API has one or two, with different ids of 1 to 32 bytes.
    package init?(_ rings: [APIAudience: [(id: String, key: [UInt8])]]) {
        for ring in rings.values {
            guard (1...2).contains(ring.count), Set(ring.map(\.id)).count == ring.count,
                ring.allSatisfy({ $0.key.count == 32 && (1...32).contains($0.id.utf8.count) })
            else { return nil }
        }
        self.rings = rings.mapValues { ring in ring.map { ($0.id, SymmetricKey(data: $0.key)) } }
    }

    /// The APIs that there are keys of.
    package var apis: Set<APIAudience> { Set(rings.keys) }

    /// Seals a signed access token for an API.
    ///
    /// - Throws: ``MissingAudienceKey`` without a key of the API, or what the cipher throws.
    package func seal(
        _ token: String, for api: APIAudience, nonce: AES.GCM.Nonce = AES.GCM.Nonce()
    ) throws -> String {
        guard let current = rings[api]?.first else { throw MissingAudienceKey(api: api) }
        return try CompactJWE.seal(
            token, contentType: AccessTokenClaims.type, keyID: current.id, key: current.key, nonce: nonce)
    }

    /// The signed token within one that was sealed for an API; nil for any other text.
    package func open(_ sealed: String, for api: APIAudience) -> String? {
        CompactJWE.open(sealed, contentType: AccessTokenClaims.type) { id in
            rings[api]?.first { $0.id == id }?.key
        }
    }

    /// The signed token within one that was sealed for any of the APIs.
    package func open(_ sealed: String) -> String? {
        for api in APIAudience.allCases {
            if let token = open(sealed, for: api) { return token }
        }
        return nil
    }
}

/// There is no key to seal tokens of an API with; the configuration is checked for this at the start.
package struct MissingAudienceKey: Error, CustomStringConvertible {
    let api: APIAudience

    package var description: String { "there is no key for access tokens of \(api.rawValue)" }
}
