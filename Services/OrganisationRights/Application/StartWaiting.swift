import AuditTrail
import EventOutbox
import Logging
import OrganisationRightsDomain
import Postgres
import Vocabulary
import Waiting

/// Lets a right begin whose person signed in under the name that was typed beside her number.
struct StartWaiting: Sendable {
    let database: Database
    let acts: Acts
    let logger: Logger
    let outbox: Outbox
    let persons: Persons
    let names: NameSeal
    let catalogue: RoleCatalogue
    var misses = MissQuota.policy

    /// Looks at all that is due.
    var comparison: NameComparison {
        NameComparison(
            of: WaitingRightStore.table, in: database, acts: acts, outbox: outbox, logger: logger,
            lastNames: persons.lastNames, begin: decide)
    }

    private func decide(
        _ due: WaitingTable.Due, _ name: String?, _ act: ProgramAct, in session: borrowing Session
    ) throws -> Bool {
        let now = act.time
        let stored = try WaitingRightStore.lock(RightID(due.id), in: session)
        guard let stored, let waiting = try stored.opened(with: names),
            let organisation = try OrganisationStore.hold(stored.organisation, in: session)
        else { return false }
        let known = try RightStore.rights(
            of: waiting.request.person, role: waiting.request.role, in: organisation.id, in: session)
        let outcome = start(
            waiting, name: name, in: organisation, known: known, catalogue: catalogue, on: act.day, at: now)
        switch outcome {
        case .waits:
            try WaitingRightStore.table.compared(due, in: session)
            return false
        case .over:
            try WaitingRightStore.end(waiting.id, by: nil, at: now, in: session)
            try Audit.record(act.record(.lapseRight, about: about(stored)), in: session)
            return false
        case .started(let right):
            try WaitingRightStore.table.remove(due.id, in: session)
            try RightStore.insert(
                right, maskedNumber: stored.maskedNumber, by: stored.giver, at: now, in: session)
            if let giver = stored.giver {
                try MissStore.giveBack(to: giver, under: misses, at: now, in: session)
            }
            try outbox.append(
                [right.given], audit: act.record(.startRight, about: about(stored)), in: session)
            return true
        }
    }

    private func about(_ stored: StoredWaitingRight) -> ActSubject {
        ActSubject(person: stored.request.person, organisation: stored.organisation)
    }

    /// Ends what has waited for too long; answers how many.
    func endOver() async throws -> Int {
        let act = acts.own()
        return try await database.transaction { session in
            let over = try WaitingRightStore.over(at: act.time, on: act.day, limit: NameComparison.batch, in: session)
            for stored in over {
                try WaitingRightStore.end(stored.id, by: nil, at: act.time, in: session)
                try Audit.record(act.record(.lapseRight, about: about(stored)), in: session)
            }
            return over.count
        }
    }
}
