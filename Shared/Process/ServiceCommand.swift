package import ArgumentParser
import FoundationEssentials
import Imports
import Settings
import Telemetry

/// Runs the process of a service: `serve`, `migrate`, `check-config`, and `import` where it has imports.
package func serveMain<Subject: ToegangService>(_: Subject.Type) async -> Never {
    do {
        var command = try ServiceCommand<Subject>.parseAsRoot()
        if var command = command as? any AsyncParsableCommand {
            try await command.run()
        } else {
            try command.run()
        }
        ProcessEnd.now(status: 0)
    } catch {
        let status = ServiceCommand<Subject>.exitCode(for: error)
        let text = ServiceCommand<Subject>.fullMessage(for: error)
        if !text.isEmpty { (status.isSuccess ? LineWriter.standardOutput : LineWriter.standardError).write(text) }
        ProcessEnd.now(status: status.rawValue)
    }
}

/// The command line of a service.
package struct ServiceCommand<Subject: ToegangService>: AsyncParsableCommand {
    package static var configuration: CommandConfiguration {
        var subcommands: [any ParsableCommand.Type] = [
            ServeCommand<Subject>.self, MigrateCommand<Subject>.self, CheckConfigCommand<Subject>.self,
        ]
        if !Subject.imports.isEmpty { subcommands.append(ImportFileCommand<Subject>.self) }
        let operate: [any ParsableCommand.Type] = [
            OperateCommand<Subject, FirstOfOperator>.self, OperateCommand<Subject, SecondOfOperator>.self,
        ]
        precondition(Subject.operatorCommands.count <= operate.count, "a service has at most two such commands")
        subcommands += operate.prefix(Subject.operatorCommands.count)
        if !Subject.waiting.isEmpty { subcommands.append(WaitingCommand<Subject>.self) }
        if Subject.followsOthers { subcommands.append(RebuildCommand<Subject>.self) }
        if Subject.takesPartInEvents { subcommands.append(OutboxCommand<Subject>.self) }
        return CommandConfiguration(
            commandName: Subject.executable, abstract: "The \(Subject.name) service of Toegang.",
            subcommands: subcommands)
    }

    package init() {}
}

extension ToegangService {
    /// The name of the executable, such as `mandate-registry-service`.
    package static var executable: String { "\(name)-service" }
}

/// Where the configuration is.
struct ConfigurationOption: ParsableArguments {
    @Option(help: "A JSON file; each key can be overridden by the environment, such as TOEGANG_DATABASE_HOST.")
    var config: String?

    func source() throws(ConfigurationProblem) -> ConfigurationSource {
        try ConfigurationSource(path: config, environment: ProcessInfo.processInfo.environment)
    }
}

struct ServeCommand<Subject: ToegangService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "serve", abstract: "Run the service until it is told to stop.")
    }
    @OptionGroup var options: ConfigurationOption

    func run() async throws {
        try await CommandFailure.report {
            let source = try options.source()
            let settings = try ServiceSettings<Subject>(source)
            try await ServiceProcess<Subject>(settings).serve(unreadKeys: source.unreadKeys)
        }
    }
}

struct MigrateCommand<Subject: ToegangService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "migrate", abstract: "Bring the schema to the version of this program, as its owner.")
    }
    @OptionGroup var options: ConfigurationOption

    func run() async throws {
        try await CommandFailure.report {
            try await MigrateRun<Subject>(options.source()).run()
        }
    }
}

struct CheckConfigCommand<Subject: ToegangService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check-config", abstract: "Say what is wrong with the configuration; start nothing.")
    }
    @OptionGroup var options: ConfigurationOption

    func run() async throws {
        let report: ConfigurationReport
        do {
            report = ConfigurationReport(checking: Subject.self, try options.source())
        } catch {
            report = ConfigurationReport(service: Subject.name, problems: [error])
        }
        print(report.text)
        guard report.isUsable else { throw ExitCode(2) }
        let settings = try ServiceSettings<Subject>(options.source())
        guard let unknown = await ServiceProcess<Subject>(settings).unknownStoredKeys() else {
            print("The database did not answer, so the keys under which it has rows were not compared.")
            return
        }
        for sentence in unknown { print("  \(sentence)") }
        if !unknown.isEmpty { throw ExitCode(2) }
    }
}

struct ImportFileCommand<Subject: ToegangService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        let list = Subject.imports.map {
            "  \($0.name): \($0.summary)\n    columns: \($0.columns.joined(separator: ","))"
        }
        return CommandConfiguration(
            commandName: "import", abstract: "Take a CSV file in, with a verdict for each row.",
            discussion: """
                Files are UTF-8 with a header row. Exit status: 0 all rows taken in, 1 some rows refused, 2 the file \
                cannot be used or the import had to stop.

                \(list.joined(separator: "\n"))
                """)
    }
    @Argument(help: "Which import.")
    var what: String
    @Argument(help: "The CSV file.")
    var file: String
    @Flag(help: "Print JSON lines.")
    var json = false
    @OptionGroup var options: ConfigurationOption

    func run() async throws {
        guard let command = Subject.imports.first(where: { $0.name == what }) else {
            let known = Subject.imports.map(\.name).joined(separator: ", ")
            throw ValidationError("There is no import \"\(what)\"; there are: \(known).")
        }
        var summary: ImportSummary?
        try await CommandFailure.report(status: 2) {
            let settings = try ServiceSettings<Subject>(options.source())
            summary = try await ServiceProcess<Subject>(settings).importFile(command, path: file, json: json)
        }
        if let summary, summary.refused > 0 { throw ExitCode(1) }
    }
}

