import AuthenticationContracts
import AuthenticationDomain
import ContractCore
import EventOutbox
import Vocabulary

/// Tells that a session started.
func sessionStarted(_ session: PersonSession) -> EventDraft {
    draft(SessionState.started, session, reason: nil)
}

/// Tells that a session ended.
func sessionEnded(_ session: PersonSession, reason: SessionState.EndReason) -> EventDraft {
    draft(SessionState.ended, session, reason: reason)
}

/// Tells each API that something opens nothing any more.
func accessEnded(_ subject: AccessEnded.Subject, at now: Instant) -> EventDraft {
    EventDraft(
        type: AccessEnded.ended, key: subject.id.uuid, aggregate: "access", version: 1, stream: .access,
        data: AccessEnded(subject, at: now))
}

/// Corrects what was told of a session before a restoration.
func sessionRestated(_ session: PersonSession, reason: SessionState.EndReason?, version: Int64) -> EventDraft {
    draft(SessionState.restated, session, reason: reason, version: version)
}

private func draft(
    _ type: String, _ session: PersonSession, reason: SessionState.EndReason?, version: Int64? = nil
) -> EventDraft {
    let version = version ?? session.version
    return EventDraft(
        type: type, key: session.id.uuid, aggregate: "session", version: version,
        data: SessionState(
            sessionId: session.id, version: version, personId: session.personID, acr: session.acr.level,
            startedAt: session.startedAt, endedAt: session.endedAt, endReason: reason))
}
