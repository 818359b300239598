import AuditTrail
import ContractCore
import EventOutbox
import Logging
import OrganisationRightsDomain
import Postgres
import Vocabulary
import Waiting

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

    let database: Database
    let outbox: Outbox
    let persons: Persons
    let names: NameSeal
    let catalogue: RoleCatalogue
    let logger: Logger
    var time = EvenTime.standard
    var misses = MissQuota.policy

    /// Decides, gives and records.
    ///
    /// - Throws: `RemoteError` when it cannot be asked who has the number; nothing was given then.
    func callAsFunction(_ command: Command, _ act: PersonAct) async throws -> Decision<Given> {
        if let refusal = try await check(command, act) { return .refused(refusal) }
        // Only now, so that nobody but an access manager can have persons made or ask about numbers.
        if let refusal = try await take(command, act) { return .refused(refusal) }
        return try await time {
            do {
                let holder = try await self.holder(of: command.number, act)
                let decision = try await give(command, to: holder, act)
                if case .allowed(.waiting) = decision {} else { await giveBack(act) }
                return decision
            } catch {
                await giveBack(act)
                throw error
            }
        }
    }

    private func holder(of number: NationalNumber, _ act: PersonAct) async throws(RemoteError) -> Persons.Holder {
        do {
            return try await persons.holder(of: number, origin: act.origin)
        } catch {
            throw error.beforehand
        }
    }

    /// Everything that can be decided before it is known who gets the right.
    private func check(_ command: Command, _ act: PersonAct) async throws -> Refusal? {
        try await database.transaction { session in
            switch try Managed.find(command.organisation, by: act.by.id, in: session) {
            case .refused(let refusal): return try recorded(refusal, command, act, in: session)
            case .allowed(let managed):
                let decision = mayGive(
                    role: command.role, period: command.period, in: managed.organisation,
                    by: .manager(managed.manager), catalogue: catalogue, on: act.day)
                return try recorded(decision.refusal, command, act, in: session)
            }
        }
    }

    /// Takes a place of the giver's quota before anything is asked: a hundred questions at once are no hundred misses.
    private func take(_ command: Command, _ act: PersonAct) async throws -> Refusal? {
        try await database.transaction { [misses] session in
            let bucket = try MissStore.lock(act.by.id, at: act.time, in: session)
            let decision = mayTry(bucket, at: act.time, under: misses)
            if decision.isAllowed {
                try MissStore.save(bucket.adding(at: act.time, under: misses), of: act.by.id, in: session)
            }
            return try recorded(decision.refusal, command, act, in: session)
        }
    }

    /// Gives back what was no miss.
    ///
    /// When that cannot be written the giver has one place less for a while; what she did stands.
    private func giveBack(_ act: PersonAct) async {
        do {
            try await database.transaction { [misses] session in
                try MissStore.giveBack(to: act.by.id, under: misses, at: act.time, in: session)
            }
        } catch {
            logger.warning("A place in a giver's quota was not given back", metadata: ["error": "\(error)"])
        }
    }

    private func give(
        _ command: Command, to holder: Persons.Holder, _ act: PersonAct
    ) async throws -> Decision<Given> {
        let newID = act.newID(of: Identified.Right.self)
        do {
            return try await outbox.transaction(on: database) { session in
                try write(try decide(command, holder, act, newID, in: session), command, holder, act, in: session)
            }
        } catch let error as PostgresError where error.isExclusionViolation {
            // Somebody gave the same right at the same moment: now it can be seen.
            return try await database.transaction { session in
                let decision = try decide(command, holder, act, newID, in: session)
                guard let refusal = decision.refusal else { throw error }
                try record(refusal, command, holder.person, act, in: session)
                return .refused(refusal)
            }
        }
    }

    private func write(
        _ decision: Decision<GiveOutcome>, _ command: Command, _ holder: Persons.Holder, _ act: PersonAct,
        in session: borrowing Session
    ) throws -> Decision<Given> {
        let audit = act.record(
            .giveRight, refusal: decision.refusal,
            about: ActSubject(person: holder.person, organisation: command.organisation))
        switch decision {
        case .refused(let refusal):
            try Audit.record(audit, in: session)
            return .refused(refusal)
        case .allowed(.given(let right)):
            try RightStore.insert(
                right, maskedNumber: command.number.masked, by: act.by.id, at: act.time, in: session)
            return .allowed(.right(right, try outbox.append([right.given], audit: audit, in: session)))
        case .allowed(.waits(let waiting)):
            try WaitingRightStore.insert(
                waiting, sealedName: try names.seal(waiting.lastName, of: waiting.id),
                maskedNumber: command.number.masked, by: act.by.id, at: act.time, in: session)
            try Audit.record(audit, in: session)
            return .allowed(.waiting(waiting))
        }
    }

    private func decide(
        _ command: Command, _ holder: Persons.Holder, _ act: PersonAct, _ newID: RightID,
        in session: borrowing Session
    ) throws -> Decision<GiveOutcome> {
        switch try Managed.hold(command.organisation, by: act.by.id, in: session) {
        case .refused(let refusal): return .refused(refusal)
        case .allowed(let managed):
            let known = HolderFacts(
                lastName: holder.lastName,
                rights: try RightStore.rights(
                    of: holder.person, role: command.role, in: command.organisation, in: session),
                waiting: try WaitingRightStore.hold(
                    for: holder.person, role: command.role, in: command.organisation, in: session
                ).compactMap { try $0.opened(with: names) })
            return mayGive(
                RightRequest(person: holder.person, role: command.role, period: command.period),
                to: command.lastName, known: known, in: managed.organisation, by: managed.manager,
                catalogue: catalogue, on: act.day, at: act.time, newID: newID)
        }
    }

    /// Records a refusal, where there is one, and answers it.
    private func recorded(
        _ refusal: Refusal?, _ command: Command, _ act: PersonAct, in session: borrowing Session
    ) throws -> Refusal? {
        if let refusal { try record(refusal, command, nil, act, in: session) }
        return refusal
    }

    private func record(
        _ refusal: Refusal, _ command: Command, _ person: PersonID?, _ act: PersonAct, in session: borrowing Session
    ) throws {
        let about = ActSubject(person: person, organisation: command.organisation)
        try Audit.record(act.record(.giveRight, refusal: refusal, about: about), in: session)
    }
}
