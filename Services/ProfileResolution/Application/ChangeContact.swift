import AuditTrail
package import ContractCore
package import EventOutbox
package import Postgres
package import ProfileResolutionDomain
package import Vocabulary

/// Changes the contact data of a dossier, for its owner or under a mandate that covers it.
package struct ChangeContact: Sendable {
    /// The version of the contact data now; no positions when the data was the same already.
    package struct Changed: Sendable {
        package let version: Int64
        package let positions: Positions?
    }

    private let database: Database
    private let outbox: Outbox

    package init(database: Database, outbox: Outbox) {
        self.database = database
        self.outbox = outbox
    }

    /// Decides and changes in one transaction.
    ///
    /// - Parameter seen: The version of the contact data that the caller looked at.
    /// - Throws: `PostgresError`, after which nothing is changed.
    package func callAsFunction(
        _ id: DossierID, to contact: Contact, seen: Int64, by requester: Requester
    ) async throws -> Decision<Changed> {
        let act = requester.act
        return try await outbox.transaction(on: database) { session in
            let dossier = try DossierStore.find(id, forChange: true, in: session)
            let decision =
                dossier?.changingContact(to: contact, seen: seen, by: requester.caller) ?? .refused(.dossierHidden)
            let audit = act.record(.changeContact, refusal: decision.refusal, about: ActSubject(dossier: id))
            switch decision {
            case .refused(let refusal):
                try Audit.record(audit, in: session)
                return .refused(refusal)
            case .allowed(.unchanged(let dossier)):
                return .allowed(Changed(version: dossier.contactVersion, positions: nil))
            case .allowed(.changed(let dossier)):
                try DossierStore.update([dossier], at: act.time, in: session)
                let positions = try outbox.append(
                    [PublishedDossiers.draft(.contactChanged, of: dossier)], audit: audit, in: session)
                return .allowed(Changed(version: dossier.contactVersion, positions: positions))
            }
        }
    }
}
