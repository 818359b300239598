import AuditTrail
package import EventOutbox
import Imports
import MandateRegistryDomain
package import Postgres
package import Tokens
import Vocabulary
package import Waiting

/// Takes delivered mandates into the register, each in a transaction of its own.
package struct ImportMandates: Sendable {
    /// A mandate as a row has it, with the persons of its numbers.
    struct Delivery: Sendable {
        let grantor: PersonID
        let grantorName: LastName
        let profession: Profession
        let holder: NamedHolder
        let type: MandateType
        let period: Period

        func delivered(to holder: Mandate.Holder) -> DeliveredMandate {
            DeliveredMandate(
                grantor: grantor, grantorName: grantorName, grantorProfession: profession, holder: holder, type: type,
                period: period)
        }
    }

    /// Whom a delivered mandate names as its holder.
    enum NamedHolder: Sendable, Hashable {
        /// The person of a number, the name that was delivered, and the one that is known, if any.
        case person(PersonID, LastName, known: String?)
        case enterprise(EnterpriseNumber)
    }

    private let database: Database
    private let outbox: Outbox
    private let tokens: TokenStore
    private let names: NameSeal
    private let patience: Duration

    /// - Parameter patience: how long a mandate waits for its holder from its last delivery.
    package init(
        database: Database, outbox: Outbox, tokens: TokenStore, names: NameSeal, patience: Duration
    ) {
        self.database = database
        self.outbox = outbox
        self.tokens = tokens
        self.names = names
        self.patience = patience
    }

    /// What speaks against a mandate whoever holds it: nobody is made a person for it.
    func refusal(_ delivery: Delivery, on today: LocalDate) async throws -> Refusal? {
        guard case .person(let holder, _, _) = delivery.holder else { return nil }
        let dossier = try await database.read { session in
            try FactReader.dossier(of: delivery.grantor, in: delivery.profession, session: session)
        }
        return mayGrant(
            delivery.delivered(to: .person(holder)), dossier: dossier, organisationIsActive: true, earlier: [],
            on: today
        ).refusal
    }

    /// Takes one in, lets it wait, or finds that it is there already.
    func callAsFunction(_ delivery: Delivery, _ act: ProgramAct) async throws -> Decision<ImportVerdict> {
        do {
            return try await outbox.transaction(on: database) { session in
                let dossier = try FactReader.dossier(of: delivery.grantor, in: delivery.profession, session: session)
                var known: GrantorDossier?
                if case .known(let dossier) = dossier { known = dossier }
                guard let (holder, facts) = try holder(of: delivery, from: known, in: session) else {
                    return .refused(Refusal(Reason(.organisationUnannounced)))
                }
                let decision = mayDeliver(
                    delivery.delivered(to: holder), dossier: dossier, holder: facts, patience: patience,
                    at: act.time, on: act.day, newID: act.newID())
                switch decision {
                case .refused(let refusal): return .refused(refusal)
                case .allowed(let outcome): return .allowed(try write(outcome, act, in: session))
                }
            }
        } catch let error as PostgresError where error.isExclusionViolation {
            // Somebody else wrote an overlapping one since the decision; the register is as it was.
            return .refused(Refusal(Reason(.mandateOverlaps)))
        }
    }

    private func write(
        _ outcome: DeliveryOutcome, _ act: ProgramAct, in session: borrowing Session
    ) throws -> ImportVerdict {
        switch outcome {
        case .waitsOn(let waiting):
            try WaitingMandateStore.prolong(waiting, in: session)
            return .waits
        case .waits(let waiting):
            try WaitingMandateStore.insert(
                waiting, sealedName: try names.seal(waiting.lastName, of: waiting.id), at: act.time, in: session)
            let about = ActSubject(waiting.terms, waiting.id)
            try Audit.record(act.record(.importMandate, about: about), in: session)
            return .waits
        case .taken(let taken, let ending):
            if let ending { try WaitingMandateStore.table.remove(ending.uuid, in: session) }
            guard case .grant(let terms) = taken else { return .unchanged }
            let mandate = Mandate.grant(terms, as: act.newID(), at: act.time)
            try MandateStore.insert(mandate, in: session)
            try outbox.append(
                [mandate.event], audit: act.record(.importMandate, about: ActSubject(terms, mandate.id)), in: session)
            return .added
        }
    }

    /// Ends one that a party has ended, and what waits with the same terms and name.
    ///
    /// Nothing when none of these terms is known between the two.
    func end(_ delivery: Delivery, by party: Mandate.Party, _ act: ProgramAct) async throws -> ImportVerdict? {
        try await outbox.transaction(on: database) { session in
            let dossier = try DossierStore.find(of: delivery.grantor, in: delivery.profession, session: session)
            guard let (holder, facts) = try holder(of: delivery, from: dossier, in: session) else { return nil }
            let report = mayReportEnd(
                of: delivery.delivered(to: holder), by: party, dossier: dossier, holder: facts, at: act.time,
                on: act.day)
            return try report.map { try write($0, act, in: session) }
        }
    }

    private func write(_ report: EndReport, _ act: ProgramAct, in session: borrowing Session) throws -> ImportVerdict {
        if let withdrawn = report.withdrawn {
            try WaitingMandateStore.table.remove(withdrawn.id.uuid, in: session)
            let about = ActSubject(withdrawn.terms, withdrawn.id)
            try Audit.record(act.record(.importMandateEnd, about: about), in: session)
        }
        if let ended = report.ended {
            try MandateStore.update(ended, in: session)
            try tokens.end(ContextBasis.mandate(ended.id), version: ended.version, at: act.time, in: session)
            let about = ActSubject(ended.terms, ended.id)
            try outbox.append([ended.event], audit: act.record(.importMandateEnd, about: about), in: session)
        }
        return report.changesNothing ? .unchanged : .changed
    }

    /// Whom a delivery names, and what is known of the holder's mandates from this dossier; nothing for an organisation
    /// that was not announced.
    ///
    /// What is read stays as it is until the transaction ends.
    private func holder(
        of delivery: Delivery, from dossier: GrantorDossier?, in session: borrowing Session
    ) throws -> (Mandate.Holder, HolderFacts)? {
        func mandates(of holder: Mandate.Holder) throws -> [Mandate] {
            guard let dossier else { return [] }
            return try MandateStore.between(
                dossier.id, and: holder, type: delivery.type, locking: true, in: session)
        }
        switch delivery.holder {
        case .enterprise(let number):
            guard let organisation = try OrganisationStore.find(number, in: session) else { return nil }
            let holder = Mandate.Holder.organisation(organisation.id)
            return (
                holder,
                HolderFacts(organisationIsActive: organisation.isActive, mandates: try mandates(of: holder))
            )
        case .person(let person, let lastName, let known):
            let holder = Mandate.Holder.person(person)
            let waiting = try dossier.map { dossier in
                try WaitingMandateStore.hold(for: person, from: dossier.id, type: delivery.type, in: session)
                    .map { try $0.opened(with: names) }
            }
            return (
                holder,
                HolderFacts(
                    delivered: lastName, known: known, mandates: try mandates(of: holder), waiting: waiting ?? [])
            )
        }
    }
}
