package import Vocabulary

/// A sign-in that the browser was sent away for and has not come back from.
package struct SignInAttempt: Sendable, Hashable {
    /// How long a person may take at the identity provider.
    package static let lifetime: Duration = .seconds(15 * 60)

    /// The value that ties the ID token to this attempt.
    package let nonce: String
    /// The PKCE verifier (RFC 7636) whose S256 challenge the provider was given.
    package let verifier: String
    /// Where the person wanted to go.
    package let returnPath: String
    /// Whether the person has to show her digital key again although the provider knows her still.
    package let asksAgain: Bool
    package let startedAt: Instant

    package init(nonce: String, verifier: String, returnPath: String, asksAgain: Bool = false, startedAt: Instant) {
        self.nonce = nonce
        self.verifier = verifier
        self.returnPath = returnPath
        self.asksAgain = asksAgain
        self.startedAt = startedAt
    }

    /// From when on the person has to have shown her digital key; nothing when an older sign-in will do.
    package var earliestAuthentication: Instant? { asksAgain ? startedAt : nil }

    /// Whether the attempt took too long.
    package func isExpired(at now: Instant) -> Bool { now - startedAt >= Self.lifetime }

    /// The path to go to after the sign-in: one of the portal's own pages, whatever the address asked for.
    package static func returnPath(asked: String?) -> String {
        asked.flatMap { PortalPaths.isPage($0) ? $0 : nil } ?? PortalPaths.welcome
    }
}

/// What came back from the identity provider in the address of the callback.
package enum SignInAnswer: Sendable, Hashable {
    case code(String)
    /// The person or the provider broke off: an OAuth error code.
    case error(String)

    /// Reads the parameters of the callback.
    ///
    /// - Parameters:
    ///   - parameters: the decoded query parameters, each once.
    ///   - issuer: the provider that the browser was sent to; an answer that names another one (RFC 9207) is refused.
    /// - Throws: what is wrong with the answer.
    package static func read(_ parameters: [String: String], issuer: String) throws(SignInRefusal) -> SignInAnswer {
        guard parameters["iss"] == issuer else { throw .otherIssuer }
        if let error = parameters["error"] { return .error(error) }
        guard let code = parameters["code"], !code.isEmpty, code.utf8.count <= 512 else { throw .noCode }
        return .code(code)
    }
}

/// Why a sign-in that came back is not accepted.
package enum SignInRefusal: String, Error, Sendable, Hashable, CaseIterable {
    /// No attempt of this browser has this `state`, or it was used.
    case unknownState = "unknown-state"
    case expired
    case otherIssuer = "other-issuer"
    case noCode = "no-code"
    /// The person broke off, or the provider did.
    case brokenOff = "broken-off"
    /// The provider did not exchange the code for tokens.
    case codeRefused = "code-refused"
    /// The ID token does not hold.
    case invalidIdentity = "invalid-identity"
    /// The provider could not be reached.
    case providerUnavailable = "provider-unavailable"

    /// Whether anybody can bring it about without having signed in anywhere: counted, and not recorded one by one, so
    /// that a stranger cannot make the record grow.
    package var isAnonymous: Bool { self != .invalidIdentity }
}
