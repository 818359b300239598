import AuditTrail
import EventOutbox
import Logging
import MandateRegistryDomain
import Postgres
import Vocabulary
import Waiting

/// Lets a delivered mandate begin whose holder signed in under the name that was delivered beside her number.
package struct StartMandates: Sendable {
    let database: Database
    let acts: Acts
    let logger: Logger
    let outbox: Outbox
    let persons: any PersonResolver
    let names: NameSeal

    /// Looks at all that is due.
    var comparison: NameComparison {
        NameComparison(
            of: WaitingMandateStore.table, in: database, acts: acts, outbox: outbox, logger: logger,
            lastNames: persons.lastNames, begin: decide)
    }

    private func decide(
        _ due: WaitingTable.Due, _ name: String?, _ act: ProgramAct, in session: borrowing Session
    ) throws -> Bool {
        guard let stored = try WaitingMandateStore.lock(MandateID(due.id), in: session) else { return false }
        let (terms, grantor) = (stored.terms, stored.terms.grantor)
        let dossier = try FactReader.dossier(of: grantor.person, in: grantor.profession, session: session)
        let known = try MandateStore.between(grantor.dossier, and: terms.holder, type: terms.type, in: session)
        let waiting = try stored.opened(with: names)
        switch start(waiting, name: name, dossier: dossier, known: known, at: act.time, on: act.day) {
        case .later:
            return false
        case .waits:
            try WaitingMandateStore.table.compared(due, in: session)
            return false
        case .over:
            try lapse(stored, act, in: session)
            return false
        case .started(let mandate):
            try WaitingMandateStore.table.remove(due.id, in: session)
            try MandateStore.insert(mandate, in: session)
            try outbox.append(
                [mandate.event], audit: act.record(.startMandate, about: ActSubject(mandate.terms, mandate.id)),
                in: session)
            return true
        }
    }

    /// Ends some of what has waited for too long; answers how many.
    func endOver() async throws -> Int {
        let act = acts.own()
        return try await database.transaction { session in
            let over = try WaitingMandateStore.over(
                at: act.time, on: act.day, limit: NameComparison.batch, in: session)
            for stored in over { try lapse(stored, act, in: session) }
            return over.count
        }
    }

    private func lapse(_ stored: StoredWaitingMandate, _ act: ProgramAct, in session: borrowing Session) throws {
        try WaitingMandateStore.table.remove(stored.id.uuid, in: session)
        try Audit.record(act.record(.lapseMandate, about: ActSubject(stored.terms, stored.id)), in: session)
    }
}

extension ActSubject {
    /// What is done with a mandate, or one that waits.
    init(_ terms: Mandate.Terms, _ mandate: MandateID) {
        self.init(
            person: terms.grantor.person, organisation: terms.holder.organisation, dossier: terms.grantor.dossier,
            mandate: mandate)
    }
}
