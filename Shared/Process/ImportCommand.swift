package import Imports

/// A file that a service can take in: `<service> import <name> <file>`.
package struct ImportCommand<Config: Sendable>: Sendable {
    /// What is named on the command line, such as `care-providers`.
    package let name: String
    /// One sentence for the help text.
    package let summary: String
    /// The columns that the header row must have, in any order, and no others.
    package let columns: [String]
    /// How many rows are handed over at a time.
    package let chunkSize: Int
    /// Makes what takes the rows in; the database of the base is running.
    package let handler: @Sendable (Config, ServiceBase) async throws -> any ImportHandler

    /// A command.
    ///
    /// Chunks are small by default, since each commits and holds the outbox's heads meanwhile.
    package init(
        name: String, summary: String, columns: [String], chunkSize: Int = 50,
        handler: @escaping @Sendable (Config, ServiceBase) async throws -> any ImportHandler
    ) {
        self.name = name
        self.summary = summary
        self.columns = columns
        self.chunkSize = chunkSize
        self.handler = handler
    }
}
