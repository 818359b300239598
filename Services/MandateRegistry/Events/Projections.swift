import AuthenticationContracts
import ContractCore
package import Following
import MandateRegistryDomain
import OrganisationRightsContracts
import Postgres
import ProfileResolutionContracts
package import Tokens
import Vocabulary
import Waiting

/// What this service keeps of others' facts, and what ends with them here.
///
/// State is written only by a higher version of its aggregate, and a fact that ends leaves its tombstone in the same
/// transaction, so that no dossier context outlives it or is born after it.
package struct RegistryProjections: Sendable {
    private let tokens: TokenStore

    /// Makes the projections of a service whose tokens are in the given store.
    package init(tokens: TokenStore) { self.tokens = tokens }

    /// One projection for each source.
    package var all: [Projection] {
        [
            projection(.grantorDossiers, erase: DossierStore.erase, dossiers),
            projection(.organisationStanding, erase: OrganisationStore.erase, organisations),
            projection(.endedSessions, sessions),
        ]
    }

    private func projection(
        _ followed: Followed, erase: Projection.Eraser? = nil, _ handler: @escaping Projection.Handler
    ) -> Projection {
        Projection(name: followed.projection, source: followed.source, erase: erase, handler: handler)
    }

    /// Dossiers of care providers; those of people with a function in an institution give no mandates.
    private func dossiers(_ event: IncomingEvent, in session: borrowing Session) throws -> Handled {
        switch event.type {
        case CareProviderDossierState.registered, CareProviderDossierState.changed,
            CareProviderDossierState.contactChanged, CareProviderDossierState.restated:
            let announced = try event.data(as: CareProviderDossierState.self)
            let dossier = GrantorDossier(
                id: announced.dossierId, version: announced.version, person: announced.personId,
                lastName: announced.lastName.isEmpty ? announced.firstName : announced.lastName,
                profession: announced.profession, state: GrantorDossier.State(announced.state),
                hasRizivNumber: announced.rizivNumber != nil)
            let isNew = try DossierStore.project(
                DossierStore.Announced(
                    dossier: dossier, firstName: announced.firstName, lastName: announced.lastName,
                    rizivNumber: announced.rizivNumber), in: session)
            if announced.state != .open {
                try tokens.end(
                    ContextBasis.dossier(dossier.id), version: dossier.version, at: event.time, in: session)
            }
            return isNew ? .applied : .stale
        case CareProviderDossierState.voided:
            let voided = try event.data(as: VoidedState.self)
            let id = DossierID(voided.id.uuid)
            try tokens.end(ContextBasis.dossier(id), version: voided.version, at: event.time, in: session)
            return try DossierStore.void(id, below: voided.version, in: session) ? .applied : .stale
        case FunctionHolderDossierState.registered, FunctionHolderDossierState.changed,
            FunctionHolderDossierState.contactChanged, FunctionHolderDossierState.restated,
            FunctionHolderDossierState.voided:
            return .applied
        default:
            return .unknownType
        }
    }

    /// Organisations and rights in them; who manages access there is of no concern here.
    private func organisations(_ event: IncomingEvent, in session: borrowing Session) throws -> Handled {
        switch event.type {
        case OrganisationState.registered, OrganisationState.changed, OrganisationState.stopped,
            OrganisationState.restated:
            let announced = try event.data(as: OrganisationState.self)
            let isNew = try OrganisationStore.project(
                OrganisationStore.Announced(
                    id: announced.organisationId, version: announced.version,
                    enterpriseNumber: announced.enterpriseNumber, rizivNumber: announced.rizivNumber,
                    name: announced.name, isActive: announced.status == .active), in: session)
            if announced.status == .stopped {
                try tokens.end(
                    ContextBasis.organisation(announced.organisationId), version: announced.version, at: event.time,
                    in: session)
            }
            return isNew ? .applied : .stale
        case OrganisationState.voided:
            let voided = try event.data(as: VoidedState.self)
            let id = OrganisationID(voided.id.uuid)
            try tokens.end(ContextBasis.organisation(id), version: voided.version, at: event.time, in: session)
            return try OrganisationStore.void(id, below: voided.version, in: session) ? .applied : .stale
        case RightState.voided:
            let voided = try event.data(as: VoidedState.self)
            let id = RightID(voided.id.uuid)
            try tokens.end(ContextBasis.right(id), version: voided.version, at: event.time, in: session)
            return try OrganisationStore.void(id, below: voided.version, in: session) ? .applied : .stale
        case RightState.given, RightState.ended, RightState.restated:
            let announced = try event.data(as: RightState.self)
            let isNew = try OrganisationStore.project(
                OrganisationStore.AnnouncedRight(
                    id: announced.rightId, version: announced.version, organisation: announced.organisationId,
                    person: announced.personId, role: announced.role, isActive: announced.status == .active,
                    startsOn: announced.startsOn, endsOn: announced.endsOn), in: session)
            if announced.status == .ended {
                try tokens.end(
                    ContextBasis.right(announced.rightId), version: announced.version, at: event.time, in: session)
            }
            return isNew ? .applied : .stale
        case AccessManagerState.appointed, AccessManagerState.ended, AccessManagerState.restated,
            AccessManagerState.voided:
            return .applied
        default:
            return .unknownType
        }
    }

    /// Sessions that end, and with them the dossiers that were opened in them; those that start, in case a mandate waits
    /// for the person; and whoever was erased, for whom none waits any longer.
    private func sessions(_ event: IncomingEvent, in session: borrowing Session) throws -> Handled {
        switch event.type {
        case SessionState.started:
            let started = try event.data(as: SessionState.self)
            try WaitingMandateStore.table.signedIn(started.personId, at: event.time, in: session)
            return .applied
        case PersonNotice.erased:
            try WaitingMandateStore.erased(try event.data(as: PersonNotice.self).personId, in: session)
            return .applied
        case PersonNotice.changed, PersonNotice.restated:
            return .applied
        case SessionState.ended, SessionState.restated:
            let announced = try event.data(as: SessionState.self)
            guard announced.endedAt != nil else { return .applied }
            try tokens.end(
                ContextBasis.session(announced.sessionId), version: announced.version, at: event.time, in: session)
            return .applied
        case SessionState.voided:
            let voided = try event.data(as: VoidedState.self)
            try tokens.end(
                ContextBasis.session(SessionID(voided.id.uuid)), version: voided.version, at: event.time, in: session)
            return .applied
        default:
            return .unknownType
        }
    }
}

extension GrantorDossier.State {
    /// The state as profile-resolution-service announces it.
    init(_ announced: DossierState) {
        switch announced {
        case .beingSetUp: self = .beingSetUp
        case .open: self = .open
        case .suspended: self = .suspended
        case .closed: self = .closed
        }
    }
}

extension Followed {
    package static let grantorDossiers = Followed("grantor-dossiers", .profileResolution)
    package static let organisationStanding = Followed("organisation-standing", .organisationRights)
    package static let endedSessions = Followed("ended-sessions", .authentication)
}
