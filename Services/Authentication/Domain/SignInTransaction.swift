package import Vocabulary

/// One run from a portal's authorization request to its code, held by one browser.
package struct SignInTransaction: Hashable, Sendable {
    package let id: TransactionID
    package let request: AuthorizationRequest
    package let language: Language
    package let startedAt: Instant
    package let expiresAt: Instant
    /// The session in which the person signed in; `nil` before that.
    package let sessionID: SessionID?
    /// When the code was handed out; nothing can be done with the transaction after that.
    package let completedAt: Instant?

    package init(
        id: TransactionID, request: AuthorizationRequest, language: Language, startedAt: Instant, expiresAt: Instant,
        sessionID: SessionID?, completedAt: Instant?
    ) {
        self.id = id
        self.request = request
        self.language = language
        self.startedAt = startedAt
        self.expiresAt = expiresAt
        self.sessionID = sessionID
        self.completedAt = completedAt
    }

    /// Whether the person can go on with it.
    package func isOpen(at now: Instant) -> Bool {
        completedAt == nil && now < expiresAt
    }
}

/// The id of a ``SignInTransaction``: names it in a URL, opens nothing without the browser's cookie.
package typealias TransactionID = Identifier<SignInTransaction>

/// The errand on which a browser is sent to the profile picker and back.
package struct SignInInteraction: Hashable, Sendable {
    /// How long after it began an errand can be redeemed: a browser follows the redirect at once, and whoever finds the
    /// address later, in a history or a message, learns nobody's name by it.
    package static let redeemWindow: Duration = .seconds(60)

    package let id: InteractionID
    package let transactionID: TransactionID
    package let sessionID: SessionID
    package let expiresAt: Instant
    /// The client that redeemed it, once.
    package let redeemedBy: String?
    package let choice: ChosenProfile?
    package let resumedAt: Instant?

    package init(
        id: InteractionID, transactionID: TransactionID, sessionID: SessionID, expiresAt: Instant,
        redeemedBy: String?, choice: ChosenProfile?, resumedAt: Instant?
    ) {
        self.id = id
        self.transactionID = transactionID
        self.sessionID = sessionID
        self.expiresAt = expiresAt
        self.redeemedBy = redeemedBy
        self.choice = choice
        self.resumedAt = resumedAt
    }

    /// Whether the profile picker may put a choice: it redeemed the errand, and the browser has not come back yet; the
    /// same choice may come again.
    package func accepts(_ choice: ChosenProfile, from clientID: String, at now: Instant) -> Bool {
        redeemedBy == clientID && now < expiresAt && (resumedAt == nil || self.choice == choice)
    }
}

/// A profile with the facts it rests on.
package struct ChosenProfile: Hashable, Sendable, Codable {
    package let profile: ProfileChoice
    package let bases: [ProfileBasis]

    package init(profile: ProfileChoice, bases: [ProfileBasis]) {
        self.profile = profile
        self.bases = bases
    }
}

/// A fact that a chosen profile rests on, in the version in which it was seen.
package struct ProfileBasis: Hashable, Sendable, Codable {
    /// `right`, `dossier` or `organisation`.
    package let kind: String
    /// The id of the fact, as text.
    package let id: String
    package let version: Int64

    package init(kind: String, id: String, version: Int64) {
        self.kind = kind
        self.id = id
        self.version = version
    }
}

/// What the browser meets when it comes back from the profile picker.
package enum ResumeVerdict: Hashable, Sendable {
    /// The person is signed in with this profile.
    case signedIn(ChosenProfile)
    /// She was a moment ago: the answer is given again.
    case again
    /// No profile was chosen yet.
    case notChosen
    /// The address was used before, its time is over, or the session ended meanwhile.
    case over
    /// Another browser than the one that signed in: a link that somebody passed on.
    case otherBrowser
    /// The portal expects somebody else.
    case otherPerson
}

/// Decides what coming back from the profile picker leads to.
///
/// - Parameters:
///   - browserHolds: whether the request came with the cookie of the transaction.
///   - isExpected: whether the portal expects this person, or anybody.
///   - repeatable: for how long the same browser is answered again as before.
package func decideResume(
    _ interaction: SignInInteraction, transaction: SignInTransaction, session: PersonSession, browserHolds: Bool,
    isExpected: Bool, repeatable: Duration, at now: Instant, under policy: SessionPolicy
) -> ResumeVerdict {
    guard browserHolds else { return .otherBrowser }
    guard now < interaction.expiresAt, transaction.sessionID == session.id, session.isLive(at: now, under: policy)
    else { return .over }
    guard isExpected else { return .otherPerson }
    if let resumed = interaction.resumedAt { return now < resumed.adding(repeatable) ? .again : .over }
    guard transaction.isOpen(at: now) else { return .over }
    guard let choice = interaction.choice else { return .notChosen }
    return .signedIn(choice)
}
