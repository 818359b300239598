package import EventOutbox
import OrganisationRightsContracts
import OrganisationRightsDomain
package import Postgres
import Vocabulary
import Waiting

/// Corrects what the service told before its database went back in time.
package enum RestateRights {
    /// The service's way, for its relay; all that it keeps is told by its events.
    package static let restatement = Restatement { told, session in try restate(told, in: session) }

    /// What exists gets a version over the one that was told; a right or an appointment that had ended stays ended.
    package static func restate(_ told: ToldAggregate, in session: borrowing Session) throws -> EventDraft? {
        switch told.kind {
        case "organisation": try organisation(told, in: session)
        case "right": try right(told, in: session)
        case "access-manager": try accessManager(told, in: session)
        default: nil
        }
    }

    private static func organisation(_ told: ToldAggregate, in session: borrowing Session) throws -> EventDraft? {
        guard let known = try OrganisationStore.lock(OrganisationID(told.key), in: session) else { return nil }
        let next = Organisation(
            id: known.id, version: told.next(over: known.version), description: known.description)
        try OrganisationStore.renumber(next.id, to: next.version, in: session)
        return next.restated
    }

    private static func right(_ told: ToldAggregate, in session: borrowing Session) throws -> EventDraft? {
        guard let known = try RightStore.lock(RightID(told.key), in: session) else {
            // It began in the time that was lost, and may have been taken away since: it does not begin again.
            try WaitingRightStore.table.remove(told.key, in: session)
            return nil
        }
        let next = known.restored(
            as: told.next(over: known.version), toldEnd: try told.state(as: RightState.self)?.endedAt)
        try RightStore.renumber(next.id, to: next.version, in: session)
        if known.endedAt == nil, let ended = next.endedAt { try RightStore.endAgain(next.id, at: ended, in: session) }
        return next.restated
    }

    private static func accessManager(_ told: ToldAggregate, in session: borrowing Session) throws -> EventDraft? {
        guard let (known, isEnded) = try AccessManagerStore.lock(RightID(told.key), in: session) else {
            try WaitingAppointmentStore.table.remove(told.key, in: session)
            return nil
        }
        let next = AccessManager(
            id: known.id, version: told.next(over: known.version), organisation: known.organisation,
            person: known.person, role: known.role)
        let told = try told.state(as: AccessManagerState.self).map { (state: $0, at: try told.happenedAt) }
        guard !isEnded, let told, told.state.status == .ended else {
            try AccessManagerStore.renumber(next.id, to: next.version, in: session)
            return next.restated(isEnded ? .ended : .active)
        }
        try AccessManagerStore.end(next, at: told.at, in: session)
        return next.restated(.ended)
    }
}
