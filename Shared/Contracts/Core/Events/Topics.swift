/// The topics on which the services tell each other what happened, and the number of their partitions.
///
/// Names and counts are contract: a stable hash of the aggregate's id picks the partition, so changing the count would
/// break the order of events.
package enum Topic {
    /// The number of partitions of each topic that carries aggregates.
    package static let partitions = 32

    /// Sessions that started and ended, and that something about a person changed.
    package static let authentication = "toegang.authentication.v1"
    /// What ended for everybody who holds a token; kept for a day.
    package static let access = "toegang.access.v1"
    /// Care providers, people with a function in an institution, and the state of their dossiers.
    package static let profiles = "toegang.profiles.v1"
    /// Mandates and what became of them.
    package static let mandates = "toegang.mandates.v1"
    /// Organisations, their access managers, and the rights of persons in them.
    package static let organisationRights = "toegang.organisation-rights.v1"
    /// The last number of each partition of each source, every second; one partition.
    package static let heads = "toegang.heads.v1"
    /// Requests of readers that miss an event to have it published again; one partition.
    package static let resend = "toegang.resend.v1"
}

/// The names under which services publish; the `source` of an event and the first part of a position.
package enum EventSource: String, Sendable, CaseIterable, Codable {
    case authentication
    /// Ends of access: a stream of authentication-service beside its own.
    case access
    case profileResolution = "profile-resolution"
    case mandateRegistry = "mandate-registry"
    case organisationRights = "organisation-rights"

    /// The service that publishes it, and with whose key its events are signed.
    package var owner: String { (self == .access ? .authentication : self).rawValue }

    /// The topic that this source writes.
    package var topic: String {
        switch self {
        case .authentication: Topic.authentication
        case .access: Topic.access
        case .profileResolution: Topic.profiles
        case .mandateRegistry: Topic.mandates
        case .organisationRights: Topic.organisationRights
        }
    }
}
