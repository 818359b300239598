package import Vocabulary

/// An enterprise or institution in which persons can have rights.
package struct Organisation: Hashable, Sendable {
    /// Whether it still exists.
    package enum Status: String, Hashable, Sendable, CaseIterable {
        case active
        /// It ended in the register of enterprises: every right in it is blocked.
        case stopped
    }

    /// The numbers by which authorities know it: at least one.
    package struct Numbers: Hashable, Sendable {
        package let enterprise: EnterpriseNumber?
        package let riziv: RizivNumber?

        /// The numbers; nothing when there is none.
        package init?(enterprise: EnterpriseNumber?, riziv: RizivNumber?) {
            guard enterprise != nil || riziv != nil else { return nil }
            self.enterprise = enterprise
            self.riziv = riziv
        }
    }

    /// What an authority says about an organisation.
    package struct Description: Hashable, Sendable {
        package let numbers: Numbers
        package let name: String
        package let type: OrganisationType
        package let status: Status

        package init(numbers: Numbers, name: String, type: OrganisationType, status: Status) {
            self.numbers = numbers
            self.name = name
            self.type = type
            self.status = status
        }
    }

    package let id: OrganisationID
    /// From 1; each change adds one.
    package let version: Int64
    package let description: Description

    /// An organisation as it is stored.
    package init(id: OrganisationID, version: Int64, description: Description) {
        self.id = id
        self.version = version
        self.description = description
    }

    package var name: String { description.name }
    package var isStopped: Bool { description.status == .stopped }
}

/// What a description from an authority changes.
package enum RegisterOutcome: Hashable, Sendable {
    case registered(Organisation)
    case changed(Organisation)
    /// It ends, and with it every right in it.
    case stopped(Organisation)
    case unchanged(Organisation)

    /// The organisation as it is afterwards.
    package var organisation: Organisation {
        switch self {
        case .registered(let organisation), .changed(let organisation), .stopped(let organisation),
            .unchanged(let organisation):
            organisation
        }
    }
}

/// Compares what an authority says with what is known.
///
/// A number that the description leaves out stays known: files of different authorities have different numbers.
package func register(
    _ description: Organisation.Description, known: Organisation?, newID: OrganisationID
) -> RegisterOutcome {
    guard let known else {
        return .registered(Organisation(id: newID, version: 1, description: description))
    }
    let numbers = Organisation.Numbers(
        enterprise: description.numbers.enterprise ?? known.description.numbers.enterprise,
        riziv: description.numbers.riziv ?? known.description.numbers.riziv)
    let merged = Organisation.Description(
        numbers: numbers ?? description.numbers, name: description.name, type: description.type,
        status: description.status)
    guard merged != known.description else { return .unchanged(known) }
    let next = Organisation(id: known.id, version: known.version + 1, description: merged)
    return merged.status == .stopped && !known.isStopped ? .stopped(next) : .changed(next)
}
