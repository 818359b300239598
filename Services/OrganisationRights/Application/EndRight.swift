import AuditTrail
import ContractCore
import EventOutbox
import OrganisationRightsDomain
import Postgres
import Process
import Vocabulary

/// An access manager takes a right away, or withdraws one that waits.
struct EndRight: Sendable {
    struct Command: Sendable {
        let organisation: OrganisationID
        let right: RightID
    }

    /// What ended, and where its event stands; what waited has none.
    enum Ended: Sendable {
        case right(Right, Positions)
        case waiting(RightID)
    }

    let base: ServiceBase
    let outbox: Outbox

    /// Throws `RightError`.
    func callAsFunction(_ command: Command, by actor: Actor, context: EventContext) async throws -> Ended {
        let now = context.time
        let auditID = AuditID(base.newID())
        do {
            return try await outbox.transaction(on: base.database) { session in
                let manager = try manager(command.organisation, actor, in: session)
                guard let right = try RightStore.lock(command.right, in: command.organisation, in: session) else {
                    return .waiting(try withdraw(command, by: manager, actor, auditID, at: now, in: session))
                }
                let ended = try mayEnd(right, by: manager, at: now).get()
                try RightStore.update(ended, by: actor.person, in: session)
                let positions = try outbox.append(
                    [ended.ended],
                    audit: actor.audit("right.end", ended.organisation, for: ended.person, id: auditID, at: now),
                    context: context, in: session)
                return .right(ended, positions)
            }
        } catch let refusal as Refusal {
            let entry = actor.audit(
                "right.end", command.organisation, for: nil, refusal: refusal, id: auditID, at: now)
            try await base.database.transaction { session in try Audit.record(entry, in: session) }
            throw RightError(refusal)
        }
    }

    private func manager(
        _ organisation: OrganisationID, _ actor: Actor, in session: borrowing Session
    ) throws -> AccessManager {
        guard let organisation = try OrganisationStore.find(organisation, in: session) else {
            throw RightError.notFound
        }
        let appointment = try AccessManagerStore.hold(actor.person, in: organisation.id, in: session)
        return try mayManage(organisation, appointment).get()
    }

    private func withdraw(
        _ command: Command, by manager: AccessManager, _ actor: Actor, _ auditID: AuditID, at now: Instant,
        in session: borrowing Session
    ) throws -> RightID {
        let stored = try WaitingRightStore.find(command.right, in: command.organisation, locking: true, in: session)
        guard let stored else { throw RightError.notFound }
        try mayWithdraw(in: stored.organisation, endedAt: stored.endedAt, by: manager).get()
        try WaitingRightStore.end(stored.id, by: actor.person, at: now, in: session)
        try Audit.record(
            actor.audit("right.withdraw", stored.organisation, for: stored.request.person, id: auditID, at: now),
            in: session)
        return stored.id
    }
}
