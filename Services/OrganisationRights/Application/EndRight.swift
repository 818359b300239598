import AuditTrail
import ContractCore
import EventOutbox
import OrganisationRightsDomain
import Postgres
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

    let database: Database
    let outbox: Outbox

    /// Decides, ends and records in one transaction.
    func callAsFunction(_ command: Command, _ act: PersonAct) async throws -> Decision<Ended> {
        try await outbox.transaction(on: database) { session in
            let decision: Decision<Ended>
            switch try Managed.hold(command.organisation, by: act.by.id, in: session) {
            case .refused(let refusal): decision = .refused(refusal)
            case .allowed(let managed):
                if let right = try RightStore.lock(command.right, in: command.organisation, in: session) {
                    decision = try end(right, by: managed.manager, act, in: session)
                } else {
                    decision = try withdraw(command, by: managed.manager, act, in: session)
                }
            }
            if let refusal = decision.refusal {
                let about = ActSubject(organisation: command.organisation)
                try Audit.record(act.record(.endRight, refusal: refusal, about: about), in: session)
            }
            return decision
        }
    }

    private func end(
        _ right: Right, by manager: AccessManager, _ act: PersonAct, in session: borrowing Session
    ) throws -> Decision<Ended> {
        switch mayEnd(right, by: manager, at: act.time) {
        case .refused(let refusal): return .refused(refusal)
        case .allowed(let ended):
            try RightStore.update(ended, by: act.by.id, in: session)
            let about = ActSubject(person: ended.person, organisation: ended.organisation)
            let positions = try outbox.append([ended.ended], audit: act.record(.endRight, about: about), in: session)
            return .allowed(.right(ended, positions))
        }
    }

    private func withdraw(
        _ command: Command, by manager: AccessManager, _ act: PersonAct, in session: borrowing Session
    ) throws -> Decision<Ended> {
        let stored = try WaitingRightStore.find(command.right, in: command.organisation, locking: true, in: session)
        guard let stored else { return .refused(Refusal(.hidden, Reason(.notThere))) }
        if let refusal = mayWithdraw(in: stored.organisation, endedAt: stored.endedAt, by: manager).refusal {
            return .refused(refusal)
        }
        try WaitingRightStore.end(stored.id, by: act.by.id, at: act.time, in: session)
        let about = ActSubject(person: stored.request.person, organisation: stored.organisation)
        try Audit.record(act.record(.withdrawRight, about: about), in: session)
        return .allowed(.waiting(stored.id))
    }
}