struct RebuildCommand<Subject: ToegangService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "rebuild", abstract: "Forget what was learnt from another service, to learn it anew.",
            discussion: """
                For a projection that has diverged, such as after the other service was restored from a backup. Stop \
                every instance of this service first; the next start reads the other's events from the first one.
                """)
    }
    @Argument(help: "The projection, as health and metrics call it.")
    var projection: String
    @OptionGroup var options: ConfigurationOption

    func run() async throws {
        try await CommandFailure.report {
            let settings = try ServiceSettings<Subject>(options.source(), serving: false)
            try await ServiceProcess<Subject>(settings).rebuild(projection)
            LineWriter.standardOutput.write("Forgotten. The next start builds \(projection) from the first event.")
        }
    }
}

/// Which of a service's commands for operators it is: a command line is known by its types alone.
protocol OperatorPlace: Sendable {
    static var index: Int { get }
}

enum FirstOfOperator: OperatorPlace { static let index = 0 }

enum SecondOfOperator: OperatorPlace { static let index = 1 }

struct OperateCommand<Subject: ToegangService, Place: OperatorPlace>: AsyncParsableCommand {
    private static var commands: OperatorCommands<Subject.Config> { Subject.operatorCommands[Place.index] }

    static var configuration: CommandConfiguration {
        let list = commands.actions.map { "  \($0.name): \($0.summary)" }
        return CommandConfiguration(
            commandName: commands.name, abstract: commands.summary,
            discussion: list.joined(separator: "\n"))
    }
    @Argument(help: "What to do.")
    var action: String
    @Argument(help: "To whom or what.")
    var subject: String
    @Option(name: .customLong("operator"), help: "Who runs this command, for the record: a name, a ticket.")
    var commandedBy: String
    @OptionGroup var options: ConfigurationOption

    func validate() throws {
        let known = Self.commands.actions.map(\.name)
        guard known.contains(action) else {
            throw ValidationError("There is no action \"\(action)\"; there are: \(known.joined(separator: ", ")).")
        }
        try OperatorWish.check(commandedBy)
    }

    func run() async throws {
        guard let action = Self.commands.actions.first(where: { $0.name == action }) else { return }
        try await CommandFailure.report {
            let settings = try ServiceSettings<Subject>(options.source())
            let wish = OperatorWish(subject: subject, commandedBy: commandedBy)
            for line in try await ServiceProcess<Subject>(settings).operate(action, wish) {
                LineWriter.standardOutput.write(line)
            }
            LineWriter.standardOutput.flush()
        }
    }
}

extension OperatorWish {
    /// - Throws: `ValidationError` if nobody is named, or with too many words for the record.
    static func check(_ commandedBy: String) throws {
        guard (1...200).contains(commandedBy.unicodeScalars.count) else {
            throw ValidationError("--operator says who runs this command, in 1 to 200 characters.")
        }
    }
}

struct OutboxCommand<Subject: ToegangService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "outbox", abstract: "What the service has published.",
            subcommands: [PublishAgainCommand<Subject>.self, RestorationsCommand<Subject>.self])
    }
}

struct PublishAgainCommand<Subject: ToegangService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "publish-again", abstract: "Have everything published again, signed with today's key.",
            discussion: """
                For a key that was withdrawn, since what it signed has no effect any more. Stop every instance of this \
                service first; the next start sends. Readers pass over what they know.
                """)
    }
    @OptionGroup var options: ConfigurationOption

    func run() async throws {
        try await CommandFailure.report {
            let settings = try ServiceSettings<Subject>(options.source())
            let count = try await ServiceProcess<Subject>(settings).publishAgain()
            LineWriter.standardOutput.write("\(count) events will be sent again by the next start.")
            LineWriter.standardOutput.flush()
        }
    }
}

struct RestorationsCommand<Subject: ToegangService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "restorations", abstract: "What was told and lost when the database went back to a backup.",
            discussion: """
                Says when that was noticed, what others had been told by then, and by what it was corrected. Changes \
                nothing; the look is recorded.
                """)
    }
    @Flag(help: "List each event that was lost: when, what, the id of the thing.")
    var events = false
    @Option(name: .customLong("operator"), help: "Who runs this command, for the record: a name, a ticket.")
    var commandedBy: String
    @OptionGroup var options: ConfigurationOption

    func validate() throws { try OperatorWish.check(commandedBy) }

    func run() async throws {
        try await CommandFailure.report {
            let settings = try ServiceSettings<Subject>(options.source())
            let lines = try await ServiceProcess<Subject>(settings).restorations(
                listing: events, commandedBy: commandedBy)
            for line in lines { LineWriter.standardOutput.write(line) }
            LineWriter.standardOutput.flush()
        }
    }
}

/// Prints what ended a command, for the person who ran it, and chooses the exit status.
enum CommandFailure {
    /// - Parameter status: The exit status of what is no fault of the configuration.
    static func report(status: Int32 = 1, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let problem as ConfigurationProblem {
            fail("The configuration cannot be used.\n  \(problem)", status: 2)
        } catch let problems as ConfigurationProblems {
            fail("The configuration cannot be used.\n\(problems)", status: 2)
        } catch let failure as ImportFailure {
            fail(failure.description, status: status)
        } catch {
            fail(Redaction.redact("\(error)"), status: status)
        }
    }

    private static func fail(_ text: String, status: Int32) -> Never {
        LineWriter.standardError.write(text)
        ProcessEnd.now(status: status)
    }
}
