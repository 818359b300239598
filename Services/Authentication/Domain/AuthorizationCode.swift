package import Vocabulary

/// A code that a portal exchanges for tokens, as it is kept.
package struct AuthorizationCode: Hashable, Sendable {
    /// The longest life of a code.
    package static let lifetime: Duration = .seconds(60)

    package let request: AuthorizationRequest
    package let sessionID: SessionID
    package let choice: ChosenProfile
    package let expiresAt: Instant
    package let usedAt: Instant?

    package init(
        request: AuthorizationRequest, sessionID: SessionID, choice: ChosenProfile, expiresAt: Instant,
        usedAt: Instant?
    ) {
        self.request = request
        self.sessionID = sessionID
        self.choice = choice
        self.expiresAt = expiresAt
        self.usedAt = usedAt
    }
}

/// A portal's wish to exchange a code.
package struct CodeRedemption: Hashable, Sendable {
    package let clientID: String
    package let redirectURI: String
    /// S256 of the code verifier that came with the wish.
    package let challengeOfVerifier: String

    package init(clientID: String, redirectURI: String, challengeOfVerifier: String) {
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.challengeOfVerifier = challengeOfVerifier
    }
}

/// Why a code is not exchanged.
///
/// The portal reads one answer for all of them; the audit record says which it was.
package enum CodeRefusal: String, Hashable, Sendable {
    case unknown = "code.unknown"
    /// Whoever comes second, the tokens of the first are ended too: one of the two stole the code.
    case reused = "code.reused"
    case expired = "code.expired"
    case otherClient = "code.other-client"
    case otherRedirectURI = "code.other-redirect-uri"
    case wrongVerifier = "code.wrong-verifier"
    case sessionEnded = "code.session-ended"
}

/// Decides whether a code may be exchanged; `nil` means yes.
///
/// - Parameter sessionIsLive: whether the session in which the code was made still lasts.
package func refusal(
    of wish: CodeRedemption, for code: AuthorizationCode, sessionIsLive: Bool, at now: Instant
) -> CodeRefusal? {
    guard code.request.clientID == wish.clientID else { return .otherClient }
    guard code.usedAt == nil else { return .reused }
    guard now < code.expiresAt else { return .expired }
    guard code.request.redirectURI == wish.redirectURI else { return .otherRedirectURI }
    guard code.request.codeChallenge == wish.challengeOfVerifier else { return .wrongVerifier }
    guard sessionIsLive else { return .sessionEnded }
    return nil
}
