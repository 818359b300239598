package import EventOutbox
package import MandateRegistryContracts
import MandateRegistryDomain
import Vocabulary

extension Mandate {
    /// The mandate as others learn of it: its full public state, without a name or a number.
    package var announcement: MandateState {
        MandateState(
            mandateId: id, version: version, grantorPersonId: terms.grantor.person,
            grantorDossierId: terms.grantor.dossier, holder: terms.holder.announced, type: terms.type,
            status: announcedStatus, startsOn: terms.period.start, endsOn: terms.period.end, endedAt: endedAt)
    }

    /// The event that tells of the step that led to this version.
    package var event: EventDraft {
        EventDraft(type: eventType, key: id.uuid, aggregate: "mandate", version: version, data: announcement)
    }

    /// The event that corrects what was told before a restoration.
    package var restated: EventDraft {
        EventDraft(
            type: MandateState.restated, key: id.uuid, aggregate: "mandate", version: version, data: announcement)
    }

    /// The status as the contracts have it.
    package var announcedStatus: MandateStatus {
        switch state {
        case .offered: .offered
        case .active: .active
        case .ended(let end):
            switch end.manner {
            case .refused: .refused
            case .stopped: .stopped
            case .renounced: .renounced
            case .expired: .expired
            }
        }
    }

    private var endedAt: Instant? { if case .ended(let end) = state { end.at } else { nil } }

    private var eventType: String {
        switch announcedStatus {
        case .offered: MandateState.offered
        case .active: MandateState.activated
        case .refused: MandateState.refused
        case .stopped: MandateState.stopped
        case .renounced: MandateState.renounced
        case .expired: MandateState.expired
        }
    }
}

extension Mandate.End {
    /// The end that a published state tells of; nil when it tells of none.
    package init?(told state: MandateState) {
        let manner: Manner
        switch state.status {
        case .offered, .active: return nil
        case .refused: manner = .refused
        case .stopped: manner = .stopped
        case .renounced: manner = .renounced
        case .expired: manner = .expired
        }
        guard let at = state.endedAt else { return nil }
        self.init(manner, at: at, since: nil)
    }
}

extension Mandate.Holder {
    /// The holder as the contracts have it.
    package var announced: MandateHolder {
        switch self {
        case .person(let id): .person(id)
        case .organisation(let id): .organisation(id)
        }
    }
}
