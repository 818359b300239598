import ContractCore
package import Following
package import MandateRegistryContracts
package import OrganisationRightsContracts
package import Postgres

/// What profiles rest on in other services, taken in as it is published.
///
/// The handlers get the writes handed in, as the room of events knows no tables.
package struct FollowedFacts: Sendable {
    /// Writes a state unless a same or higher version is known, and answers whether it wrote.
    package typealias Save<State> = @Sendable (State, borrowing Session) throws -> Bool

    private let saveOrganisation: Save<OrganisationState>
    private let saveRight: Save<RightState>
    private let saveMandate: Save<MandateState>
    private let eraseOrganisationRights: Projection.Eraser
    private let eraseMandates: Projection.Eraser

    package init(
        saveOrganisation: @escaping Save<OrganisationState>, saveRight: @escaping Save<RightState>,
        saveMandate: @escaping Save<MandateState>, eraseOrganisationRights: @escaping Projection.Eraser,
        eraseMandates: @escaping Projection.Eraser
    ) {
        self.saveOrganisation = saveOrganisation
        self.saveRight = saveRight
        self.saveMandate = saveMandate
        self.eraseOrganisationRights = eraseOrganisationRights
        self.eraseMandates = eraseMandates
    }

    /// The projections of the service.
    package var projections: [Projection] {
        [
            Projection(
                name: Followed.organisationRights.projection, source: .organisationRights,
                erase: eraseOrganisationRights
            ) { event, session in try organisationRights(event, session) },
            Projection(
                name: Followed.mandates.projection, source: .mandateRegistry, erase: eraseMandates
            ) { event, session in try mandates(event, session) },
        ]
    }

    private func organisationRights(_ event: IncomingEvent, _ session: borrowing Session) throws -> Handled {
        switch event.type {
        case OrganisationState.registered, OrganisationState.changed, OrganisationState.stopped:
            try saveOrganisation(try event.data(as: OrganisationState.self), session) ? .applied : .stale
        case RightState.given, RightState.ended:
            try saveRight(try event.data(as: RightState.self), session) ? .applied : .stale
        case AccessManagerState.appointed, AccessManagerState.ended:
            // An appointment gives no profile: access managers act as citizens.
            .applied
        default: .unknownType
        }
    }

    private func mandates(_ event: IncomingEvent, _ session: borrowing Session) throws -> Handled {
        switch event.type {
        case MandateState.offered, MandateState.activated, MandateState.refused, MandateState.stopped,
            MandateState.renounced, MandateState.expired:
            try saveMandate(try event.data(as: MandateState.self), session) ? .applied : .stale
        default: .unknownType
        }
    }
}

extension Followed {
    package static let organisationRights = Followed("organisation-rights", .organisationRights)
    package static let mandates = Followed("mandates", .mandateRegistry)
}
