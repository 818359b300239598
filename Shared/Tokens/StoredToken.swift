package import FoundationEssentials
package import Vocabulary

/// What is to be issued: all of a token but its random text.
package struct TokenDraft: Sendable {
    /// What the token is for: `dossier-context`, `refresh`; a token of one purpose is none of another.
    package let purpose: String
    /// What the token says, as the text of a JSON object.
    package let claims: String
    /// What it rests on, each in the version that was read; at least one.
    package let bases: [VersionedBasis]
    /// The family that it belongs to, begun by ``TokenStore/startFamily(_:at:in:)``.
    package let family: UUID?
    /// The moment of issue.
    package let issuedAt: Instant
    /// From this moment on it is inactive; later than the moment of issue.
    package let expiresAt: Instant

    /// Describes a token to issue.
    package init(
        purpose: String, claims: String, bases: [VersionedBasis], family: UUID? = nil, issuedAt: Instant,
        expiresAt: Instant
    ) {
        self.purpose = purpose
        self.claims = claims
        self.bases = bases
        self.family = family
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }
}

/// A token as the database knows it, with what has become of it.
package struct StoredToken: Sendable {
    /// What the token is for.
    package let purpose: String
    /// What the token says, as the text of a JSON object.
    package let claims: String
    /// What it rests on, in locking order.
    package let bases: [VersionedBasis]
    /// The family that it belongs to.
    package let family: UUID?
    /// The moment of issue.
    package let issuedAt: Instant
    /// From this moment on it is inactive.
    package let expiresAt: Instant
    /// What has become of it at the moment of asking.
    package let state: TokenState
}

/// What has become of a token.
package enum TokenState: Hashable, Sendable {
    /// It may be used.
    case active
    /// It opens nothing any more.
    case ended(by: TokenEnd)
}

/// What became of the wish to issue a token.
package enum IssueOutcome: Sendable {
    /// It was issued; this is the only moment at which its text exists.
    case issued(TokenSecret)
    /// One or more bases had ended in or after the version that the issuer had read.
    case basisEnded([Basis])
}
