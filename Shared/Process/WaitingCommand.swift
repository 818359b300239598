import ArgumentParser
import AuditTrail
package import FoundationEssentials
package import Postgres
import Telemetry

/// Lines about the rows of a table, a page at a time.
package struct PagedLines: Sendable {
    /// Reads the lines of the rows behind one, and the last of these; nothing at the end.
    package typealias Page =
        @Sendable (
            _ behind: UUID?, _ session: borrowing Session
        ) throws -> (lines: [String], last: UUID)?

    package let page: Page

    package init(_ page: @escaping Page) { self.page = page }
}

struct WaitingCommand<Subject: ToegangService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "waiting", abstract: "What waits until the person of a number signs in under the right name.",
            subcommands: [ListWaitingCommand<Subject>.self])
    }
}

struct ListWaitingCommand<Subject: ToegangService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "list", abstract: "A line for each: what, whose, since when, until when, and who brought it.",
            discussion: """
                Ids only: neither the number nor the name that it waits for. Changes nothing; the look is recorded.
                """)
    }
    @Option(name: .customLong("operator"), help: "Who runs this command, for the record: a name, a ticket.")
    var commandedBy: String
    @OptionGroup var options: ConfigurationOption

    func validate() throws { try OperatorWish.check(commandedBy) }

    func run() async throws {
        try await CommandFailure.report {
            let settings = try ServiceSettings<Subject>(options.source())
            let count = try await ServiceProcess<Subject>(settings).listWaiting(commandedBy: commandedBy) { line in
                LineWriter.standardOutput.write(line)
            }
            LineWriter.standardOutput.write("\(count) waiting.")
            LineWriter.standardOutput.flush()
        }
    }
}

extension ServiceProcess {
    /// Writes a line for all that waits; answers how many there are.
    ///
    /// - Parameter commandedBy: Who wants to know, for the record.
    func listWaiting(commandedBy: String, write: @Sendable (String) -> Void) async throws -> Int {
        try await beside(.reads) { base, facts in
            await facts.doubts().forEach(write)
            let entry = base.acts.own(commandedBy: commandedBy).record(.listWaiting)
            try await base.database.transaction { session in try Audit.record(entry, in: session) }
            var count = 0
            for list in Subject.waiting {
                var last: UUID?
                while let page = try await base.database.read({ [last] session in try list.page(last, session) }) {
                    page.lines.forEach(write)
                    count += page.lines.count
                    last = page.last
                }
            }
            return count
        }
    }
}
