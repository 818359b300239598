package import Vocabulary

/// What persons are called, as far as it is told and could be asked for.
package struct KnownNames: Sendable {
    private let names: [PersonID: String]
    private let isComplete: Bool

    /// - Parameter isComplete: whether all were asked for; otherwise who has no name here may have one.
    package init(_ names: [PersonID: String], isComplete: Bool) {
        self.names = names
        self.isComplete = isComplete
    }

    /// The name of a person; nothing while nobody has told it, or it cannot be asked for now.
    package subscript(_ person: PersonID) -> String? { names[person] }

    /// Whether it is not known at this moment if the person has a name, since it could not be asked for.
    package func isUnavailable(_ person: PersonID) -> Bool { !isComplete && names[person] == nil }
}
