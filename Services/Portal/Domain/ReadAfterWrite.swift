package import Vocabulary

/// Which writes a read waits for: a person who changed something gets to see it, also in another service.
package enum ReadAfterWrite {
    /// Events arrive within seconds; after this long nobody needs to wait for them.
    package static let period: Duration = .seconds(60)

    /// The services whose pages a person reads.
    package enum Reader: Sendable, Hashable, CaseIterable {
        case profileResolution, mandateRegistry, organisationRights

        /// The sources of events that the service follows; it refuses to wait for any other.
        package var follows: Set<String> {
            switch self {
            case .profileResolution: ["mandate-registry", "organisation-rights"]
            case .mandateRegistry: ["profile-resolution", "organisation-rights"]
            case .organisationRights: []
            }
        }
    }

    /// Whether writes of `positionsAt` still have to be waited for.
    package static func isRecent(_ positionsAt: Instant?, now: Instant) -> Bool {
        positionsAt.map { now - $0 < period } ?? false
    }
}
