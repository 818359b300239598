import OrganisationRightsDomain
import Postgres
import Vocabulary

/// An organisation with the appointment by which a person manages it.
struct Managed: Sendable {
    let organisation: Organisation
    let manager: AccessManager

    /// Finds it for a look; refused as hidden for whoever manages nothing there.
    static func find(
        _ id: OrganisationID, by person: PersonID, in session: borrowing Session
    ) throws -> Decision<Managed> {
        guard let organisation = try OrganisationStore.find(id, in: session) else { return unknown }
        return decide(organisation, try AccessManagerStore.find(person, in: id, in: session))
    }

    /// Finds it and holds it until the transaction ends, so that what is decided on it stays true.
    static func hold(
        _ id: OrganisationID, by person: PersonID, in session: borrowing Session
    ) throws -> Decision<Managed> {
        guard let organisation = try OrganisationStore.hold(id, in: session) else { return unknown }
        return decide(organisation, try AccessManagerStore.hold(person, in: id, in: session))
    }

    private static let unknown = Decision<Managed>.refused(Refusal(.hidden, Reason(.notThere)))

    private static func decide(_ organisation: Organisation, _ appointment: AccessManager?) -> Decision<Managed> {
        mayManage(organisation, appointment).map { Managed(organisation: organisation, manager: $0) }
    }
}
