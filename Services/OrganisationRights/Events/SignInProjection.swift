import AuthenticationContracts
import ContractCore
import Following
import Postgres
import Waiting

/// What this service follows of authentication-service: who signed in, so that rights and appointments that wait for her
/// number begin, and who was erased.
enum SignInProjection {
    static let all = [Projection(name: Followed.signIns.projection, source: .authentication, handler: handle)]

    @Sendable
    private static func handle(_ event: IncomingEvent, in session: borrowing Session) throws -> Handled {
        switch event.type {
        case SessionState.started:
            let started = try event.data(as: SessionState.self)
            for table in [WaitingRightStore.table, WaitingAppointmentStore.table] {
                try table.signedIn(started.personId, at: event.time, in: session)
            }
            return .applied
        case PersonNotice.erased:
            let erased = try event.data(as: PersonNotice.self)
            try WaitingRightStore.erased(erased.personId, at: event.time, in: session)
            try WaitingAppointmentStore.erased(erased.personId, in: session)
            return .applied
        case SessionState.ended, SessionState.restated, PersonNotice.changed, PersonNotice.restated:
            return .applied
        default:
            return .unknownType
        }
    }
}

extension Followed {
    static let signIns = Followed("sign-ins", .authentication)
}
