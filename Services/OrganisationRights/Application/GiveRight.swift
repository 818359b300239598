import AuditTrail
import ContractCore
import EventOutbox
import Logging
import OrganisationRightsDomain
import Postgres
import Process
import Vocabulary

/// An access manager gives somebody a right, by number and last name.
struct GiveRight: Sendable {
    struct Command: Sendable {
        let organisation: OrganisationID
        let number: NationalNumber
        let lastName: LastName
        let role: String
        let period: Period
    }

    /// What was given, and where its event stands; what waits has none.
    enum Given: Sendable {
        case right(Right, Positions)
        case waiting(WaitingRight)
    }

    let base: ServiceBase
    let outbox: Outbox
    let persons: Persons
    let names: NameSeal
    let catalogue: RoleCatalogue
    var time = EvenTime.standard
    var misses = MissQuota.policy

    /// Throws `RightError` or `RemoteError`.
    func callAsFunction(
        _ command: Command, by actor: Actor, context: EventContext, origin: CallOrigin
    ) async throws -> Given {
        try await check(command, by: actor, at: context.time)
        // Only now, so that nobody but an access manager can have persons made or ask about numbers.
        try await take(command, by: actor, at: context.time)
        return try await time {
            do {
                let holder = try await self.holder(of: command.number, origin: origin)
                let given = try await give(command, to: holder, by: actor, context: context)
                if case .right = given { await giveBack(to: actor, at: context.time) }
                return given
            } catch {
                await giveBack(to: actor, at: context.time)
                throw error
            }
        }
    }

    private func holder(
        of number: NationalNumber, origin: CallOrigin
    ) async throws(RemoteError) -> Persons.Holder {
        do {
            return try await persons.holder(of: number, origin: origin)
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

    /// Takes a place of the giver's quota before anything is asked: a hundred questions at once are no hundred misses.
    private func take(_ command: Command, by actor: Actor, at now: Instant) async throws {
        let refusal =
            try await base.database.transaction { [misses] session in
                let bucket = try MissStore.lock(actor.person, at: now, in: session)
                let decision = mayTry(bucket, at: now, under: misses)
                if decision.isAllowed {
                    try MissStore.save(bucket.adding(at: now, under: misses), of: actor.person, in: session)
                }
                return decision.refusal
            } as Refusal?
        if let refusal { try await refuse(refusal, command, nil, actor, now) }
    }

    /// Gives back what was no miss.
    ///
    /// When that cannot be written the giver has one place less for a while; what she did stands.
    private func giveBack(to actor: Actor, at now: Instant) async {
        do {
            try await base.database.transaction { [misses] session in
                try MissStore.giveBack(to: actor.person, under: misses, at: now, in: session)
            }
        } catch {
            base.logger.warning("A place in a giver's quota was not given back", metadata: ["error": "\(error)"])
        }
    }

    private func give(
        _ command: Command, to holder: Persons.Holder, by actor: Actor, context: EventContext
    ) async throws -> Given {
        let now = context.time
        let newID = RightID(base.newID())
        let auditID = AuditID(base.newID())
        do {
            return try await outbox.transaction(on: base.database) { session in
                let outcome = try decide(command, holder, actor, now, newID, in: session).get()
                let audit = actor.audit("right.give", command.organisation, for: holder.person, id: auditID, at: now)
                switch outcome {
                case .given(let right):
                    try RightStore.insert(
                        right, maskedNumber: command.number.masked, by: actor.person, at: now, in: session)
                    let positions = try outbox.append([right.given], audit: audit, context: context, in: session)
                    return .right(right, positions)
                case .waits(let waiting):
                    try WaitingRightStore.insert(
                        waiting, sealedName: try names.seal(waiting.lastName, of: waiting.id),
                        maskedNumber: command.number.masked, by: actor.person, at: now, in: session)
                    try Audit.record(audit, in: session)
                    return .waiting(waiting)
                }
            }
        } catch let refusal as Refusal {
            try await refuse(refusal, command, holder.person, actor, now)
        } catch let error as PostgresError where error.isExclusionViolation {
            // Somebody gave the same right at the same moment: now it can be seen.
            let decision = try await base.database.transaction { session in
                try decide(command, holder, actor, now, newID, in: session)
            }
            guard let refusal = decision.refusal else { throw error }
            try await refuse(refusal, command, holder.person, actor, now)
        }
    }

    private func decide(
        _ command: Command, _ holder: Persons.Holder, _ actor: Actor, _ now: Instant, _ newID: RightID,
        in session: borrowing Session
    ) throws -> Decision<GiveOutcome> {
        guard let organisation = try OrganisationStore.hold(command.organisation, in: session) else {
            throw RightError.notFound
        }
        let appointment = try AccessManagerStore.hold(actor.person, in: organisation.id, in: session)
        switch mayManage(organisation, appointment) {
        case .refused(let refusal): return .refused(refusal)
        case .allowed(let manager):
            let known = HolderFacts(
                lastName: holder.lastName,
                rights: try RightStore.rights(
                    of: holder.person, role: command.role, in: organisation.id, in: session),
                waiting: try WaitingRightStore.hold(
                    for: holder.person, role: command.role, in: organisation.id, in: session
                ).compactMap { try names.open($0) })
            return mayGive(
                RightRequest(person: holder.person, role: command.role, period: command.period),
                to: command.lastName, known: known, in: organisation, by: manager, catalogue: catalogue,
                on: base.civil.day(at: now), at: now, newID: newID)
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
