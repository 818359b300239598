import EventOutbox
import OrganisationRightsContracts
import OrganisationRightsDomain
import Vocabulary

// What this service publishes: each event carries the full public state after the fact.

extension RegisterOutcome {
    /// The event that tells of it; nothing when nothing changed.
    var event: EventDraft? {
        switch self {
        case .registered: organisation.event(OrganisationState.registered)
        case .changed: organisation.event(OrganisationState.changed)
        case .stopped: organisation.event(OrganisationState.stopped)
        case .unchanged: nil
        }
    }
}

extension Organisation {
    /// The event that corrects what was told before a restoration.
    var restated: EventDraft { event(OrganisationState.restated) }

    fileprivate func event(_ type: String) -> EventDraft {
        EventDraft(
            type: type, key: id.uuid, aggregate: "organisation", version: version,
            data: OrganisationState(
                organisationId: id, version: version, enterpriseNumber: description.numbers.enterprise,
                rizivNumber: description.numbers.riziv, name: description.name, type: description.type,
                status: description.status == .active ? .active : .stopped))
    }
}

extension AccessManager {
    /// The event of an appointment, or of another role under it.
    var appointed: EventDraft { event(AccessManagerState.appointed, .active) }

    /// The event of an appointment that ended, in the version in which it did.
    var ended: EventDraft { event(AccessManagerState.ended, .ended) }

    /// The event that corrects what was told before a restoration.
    func restated(_ status: RightStatus) -> EventDraft { event(AccessManagerState.restated, status) }

    private func event(_ type: String, _ status: RightStatus) -> EventDraft {
        EventDraft(
            type: type, key: id.uuid, aggregate: "access-manager", version: version,
            data: AccessManagerState(
                appointmentId: id, version: version, organisationId: organisation, personId: person,
                role: role.published, status: status))
    }
}

extension AccessManager.Role {
    /// The role as the contracts name it.
    var published: AccessManagerRole {
        switch self {
        case .chief: .chiefAccessManager
        case .ordinary: .accessManager
        }
    }
}

extension Right {
    /// The event of a right that was given, or whose period an authority corrected.
    var given: EventDraft { event(RightState.given) }

    /// The event of a right that was taken away.
    var ended: EventDraft { event(RightState.ended) }

    /// The event that corrects what was told before a restoration.
    var restated: EventDraft { event(RightState.restated) }

    /// Whether it still holds, as the events say it.
    var status: RightStatus { state == .active ? .active : .ended }

    private func event(_ type: String) -> EventDraft {
        EventDraft(
            type: type, key: id.uuid, aggregate: "right", version: version,
            data: RightState(
                rightId: id, version: version, organisationId: organisation, personId: person, role: role,
                status: status, startsOn: period.start, endsOn: period.end, endedAt: endedAt))
    }
}
