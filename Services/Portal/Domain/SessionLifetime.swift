package import Vocabulary

/// How long a session of the portal lasts.
package struct SessionLifetime: Sendable, Hashable {
    /// A session without a request for this long is over.
    package let idle: Duration
    /// A session is over this long after the sign-in, however busy.
    package let absolute: Duration

    /// 20 minutes without a request, 12 hours in all, unless configured otherwise.
    package static let standard = SessionLifetime(idle: .seconds(20 * 60), absolute: .seconds(12 * 3600))

    package init(idle: Duration, absolute: Duration) {
        self.idle = idle
        self.absolute = absolute
    }

    /// Why a session is over.
    package enum End: String, Sendable, Hashable, CaseIterable {
        /// The person signed out in the portal.
        case signedOut = "signed-out"
        /// The identity provider told the portal that the session ended.
        case endedByProvider = "ended-by-provider"
        /// The identity provider gives no more access tokens for the session.
        case refreshRefused = "refresh-refused"
        case idle
        case tooOld = "too-old"

        /// Whether the next sign-in in this browser has to show the digital key again: nobody knows who sits at a
        /// computer that was left alone, and the provider's own session may go on.
        package var asksAgain: Bool {
            switch self {
            case .idle, .tooOld: true
            case .signedOut, .endedByProvider, .refreshRefused: false
            }
        }
    }

    /// Why a session that nobody ended is over at `now`; nothing when it goes on.
    package func end(signedInAt: Instant, lastSeenAt: Instant, now: Instant) -> End? {
        if now - signedInAt >= absolute { return .tooOld }
        return now - lastSeenAt >= idle ? .idle : nil
    }

    /// Whether a request is to be recorded: at most once in a fortieth of the idle time, so that reading pages
    /// seldom writes.
    package func shouldRecord(lastSeenAt: Instant, now: Instant) -> Bool {
        now - lastSeenAt >= idle / 40
    }
}
