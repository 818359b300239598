import Crypto
package import Keys
import PortalDomain
import Vocabulary

/// Seals a sign-in under way, for the cookie of the browser that was sent away with it.
///
/// The portal stores nothing of it: it is whole in the cookie, which opens for its `state` alone.
package struct AttemptSeal: Sendable {
    private let seal: CarriedSeal

    /// - Parameter key: the same for all instances.
    package init(key: HMACKey) {
        seal = CarriedSeal(key: key, kind: "attempt")
    }

    func seal(_ attempt: SignInAttempt, state: String) throws -> String {
        try seal.seal(
            [
                attempt.nonce, attempt.verifier, attempt.returnPath, attempt.asksAgain ? "again" : "",
                String(attempt.startedAt.microseconds),
            ], as: state)
    }

    /// The attempt; `nil` for what we did not seal, or for another `state`.
    func attempt(_ sealed: String, state: String) -> SignInAttempt? {
        guard let fields = seal.open(sealed, as: state), fields.count == 5, let started = Int64(fields[4]) else {
            return nil
        }
        return SignInAttempt(
            nonce: fields[0], verifier: fields[1], returnPath: fields[2], asksAgain: fields[3] == "again",
            startedAt: Instant(microseconds: started))
    }
}

/// The S256 challenge of a PKCE verifier (RFC 7636 section 4.2).
func codeChallenge(_ verifier: String) -> String {
    Base64URL.encode(SHA256.hash(data: Array(verifier.utf8)))
}
