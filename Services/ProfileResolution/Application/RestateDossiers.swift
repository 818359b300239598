package import EventOutbox
package import Postgres
import ProfileResolutionDomain
import Vocabulary

/// Corrects what the service told before its database went back in time.
package enum RestateDossiers {
    /// The service's way, for its relay; what a passage through the picker keeps is over within minutes.
    package static let restatement = Restatement { told, session in try restate(told, in: session) }

    /// A dossier that exists gets a version over the one that was told.
    ///
    /// So does its contact data: a page that shows what was lost must not write over what came back.
    package static func restate(_ told: ToldAggregate, in session: borrowing Session) throws -> EventDraft? {
        guard ["care-provider", "function-holder"].contains(told.kind),
            let known = try DossierStore.find(DossierID(told.key), forChange: true, in: session)
        else { return nil }
        let version = told.next(over: known.version)
        let next = Dossier(
            id: known.id, personID: known.personID, isHers: known.isHers, version: version, contactVersion: version,
            status: known.status, subject: known.subject, contact: known.contact)
        try DossierStore.renumber(next, in: session)
        return PublishedDossiers.draft(.restated, of: next)
    }
}
