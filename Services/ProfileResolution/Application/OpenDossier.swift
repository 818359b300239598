import AuditTrail
package import Postgres
package import ProfileResolutionDomain
package import Vocabulary

/// A dossier that was opened, with what the caller may do in it.
package struct OpenedDossier: Sendable {
    package let dossier: Dossier
    package let grant: DossierGrant
}

/// Opens a dossier for its owner or for a mandate holder, and records that it was opened or refused.
package struct OpenDossier: Sendable {
    /// Which dossier is asked for.
    package enum Target: Sendable {
        case id(DossierID)
        /// The caller's own under the profile that she chose.
        case own
    }

    private let database: Database
    private let persons: PersonFactsStore

    package init(database: Database, persons: PersonFactsStore) {
        self.database = database
        self.persons = persons
    }

    /// Decides, and answers the dossier or the refusal.
    ///
    /// - Throws: `PostgresError`; what cannot be recorded is not opened.
    package func callAsFunction(_ target: Target, by requester: Requester) async throws -> Decision<OpenedDossier> {
        let act = requester.act
        return try await database.transaction { session in
            let (id, decision) = try decide(target, requester.caller, today: act.day, in: session)
            try Audit.record(
                act.record(.openDossier, refusal: decision.refusal, about: ActSubject(dossier: id)), in: session)
            return decision
        }
    }

    private func decide(
        _ target: Target, _ caller: DossierCaller, today: LocalDate, in session: borrowing Session
    ) throws -> (DossierID?, Decision<OpenedDossier>) {
        let id: DossierID
        switch (target, caller) {
        case (.id(let asked), _): id = asked
        case (.own, .person(let person, let profile)):
            let facts = try persons.facts(of: person, today: today, in: session)
            switch facts.decideOwnDossier(under: profile) {
            case .allowed(let own): id = own.id
            case .refused(let refusal): return (nil, .refused(refusal))
            }
        case (.own, .context(let context)): id = context.dossierID
        }
        guard let dossier = try DossierStore.find(id, in: session) else {
            return (id, .refused(.dossierHidden))
        }
        return (id, dossier.decide(.viewWelcome, by: caller).map { OpenedDossier(dossier: dossier, grant: $0) })
    }
}
