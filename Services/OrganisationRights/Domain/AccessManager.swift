package import Vocabulary

/// The appointment of a person who says who may do what for an organisation.
package struct AccessManager: Hashable, Sendable {
    /// The two kinds of access managers.
    package enum Role: String, Hashable, Sendable, CaseIterable {
        /// May do everything that an access manager may, and appoints access managers.
        case chief = "chief-access-manager"
        case ordinary = "access-manager"
    }

    /// The id of the appointment.
    package let id: RightID
    /// From 1; each change adds one.
    package let version: Int64
    package let organisation: OrganisationID
    package let person: PersonID
    package let role: Role

    /// An appointment that holds.
    package init(id: RightID, version: Int64, organisation: OrganisationID, person: PersonID, role: Role) {
        self.id = id
        self.version = version
        self.organisation = organisation
        self.person = person
        self.role = role
    }

    /// The version in which it ends.
    var last: AccessManager {
        AccessManager(id: id, version: version + 1, organisation: organisation, person: person, role: role)
    }
}

/// On whose word something is done in an organisation.
package enum Authority: Hashable, Sendable {
    /// An authority's file: it passes on what was decided elsewhere, also in the past.
    case register
    /// An access manager of the organisation.
    case manager(AccessManager)
}

/// Decides whether a person may manage an organisation: only by an appointment in that very organisation.
///
/// Whoever is refused is nothing there, so the organisation does not exist to her.
package func mayManage(_ organisation: Organisation, _ appointment: AccessManager?) -> Decision<AccessManager> {
    guard let appointment, appointment.organisation == organisation.id else {
        return .refused(Refusal(.hidden, .notAccessManager))
    }
    return .allowed(appointment)
}

/// What ties a person to an organisation, now or before.
package enum Tie: Hashable, Sendable, CaseIterable {
    /// She manages access there.
    case manages
    /// She has or had a right there, whether or not it holds today.
    case right
}

/// Decides whether a person may read who the access managers of an organisation are, so that she knows whom to ask.
///
/// To whoever is nothing there, the organisation does not exist; and nobody asks the managers of one that stopped.
package func mayKnowManagers(of organisation: Organisation, tie: Tie?) -> Decision<Tie> {
    guard let tie, !organisation.isStopped else { return .refused(Refusal(.hidden, Reason(.notThere))) }
    return .allowed(tie)
}

/// What an appointment changes.
package enum AppointOutcome: Hashable, Sendable {
    case appointed(AccessManager)
    case unchanged(AccessManager)
}

/// Decides whether a person may be appointed, and what becomes of an appointment that she has.
///
/// Only a chief access manager appoints; an access manager appoints neither a chief nor another access manager.
package func mayAppoint(
    _ person: PersonID, as role: AccessManager.Role, in organisation: Organisation, known: AccessManager?,
    by authority: Authority, newID: RightID
) -> Decision<AppointOutcome> {
    var reasons: [Reason] = []
    if case .manager(let manager) = authority {
        if manager.organisation != organisation.id {
            reasons.append(.notAccessManager)
        } else if manager.role != .chief {
            reasons.append(.mayNotAppoint(role))
        }
    }
    if organisation.isStopped { reasons.append(.stopped(organisation)) }
    if let refusal = Refusal(reasons) { return .refused(refusal) }
    guard let known else {
        return .allowed(
            .appointed(
                AccessManager(id: newID, version: 1, organisation: organisation.id, person: person, role: role)))
    }
    guard known.role != role else { return .allowed(.unchanged(known)) }
    return .allowed(
        .appointed(
            AccessManager(
                id: known.id, version: known.version + 1, organisation: known.organisation, person: known.person,
                role: role)))
}
