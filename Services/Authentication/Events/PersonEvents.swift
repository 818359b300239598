import AuthenticationContracts
import EventOutbox
import Vocabulary

/// Tells that a person's name, language or number changed; who keeps something of her asks for it again.
func personChanged(_ person: PersonID, version: Int64) -> EventDraft {
    notice(PersonNotice.changed, person, version)
}

/// Tells that a person was erased; who keeps something of her forgets it.
func personErased(_ person: PersonID, version: Int64) -> EventDraft {
    notice(PersonNotice.erased, person, version)
}

private func notice(_ type: String, _ person: PersonID, _ version: Int64) -> EventDraft {
    EventDraft(
        type: type, key: person.uuid, aggregate: "person", version: version,
        data: PersonNotice(personId: person, version: version))
}
