import AuditTrail
package import ContractCore
package import EventOutbox
package import FoundationEssentials
package import Postgres
package import ProfileResolutionDomain
package import Vocabulary

/// What became of a change of contact data.
package enum ContactChangeOutcome: Sendable {
    /// The version of the contact data now; no positions when the data was the same already.
    case changed(version: Int64, positions: Positions?)
    /// Somebody changed it since the caller looked at it.
    case versionChanged(now: Int64)
}

/// Changes the contact data of a dossier, for its owner or under a mandate that covers it.
package struct ChangeContact: Sendable {
    private let database: Database
    private let outbox: Outbox
    private let now: @Sendable () -> Instant
    private let newID: @Sendable () -> UUID

    package init(
        database: Database, outbox: Outbox, now: @escaping @Sendable () -> Instant,
        newID: @escaping @Sendable () -> UUID
    ) {
        self.database = database
        self.outbox = outbox
        self.now = now
        self.newID = newID
    }

    /// Decides and changes in one transaction.
    ///
    /// - Parameters:
    ///   - seen: The version of the contact data that the caller looked at.
    ///   - context: Where the event comes from.
    /// - Throws: `PostgresError`, after which nothing is changed.
    package func callAsFunction(
        _ id: DossierID, to contact: Contact, seen: Int64, by requester: Requester, context: EventContext
    ) async throws -> Decision<ContactChangeOutcome> {
        let time = now()
        let auditID = AuditID(newID())
        let outbox = outbox
        return try await outbox.transaction(on: database) { session in
            let audit = { (refusal: Refusal?) in
                requester.audit(.changeContact, dossier: id, refusal: refusal, id: auditID, at: time)
            }
            let dossier = try DossierStore.find(id, forChange: true, in: session)
            let decision =
                dossier?.decide(.changeContact, by: requester.caller) ?? .refused(Refusal(Reason(.dossierUnknown)))
            guard let dossier, decision.isAllowed else {
                let refusal = decision.refusal ?? Refusal(Reason(.dossierUnknown))
                try Audit.record(audit(refusal), in: session)
                return .refused(refusal)
            }
            let changed: Dossier?
            do throws(ContactChangeRefusal) {
                changed = try dossier.changingContact(to: contact, seen: seen)
            } catch {
                switch error {
                case .versionChanged(let version):
                    try Audit.record(audit(Refusal(Reason(.dossierVersionChanged))), in: session)
                    return .allowed(.versionChanged(now: version))
                }
            }
            guard let changed else {
                return .allowed(.changed(version: dossier.contactVersion, positions: nil))
            }
            try DossierStore.update([changed], at: time, in: session)
            let positions = try outbox.append(
                [PublishedDossiers.draft(.contactChanged, of: changed)], audit: audit(nil), context: context,
                in: session)
            return .allowed(.changed(version: changed.contactVersion, positions: positions))
        }
    }
}
