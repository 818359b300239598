package import Vocabulary

/// That something about a person changed, or that she was erased.
///
/// It carries nothing about her: who keeps a copy of her
/// name asks for it again, or forgets it.
package struct PersonNotice: Codable, Sendable, Hashable {
    package static let changed = "person.changed"
    package static let erased = "person.erased"
    package static let restated = "person.restated"
    package static let voided = "person.voided"

    package let personId: PersonID
    package let version: Int64

    /// Tells of a person.
    package init(personId: PersonID, version: Int64) {
        self.personId = personId
        self.version = version
    }
}
