package import Postgres
package import Vocabulary

/// Who did what, for whom, when and with which outcome.
package struct AuditEntry: Sendable {
    /// What became of it.
    package enum Outcome: String, Sendable {
        case allowed, refused
    }

    package let id: AuditID
    package let at: Instant
    /// The person who acted; nil for a process that acts by itself.
    package let actor: PersonID?
    /// The client through which, or the process by which, it was done.
    package let actorClient: String?
    /// The organisation within which the person acted.
    package let organisation: OrganisationID?
    /// The person for whom it was done, where that is another.
    package let onBehalfOf: PersonID?
    package let dossier: DossierID?
    /// The mandate under which it was done, or that it was about.
    package let mandate: MandateID?
    /// Such as `dossier.contact.change`.
    package let action: String
    package let outcome: Outcome
    /// Why it was refused; empty when it was allowed.
    package let reasons: [ReasonCode]
    /// The level at which the person had signed in.
    package let acr: Int?
    package let requestID: String
    /// From where it was done: a hash of the network's address under a key of the service, so that the acts of one
    /// source are found without the record naming it.
    package let source: [UInt8]?
    /// The account that was named: a hash of the user name under the same key, also of one that nobody has.
    package let userName: [UInt8]?
    /// Who ran the command, in the words of that person; nil for what was not done by a command.
    package let commandedBy: String?

    /// Describes an act.
    package init(
        id: AuditID, at: Instant, actor: PersonID?, actorClient: String?, organisation: OrganisationID? = nil,
        onBehalfOf: PersonID? = nil, dossier: DossierID? = nil, mandate: MandateID? = nil, action: String,
        outcome: Outcome, reasons: [ReasonCode] = [], acr: Int? = nil, requestID: String, source: [UInt8]? = nil,
        userName: [UInt8]? = nil, commandedBy: String? = nil
    ) {
        self.id = id
        self.at = at
        self.actor = actor
        self.actorClient = actorClient
        self.organisation = organisation
        self.onBehalfOf = onBehalfOf
        self.dossier = dossier
        self.mandate = mandate
        self.action = action
        self.outcome = outcome
        self.reasons = reasons
        self.acr = acr
        self.requestID = requestID
        self.source = source
        self.userName = userName
        self.commandedBy = commandedBy
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
        """
        INSERT INTO audit_record (id, at, actor, actor_client, organisation, on_behalf_of, dossier, mandate,
            action, outcome, reasons, acr, request_id, source, user_name, commanded_by)
        VALUES (\(entry.id), \(entry.at), \(entry.actor), \(entry.actorClient), \(entry.organisation),
            \(entry.onBehalfOf), \(entry.dossier), \(entry.mandate), \(entry.action),
            \(entry.outcome.rawValue), \(entry.reasons.map(\.rawValue)), \(entry.acr), \(entry.requestID),
            \(entry.source), \(entry.userName), \(entry.commandedBy))
        """
    }
}
