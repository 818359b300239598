/// What goes wrong in messaging that is nobody else's error.
package enum MessagingError: Error, Sendable, CustomStringConvertible {
    /// The tables are not what the code expects: a migration is missing.
    case schema(String)
    /// A projection is to be rebuilt while an instance works on it.
    case inUse(projection: String)

    package var description: String {
        switch self {
        case .schema(let detail): "messaging tables: \(detail)"
        case .inUse(let projection): "projection \(projection) is being worked on: stop the service's instances first"
        }
    }
}
