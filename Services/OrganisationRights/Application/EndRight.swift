import AuditTrail
import ContractCore
import EventOutbox
import OrganisationRightsDomain
import Postgres
import Process
import Vocabulary

/// An access manager takes a right away.
struct EndRight: Sendable {
    struct Command: Sendable {
        let organisation: OrganisationID
        let right: RightID
    }

    let base: ServiceBase
    let outbox: Outbox

    /// The right that ended and its place in the events; throws `RightError`.
    func callAsFunction(
        _ command: Command, by actor: Actor, context: EventContext
    ) async throws -> (Right, Positions) {
        let now = context.time
        let auditID = AuditID(base.newID())
        do {
            return try await outbox.transaction(on: base.database) { session in
                guard let organisation = try OrganisationStore.find(command.organisation, in: session) else {
                    throw RightError.notFound
                }
                let appointment = try AccessManagerStore.hold(actor.person, in: organisation.id, in: session)
                let manager = try mayManage(organisation, appointment).get()
                guard let right = try RightStore.lock(command.right, in: organisation.id, in: session) else {
                    throw RightError.notFound
                }
                let ended = try mayEnd(right, by: manager, at: now).get()
                try RightStore.update(ended, by: actor.person, in: session)
                let positions = try outbox.append(
                    [ended.ended],
                    audit: actor.audit("right.end", ended.organisation, for: ended.person, id: auditID, at: now),
                    context: context, in: session)
                return (ended, positions)
            }
        } catch let refusal as Refusal {
            let entry = actor.audit(
                "right.end", command.organisation, for: nil, refusal: refusal, id: auditID, at: now)
            try await base.database.transaction { session in try Audit.record(entry, in: session) }
            throw RightError(refusal)
        }
    }
}
