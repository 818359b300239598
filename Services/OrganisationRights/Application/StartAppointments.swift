import AuditTrail
import EventOutbox
import Keys
import Logging
import OrganisationRightsDomain
import Postgres
import Vocabulary

/// Compares the names of those who signed in with the names that were delivered beside their numbers, and lets begin the
/// appointments that agree.
///
/// Each instance may do it at once: the row of a waiting appointment is locked, and who comes second finds it gone.
struct StartAppointments: Sendable {
    let database: Database
    let acts: Acts
    let logger: Logger
    let outbox: Outbox
    let persons: Persons
    let names: NameSeal

    /// As many names as are asked for at a time.
    private static let batch = 50

    /// Looks at all that is due; answers how many appointments began.
    ///
    /// - Throws: `RemoteError` while names cannot be asked for; what is due stays so.
    func callAsFunction() async throws -> Int {
        var began = 0
        var behind: (Instant, RightID)?
        while true {
            let due = try await due(behind: behind)
            guard let last = due.last, let dueAt = last.dueAt else { return began }
            let called = try await persons.lastNames(of: Array(Set(due.map(\.person))), origin: acts.own().origin)
            for waiting in due where try await begins(waiting, name: called[waiting.person]) { began += 1 }
            behind = (dueAt, last.id)
        }
    }

    private func due(behind: (Instant, RightID)?) async throws -> [StoredWaitingAppointment] {
        try await database.read { session in
            try WaitingAppointmentStore.due(behind: behind, limit: Self.batch, in: session)
        }
    }

    /// Decides about one, and answers whether it began.
    private func begins(_ due: StoredWaitingAppointment, name: String?) async throws -> Bool {
        do {
            let act = acts.own()
            return try await outbox.transaction(on: database) { session in
                try decide(due, name, act, in: session)
            }
        } catch let error as PostgresError where error.isUniqueViolation {
            // She was appointed otherwise at this very moment; the next look finds it.
            return false
        } catch let error as SealingError {
            logger.error(
                "The name of a waiting appointment does not open, so it cannot begin; import its row again",
                metadata: ["appointment": "\(due.id)", "error": "\(error)"])
            try await database.transaction { session in
                try WaitingAppointmentStore.compared(due, in: session)
            }
            return false
        }
    }

    private func decide(
        _ due: StoredWaitingAppointment, _ name: String?, _ act: ProgramAct, in session: borrowing Session
    ) throws -> Bool {
        // In the order in which an import takes these locks.
        guard let organisation = try OrganisationStore.hold(due.organisation, in: session) else { return false }
        let known = try AccessManagerStore.lock(due.person, in: due.organisation, in: session)
        guard let stored = try WaitingAppointmentStore.lock(due.id, in: session) else { return false }
        switch start(try names.open(stored), name: name, in: organisation, known: known, at: act.time) {
        case .waits:
            try WaitingAppointmentStore.compared(due, in: session)
            return false
        case .over:
            try WaitingAppointmentStore.remove(stored.id, in: session)
            try Audit.record(act.record(.lapseAccessManager, about: about(stored)), in: session)
            return false
        case .appointed(let manager):
            try WaitingAppointmentStore.remove(stored.id, in: session)
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
            let over = try WaitingAppointmentStore.over(at: act.time, limit: Self.batch, in: session)
            for stored in over {
                try WaitingAppointmentStore.remove(stored.id, in: session)
                try Audit.record(act.record(.lapseAccessManager, about: about(stored)), in: session)
            }
            return over.count
        }
    }
}
