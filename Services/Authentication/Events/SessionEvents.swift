import AuthenticationContracts
import AuthenticationDomain
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

private func draft(_ type: String, _ session: PersonSession, reason: SessionState.EndReason?) -> EventDraft {
    EventDraft(
        type: type, key: session.id.uuid, aggregate: "session", version: session.version,
        data: SessionState(
            sessionId: session.id, version: session.version, personId: session.personID, acr: session.acr.level,
            startedAt: session.startedAt, endedAt: session.endedAt, endReason: reason))
}
