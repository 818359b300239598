/// What an operator does to one thing of a service on the command line: `<service> <name> <action> <subject>`.
package struct OperatorCommands<Config: Sendable>: Sendable {
    /// The word on the command line, such as `account`.
    package let name: String
    /// One sentence for the help text.
    package let summary: String
    /// What the last word names, such as `user name`.
    package let subject: String
    package let actions: [Action]

    package init(name: String, summary: String, subject: String, actions: [Action]) {
        self.name = name
        self.summary = summary
        self.subject = subject
        self.actions = actions
    }

    /// One of the things that can be done.
    package struct Action: Sendable {
        package let name: String
        package let summary: String
        /// Whether it is refused while the service's own facts are in doubt.
        package let effect: CommandEffect
        /// Does it and answers the lines to print; the database of the base is running.
        package let body: @Sendable (Config, ServiceBase, OperatorWish) async throws -> [String]

        package init(
            name: String, summary: String, effect: CommandEffect,
            _ body: @escaping @Sendable (Config, ServiceBase, OperatorWish) async throws -> [String]
        ) {
            self.name = name
            self.summary = summary
            self.effect = effect
            self.body = body
        }
    }
}

/// To whom or what something is to be done, and who wants it.
package struct OperatorWish: Sendable {
    package let subject: String
    /// Who ran the command, in that person's words; 1 to 200 characters, for the record.
    package let commandedBy: String

    package init(subject: String, commandedBy: String) {
        self.subject = subject
        self.commandedBy = commandedBy
    }
}

/// Why nothing was done, in sentences for the operator.
package struct OperatorFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
