package import Postgres
package import Vocabulary

/// Who did what, for whom, when and with which outcome; made by `Act.record`.
package struct AuditEntry: Sendable {
    package let id: AuditID
    package let occasion: Occasion
    package let by: any Agent
    package let action: AuditAction
    /// Why it was refused; empty when it was allowed.
    package let reasons: [ReasonCode]
    package let about: ActSubject

    init(
        id: AuditID, occasion: Occasion, by: any Agent, action: AuditAction, reasons: [ReasonCode], about: ActSubject
    ) {
        self.id = id
        self.occasion = occasion
        self.by = by
        self.action = action
        self.reasons = reasons
        self.about = about
    }
}

/// The record of acts.
///
/// An act that publishes events is recorded by `Outbox.append`, which ties each event to its record.
package enum Audit {
    /// Records an act that publishes nothing: a refusal, a look into a dossier.
    ///
    /// - Throws: `PostgresError`, also for an id that was used before.
    package static func record(_ entry: AuditEntry, in session: borrowing Session) throws {
        try session.execute(insert(entry))
    }

    /// The statement that records an act, for those who send it with others.
    package static func insert(_ entry: AuditEntry) -> SQL {
        let (by, about) = (entry.by, entry.about)
        let outcome = entry.reasons.isEmpty ? "allowed" : "refused"
        return """
            INSERT INTO audit_record (id, at, actor, actor_client, organisation, on_behalf_of, dossier, mandate,
                action, outcome, reasons, acr, request_id, source, user_name, commanded_by)
            VALUES (\(entry.id), \(entry.occasion.time), \(by.person), \(by.program), \(about.organisation),
                \(about.person), \(about.dossier), \(about.mandate), \(entry.action.rawValue), \(outcome),
                \(entry.reasons.map(\.rawValue)), \(by.acr?.level), \(entry.occasion.requestID),
                \(entry.occasion.source), \(about.userName), \(by.commandedBy))
            """
    }
}
