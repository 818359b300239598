import AuthenticationDomain
import ContractCore
package import Following
package import OrganisationRightsContracts
package import Postgres
package import ProfileResolutionContracts
package import Tokens
package import Vocabulary

/// What other services tell that ends tokens: a right that ended, an organisation that stopped, a dossier that was
/// suspended or closed.
package struct FactProjections: Sendable {
    private let tokens: TokenStore
    private let organisations = OrganisationFactStore()
    private let periods = RightPeriodStore()
    private let now: @Sendable () -> Instant

    package init(tokens: TokenStore, now: @escaping @Sendable () -> Instant) {
        self.tokens = tokens
        self.now = now
    }

    /// The projections of this service.
    package var all: [Projection] {
        [
            projection(.tokenRights, handleRights), projection(.tokenDossiers, handleDossiers),
        ]
    }

    private func projection(_ followed: Followed, _ handler: @escaping Projection.Handler) -> Projection {
        Projection(name: followed.projection, source: followed.source, handler: handler)
    }

    /// The end of a right, of an appointment, or of an organisation.
    package func handleRights(_ event: IncomingEvent, in session: borrowing Session) throws -> Handled {
        switch event.type {
        case AccessManagerState.appointed:
            return .applied
        case RightState.given, RightState.ended, RightState.restated:
            return try take(try event.data(as: RightState.self), in: session)
        case AccessManagerState.ended, AccessManagerState.restated:
            let manager = try event.data(as: AccessManagerState.self)
            guard manager.status == .ended else { return .applied }
            return try end(Basis(kind: .right, id: manager.appointmentId.uuid), version: manager.version, in: session)
        case RightState.voided, AccessManagerState.voided:
            let voided = try event.data(as: VoidedState.self)
            try periods.save(RightID(voided.id.uuid), version: voided.version, lastDay: nil, in: session)
            return try void(.right, voided, in: session)
        case OrganisationState.voided:
            let voided = try event.data(as: VoidedState.self)
            try organisations.void(OrganisationID(voided.id.uuid), below: voided.version, in: session)
            return try void(.organisation, voided, in: session)
        case OrganisationState.registered, OrganisationState.changed, OrganisationState.stopped,
            OrganisationState.restated:
            return try take(try event.data(as: OrganisationState.self), in: session)
        default:
            return .unknownType
        }
    }

    /// The end of a recognition: a dossier that is open no longer.
    package func handleDossiers(_ event: IncomingEvent, in session: borrowing Session) throws -> Handled {
        switch event.type {
        case CareProviderDossierState.registered, CareProviderDossierState.changed,
            CareProviderDossierState.contactChanged, CareProviderDossierState.restated:
            let dossier = try event.data(as: CareProviderDossierState.self)
            return try take(dossier.dossierId, dossier.state, version: dossier.version, in: session)
        case FunctionHolderDossierState.registered, FunctionHolderDossierState.changed,
            FunctionHolderDossierState.contactChanged, FunctionHolderDossierState.restated:
            let dossier = try event.data(as: FunctionHolderDossierState.self)
            return try take(dossier.dossierId, dossier.state, version: dossier.version, in: session)
        case CareProviderDossierState.voided, FunctionHolderDossierState.voided:
            return try void(.dossier, try event.data(as: VoidedState.self), in: session)
        default:
            return .unknownType
        }
    }

    /// Takes the state of a right over: one that has ended ends the tokens that rest on it, and one with a last day will
    /// when that is over.
    package func take(_ right: RightState, in session: borrowing Session) throws -> Handled {
        let lastDay = right.status == .ended ? nil : right.endsOn
        try periods.save(right.rightId, version: right.version, lastDay: lastDay, in: session)
        guard right.status == .ended else { return .applied }
        return try end(Basis(kind: .right, id: right.rightId.uuid), version: right.version, in: session)
    }

    /// Takes the state of an organisation over: one that has stopped ends all tokens of people who act for it.
    package func take(_ state: OrganisationState, in session: borrowing Session) throws -> Handled {
        let isActive = state.status == .active
        let isNew = try organisations.save(
            state.organisationId, version: state.version, active: isActive, in: session)
        guard isNew, !isActive else { return isNew ? .applied : .stale }
        return try end(.organisation(state.organisationId), version: state.version, in: session)
    }

    /// Takes the state of a dossier over: one that is suspended or closed ends the tokens that rest on it.
    package func take(
        _ dossier: DossierID, _ state: DossierState, version: Int64, in session: borrowing Session
    ) throws -> Handled {
        guard state == .suspended || state == .closed else { return .applied }
        return try end(Basis(kind: .dossier, id: dossier.uuid), version: version, in: session)
    }

    /// What was taken back never was: no token rests on it, whatever was issued meanwhile.
    private func void(_ kind: Basis.Kind, _ voided: VoidedState, in session: borrowing Session) throws -> Handled {
        try end(Basis(kind: kind, id: voided.id.uuid), version: voided.version, in: session)
    }

    private func end(_ basis: Basis, version: Int64, in session: borrowing Session) throws -> Handled {
        try tokens.end(basis, version: version, at: now(), in: session)
        return .applied
    }
}

extension Followed {
    package static let tokenRights = Followed("token-rights", .organisationRights)
    package static let tokenDossiers = Followed("token-dossiers", .profileResolution)
}
