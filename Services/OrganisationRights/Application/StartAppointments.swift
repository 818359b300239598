import AuditTrail
import EventOutbox
import Logging
import OrganisationRightsDomain
import Postgres
import Vocabulary
import Waiting

/// Lets an appointment begin whose person signed in under the name that was delivered beside her number.
struct StartAppointments: Sendable {
    let database: Database
    let acts: Acts
    let logger: Logger
    let outbox: Outbox
    let persons: Persons
    let names: NameSeal

    /// Looks at all that is due.
    var comparison: NameComparison {
        NameComparison(
            of: WaitingAppointmentStore.table, in: database, acts: acts, outbox: outbox, logger: logger,
            lastNames: persons.lastNames, begin: decide)
    }

    private func decide(
        _ due: WaitingTable.Due, _ name: String?, _ act: ProgramAct, in session: borrowing Session
    ) throws -> Bool {
        let id = RightID(due.id)
        // In the order in which an import takes these locks.
        guard let seen = try WaitingAppointmentStore.find(id, in: session),
            let organisation = try OrganisationStore.hold(seen.organisation, in: session)
        else { return false }
        let known = try AccessManagerStore.lock(due.person, in: organisation.id, in: session)
        guard let stored = try WaitingAppointmentStore.find(id, locking: true, in: session) else { return false }
        switch start(try stored.opened(with: names), name: name, in: organisation, known: known, at: act.time) {
        case .waits:
            try WaitingAppointmentStore.table.compared(due, in: session)
            return false
        case .over:
            try WaitingAppointmentStore.table.remove(stored.id.uuid, in: session)
            try Audit.record(act.record(.lapseAccessManager, about: about(stored)), in: session)
            return false
        case .appointed(let manager):
            try WaitingAppointmentStore.table.remove(stored.id.uuid, in: session)
            try AccessManagerStore.save(manager, at: act.time, in: session)
            try outbox.append(
                [manager.appointed], audit: act.record(.startAccessManager, about: about(stored)), in: session)
            return true
        }
    }

    private func about(_ stored: StoredWaitingAppointment) -> ActSubject {
        ActSubject(person: stored.person, organisation: stored.organisation)
    }

    /// Ends what has waited for too long; answers how many.
    func endOver() async throws -> Int {
        let act = acts.own()
        return try await database.transaction { session in
            let over = try WaitingAppointmentStore.over(at: act.time, limit: NameComparison.batch, in: session)
            for stored in over {
                try WaitingAppointmentStore.table.remove(stored.id.uuid, in: session)
                try Audit.record(act.record(.lapseAccessManager, about: about(stored)), in: session)
            }
            return over.count
        }
    }
}
