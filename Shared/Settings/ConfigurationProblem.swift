/// What is wrong with one key of the configuration, in a sentence for the person who wrote it.
package struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The key, such as `database.port`.
    package let key: String
    /// What is wrong and what would be right.
    ///
    /// Never repeats a secret.
    package let message: String

    /// A problem with a key.
    package init(_ key: String, _ message: String) {
        self.key = key
        self.message = message
    }

    package var description: String { "\(key): \(message)" }
}

/// All that is wrong with a configuration, in the order in which it is read.
package struct ConfigurationProblems: Error, Sendable, CustomStringConvertible {
    /// At least one.
    package let problems: [ConfigurationProblem]

    /// At least one problem.
    package init(problems: [ConfigurationProblem]) { self.problems = problems }

    package var description: String { problems.map { "  \($0)" }.joined(separator: "\n") }
}
