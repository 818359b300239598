package import AuditTrail
package import EventOutbox
import MandateRegistryDomain
package import Postgres
package import Vocabulary

/// Takes delivered mandates into the register, each in a transaction of its own.
package struct ImportMandates: Sendable {
    /// Whom a delivered mandate names as its holder.
    package enum NamedHolder: Sendable, Hashable {
        case person(PersonID)
        case enterprise(EnterpriseNumber)
    }

    /// What became of one that was not refused.
    package enum Outcome: Sendable {
        case added(Mandate)
        case unchanged
    }

    private let database: Database
    private let outbox: Outbox

    package init(database: Database, outbox: Outbox) {
        self.database = database
        self.outbox = outbox
    }

    /// What speaks against a mandate of somebody who is not known yet.
    ///
    /// - Parameter stranger: an id that nobody has.
    package func refusal(
        grantor: PersonID, profession: Profession, stranger: PersonID, type: MandateType, period: Period,
        today: LocalDate
    ) async throws -> Refusal? {
        let dossier = try await database.read { session in
            try FactReader.dossier(of: grantor, in: profession, session: session)
        }
        let delivered = DeliveredMandate(
            grantor: grantor, grantorProfession: profession, holder: .person(stranger), type: type, period: period)
        return mayGrant(delivered, dossier: dossier, organisationIsActive: true, earlier: [], on: today).refusal
    }

    /// Takes one in, or finds that it is there already.
    package func callAsFunction(
        grantor: PersonID, profession: Profession, holder: NamedHolder, type: MandateType, period: Period,
        _ act: ProgramAct
    ) async throws -> Decision<Outcome> {
        do {
            return try await outbox.transaction(on: database) { session in
                let found: (holder: Mandate.Holder, isActive: Bool)
                switch holder {
                case .person(let id): found = (.person(id), true)
                case .enterprise(let number):
                    guard let organisation = try OrganisationStore.find(number, in: session) else {
                        return .refused(Refusal(Reason(.organisationUnannounced)))
                    }
                    found = (.organisation(organisation.id), organisation.isActive)
                }
                let delivered = DeliveredMandate(
                    grantor: grantor, grantorProfession: profession, holder: found.holder, type: type, period: period)
                return try take(delivered, organisationIsActive: found.isActive, act, in: session)
            }
        } catch let error as PostgresError where error.isExclusionViolation {
            // Somebody else wrote an overlapping one since the decision; the register is as it was.
            return .refused(Refusal(Reason(.mandateOverlaps)))
        }
    }

    private func take(
        _ delivered: DeliveredMandate, organisationIsActive: Bool, _ act: ProgramAct, in session: borrowing Session
    ) throws -> Decision<Outcome> {
        let dossier = try FactReader.dossier(of: delivered.grantor, in: delivered.grantorProfession, session: session)
        var earlier: [Mandate] = []
        if case .known(let known) = dossier {
            earlier = try MandateStore.between(
                known.id, and: delivered.holder, type: delivered.type, in: session)
        }
        let decision = mayGrant(
            delivered, dossier: dossier, organisationIsActive: organisationIsActive, earlier: earlier,
            on: act.day)
        switch decision {
        case .refused(let refusal): return .refused(refusal)
        case .allowed(.alreadyKnown): return .allowed(.unchanged)
        case .allowed(.grant(let terms)):
            let mandate = Mandate.grant(terms, as: act.newID(), at: act.time)
            try MandateStore.insert(mandate, in: session)
            let about = ActSubject(
                person: terms.grantor.person, organisation: terms.holder.organisation,
                dossier: terms.grantor.dossier, mandate: mandate.id)
            try outbox.append([mandate.event], audit: act.record(.importMandate, about: about), in: session)
            return .allowed(.added(mandate))
        }
    }
}
