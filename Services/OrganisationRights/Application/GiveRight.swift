import AuditTrail
import Contracts
import EventOutbox
import HTTPClients
import OrganisationRightsDomain
import Postgres
import ServiceKit
import Vocabulary

/// An access manager gives somebody a right.
struct GiveRight: Sendable {
    struct Command: Sendable {
        let organisation: OrganisationID
        let number: NationalNumber
        let role: String
        let period: Period
    }

    let base: ServiceBase
    let outbox: Outbox
    let persons: Persons
    let catalogue: RoleCatalogue

    /// The right that was given and its place in the events; throws `RightError` or `RemoteError`.
    func callAsFunction(
        _ command: Command, by actor: Actor, context: EventContext, origin: CallOrigin
    ) async throws -> (Right, Positions) {
        try await check(command, by: actor, at: context.time)
        // Only now, so that nobody but an access manager can have persons made.
        let person = try await self.person(command.number, origin: origin)
        return try await give(command, to: person, by: actor, context: context)
    }

    private func person(_ number: NationalNumber, origin: CallOrigin) async throws(RemoteError) -> PersonID {
        do {
            return try await persons.person(number, origin: origin)
        } catch {
            throw error.beforehand
        }
    }

    /// Everything that can be decided before it is known who gets the right.
    private func check(_ command: Command, by actor: Actor, at now: Instant) async throws {
        let refusal =
            try await base.database.read { session in
                guard let organisation = try OrganisationStore.find(command.organisation, in: session) else {
                    throw RightError.notFound
                }
                let appointment = try AccessManagerStore.find(actor.person, in: organisation.id, in: session)
                switch mayManage(organisation, appointment) {
                case .refused(let refusal): return refusal
                case .allowed(let manager):
                    return mayGive(
                        role: command.role, period: command.period, in: organisation, by: .manager(manager),
                        catalogue: catalogue, on: base.civil.day(at: now)
                    ).refusal
                }
            } as Refusal?
        if let refusal { try await refuse(refusal, command, nil, actor, now) }
    }

    private func give(
        _ command: Command, to person: PersonID, by actor: Actor, context: EventContext
    ) async throws -> (Right, Positions) {
        let now = context.time
        let newID = RightID(base.newID())
        let auditID = AuditID(base.newID())
        do {
            return try await outbox.transaction(on: base.database) { session in
                let right = try decide(command, person, actor, now, newID, in: session).get()
                try RightStore.insert(
                    right, maskedNumber: command.number.masked, by: actor.person, at: now, in: session)
                let positions = try outbox.append(
                    [right.given],
                    audit: actor.audit("right.give", right.organisation, for: person, id: auditID, at: now),
                    context: context, in: session)
                return (right, positions)
            }
        } catch let refusal as Refusal {
            try await refuse(refusal, command, person, actor, now)
        } catch let error as PostgresError where error.isExclusionViolation {
            // Somebody gave the same right at the same moment: now it can be seen.
            let decision = try await base.database.read { session in
                try decide(command, person, actor, now, newID, in: session)
            }
            guard let refusal = decision.refusal else { throw error }
            try await refuse(refusal, command, person, actor, now)
        }
    }

    private func decide(
        _ command: Command, _ person: PersonID, _ actor: Actor, _ now: Instant, _ newID: RightID,
        in session: borrowing Session
    ) throws -> Decision<Right> {
        guard let organisation = try OrganisationStore.hold(command.organisation, in: session) else {
            throw RightError.notFound
        }
        let appointment = try AccessManagerStore.hold(actor.person, in: organisation.id, in: session)
        switch mayManage(organisation, appointment) {
        case .refused(let refusal): return .refused(refusal)
        case .allowed(let manager):
            let known = try RightStore.rights(
                of: person, role: command.role, in: organisation.id, in: session)
            return mayGive(
                RightRequest(person: person, role: command.role, period: command.period), in: organisation,
                by: manager, known: known, catalogue: catalogue, on: base.civil.day(at: now), newID: newID)
        }
    }

    private func refuse(
        _ refusal: Refusal, _ command: Command, _ person: PersonID?, _ actor: Actor, _ now: Instant
    ) async throws -> Never {
        let entry = actor.audit(
            "right.give", command.organisation, for: person, refusal: refusal, id: AuditID(base.newID()), at: now)
        try await base.database.transaction { session in try Audit.record(entry, in: session) }
        throw RightError(refusal)
    }
}
