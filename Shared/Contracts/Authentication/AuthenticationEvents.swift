package import Vocabulary

/// The public state of a session; `session.started` and `session.ended`.
package struct SessionState: Codable, Sendable, Hashable {
    package static let started = "session.started"
    package static let ended = "session.ended"
    /// What was told before a restore is corrected to this state.
    package static let restated = "session.restated"
    /// What was told before a restore is taken back; the data is a `VoidedState`.
    package static let voided = "session.voided"

    /// Why a session ended.
    package enum EndReason: String, Codable, Sendable {
        case signedOut = "signed-out"
        case expired
        case replaced
        case securityReason = "security"
    }

    package let sessionId: SessionID
    package let version: Int64
    package let personId: PersonID
    /// The level of the digital key, such as 400.
    package let acr: Int
    package let startedAt: Instant
    package let endedAt: Instant?
    package let endReason: EndReason?

    package init(
        sessionId: SessionID, version: Int64, personId: PersonID, acr: Int, startedAt: Instant, endedAt: Instant?,
        endReason: EndReason?
    ) {
        self.sessionId = sessionId
        self.version = version
        self.personId = personId
        self.acr = acr
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.endReason = endReason
    }
}
