import AuditTrail
import EventOutbox
import Keys
import Logging
import OrganisationRightsDomain
import Postgres
import Vocabulary

/// Compares the names of those who signed in with the names that were typed beside their numbers, and lets begin what
/// agrees.
///
/// Each instance may do it at once: the row of a waiting right is locked, and who comes second finds it gone.
struct StartWaiting: Sendable {
    let database: Database
    let acts: Acts
    let logger: Logger
    let outbox: Outbox
    let persons: Persons
    let names: NameSeal
    let catalogue: RoleCatalogue
    var misses = MissQuota.policy

    /// As many names as are asked for at a time.
    private static let batch = 50

    /// Looks at all that is due; answers how many rights began.
    ///
    /// - Throws: `RemoteError` while names cannot be asked for; what is due stays so.
    func callAsFunction() async throws -> Int {
        var began = 0
        var behind: (Instant, RightID)?
        while true {
            let due = try await due(behind: behind)
            guard let last = due.last, let dueAt = last.dueAt else { return began }
            let called = try await persons.lastNames(
                of: Array(Set(due.map(\.request.person))), origin: acts.own().origin)
            for waiting in due where try await begins(waiting, name: called[waiting.request.person]) { began += 1 }
            behind = (dueAt, last.id)
        }
    }

    private func due(behind: (Instant, RightID)?) async throws -> [StoredWaitingRight] {
        try await database.read { session in
            try WaitingRightStore.due(behind: behind, limit: Self.batch, in: session)
        }
    }

    /// Decides about one, and answers whether it began.
    private func begins(_ due: StoredWaitingRight, name: String?) async throws -> Bool {
        do {
            let act = acts.own()
            return try await outbox.transaction(on: database) { session in
                try decide(due, name, act, in: session)
            }
        } catch let error as PostgresError where error.isExclusionViolation {
            // She was given the right otherwise at this very moment; the next look finds it.
            return false
        } catch let error as SealingError {
            logger.error(
                "The name of a waiting right does not open, so the right cannot begin; withdraw it and give it anew",
                metadata: ["right": "\(due.id)", "error": "\(error)"])
            try await database.transaction { session in try WaitingRightStore.compared(due, in: session) }
            return false
        }
    }

    private func decide(
        _ due: StoredWaitingRight, _ name: String?, _ act: ProgramAct, in session: borrowing Session
    ) throws -> Bool {
        let now = act.time
        let stored = try WaitingRightStore.find(due.id, in: due.organisation, locking: true, in: session)
        guard let stored, let waiting = try names.open(stored),
            let organisation = try OrganisationStore.hold(due.organisation, in: session)
        else { return false }
        let known = try RightStore.rights(
            of: waiting.request.person, role: waiting.request.role, in: organisation.id, in: session)
        let outcome = start(
            waiting, name: name, in: organisation, known: known, catalogue: catalogue, on: act.day, at: now)
        switch outcome {
        case .waits:
            try WaitingRightStore.compared(due, in: session)
            return false
        case .over:
            try WaitingRightStore.end(waiting.id, by: nil, at: now, in: session)
            try Audit.record(act.record(.lapseRight, about: about(stored)), in: session)
            return false
        case .started(let right):
            try WaitingRightStore.remove(waiting.id, in: session)
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
            let over = try WaitingRightStore.over(at: act.time, on: act.day, limit: Self.batch, in: session)
            for stored in over {
                try WaitingRightStore.end(stored.id, by: nil, at: act.time, in: session)
                try Audit.record(act.record(.lapseRight, about: about(stored)), in: session)
            }
            return over.count
        }
    }
}
