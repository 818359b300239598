import AuthenticationClients
import ContractCore
import Keys
import Web

/// Signs access tokens and seals each for the one API that it is for, and opens them again.
struct AccessTokenSeal: Sendable {
    let signer: TokenSigner
    let keys: AudienceKeys
    let audiences: AudienceURIs

    /// A token of claims, as its bearer gets it.
    func token(of claims: AccessTokenClaims) throws -> String {
        let signed = try signer.sign(claims, type: AccessTokenClaims.type)
        return try keys.seal(signed, for: audiences.api(claims.aud) ?? .authentication)
    }

    /// The claims of a token of ours, whatever its times say; `nil` for any other.
    func claims(of token: String) -> AccessTokenClaims? {
        keys.open(token).flatMap { signer.verified($0, type: AccessTokenClaims.type, as: AccessTokenClaims.self) }
    }
}
