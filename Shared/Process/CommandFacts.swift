import Async
import ContractCore
import EventOutbox
import Flow
package import Imports
import Logging
import Streams
import Telemetry

/// What a command does with the facts that its service tells others.
package enum CommandEffect: Sendable, CaseIterable {
    /// Decides by them, or writes them: it is refused while they are in doubt.
    case decides
    /// Ends access and gives none, which is right whatever the database forgot: it is done at any time.
    case endsAccess
    /// Says how they stand: it says as well when they are in doubt.
    case reads
    /// Has to do with what others told alone.
    case apart
}

/// Whether a command may decide by the database of its service, which may have gone back to a backup.
///
/// A command runs in a process of its own, also while no instance serves, so it compares the log with the database
/// itself, as each instance does at its start: see `Shared/Docs/adr/0062-a-service-looks-before-it-decides.md`.
package struct CommandFacts: Sendable {
    private let watch: OwnFactsWatch?
    private let service: String
    private let patience: Duration

    /// Runs a command beside its look at what the service told, and ends the look with it.
    ///
    /// What decides does not begin before the look has come out well.
    ///
    /// - Parameter patience: How long a broker that is away is waited for.
    /// - Throws: `OwnFactsInDoubt` when the command is refused; what `body` throws.
    package static func perform<R: Sendable>(
        _ effect: CommandEffect, _ base: ServiceBase, patience: Duration = .seconds(3),
        _ body: (CommandFacts) async throws -> R
    ) async throws -> R {
        guard effect != .apart, let kafka = base.kafka, let trust = base.trust else {
            return try await body(CommandFacts(watch: nil, service: base.name, patience: patience))
        }
        let streams = EventSource.allCases.filter { $0.owner == base.name }
            .map { Outbox(source: $0, environment: base.environment) }
        let quiet = Logger(label: base.name) { _ in SwiftLogNoOpLogHandler() }
        let watch = OwnFactsWatch(
            streams: streams, database: base.database, kafka: kafka, trust: trust, logger: quiet, patience: patience,
            tell: { _ in })
        let facts = CommandFacts(watch: watch, service: base.name, patience: patience)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watch.run() }
            defer { group.cancelAll() }
            if effect == .decides { try await facts.demand() }
            return try await body(facts)
        }
    }

    /// What is to be said beside what a command shows or has done; nothing when the facts are certain.
    ///
    /// Waits for the look, so a command that must not wait asks when it is done.
    package func doubts() async -> [String] {
        switch await answer() {
        case .certain: []
        case .unlooked, .looking: [Self.notCompared]
        case .doubted:
            [
                "In doubt: \(service) told others more than its database knows, as after a backup was put back. What is "
                    + "said here is as of that backup, until the service has corrected it, which it does by itself."
            ]
        }
    }

    /// An import whose rows are not taken in while the facts are in doubt, also when that begins on its way.
    package func guarding(_ handler: any ImportHandler) -> any ImportHandler {
        DecidingImport(handler: handler, decides: { watch?.answer.decides ?? true })
    }

    // MARK: - The look

    private static let notCompared =
        "What was told to others could not be compared with the database, since the broker did not answer: whether this "
        + "database was put back to a backup is not known."

    private func demand() async throws {
        switch await answer() {
        case .certain: return
        case .unlooked: LineWriter.standardError.write(Self.notCompared)
        case .looking, .doubted: throw OwnFactsInDoubt(service: service)
        }
    }

    private func answer() async -> OwnStanding.Answer {
        guard let watch else { return .certain }
        // A database that does not answer either ends the waiting, with nothing known.
        let end = ContinuousClock.now + patience + .seconds(2)
        while watch.answer == .looking, ContinuousClock.now < end, await pause(.milliseconds(20)) {}
        return watch.answer
    }
}

/// A command was refused, since the facts of its service are in doubt.
package struct OwnFactsInDoubt: Error, CustomStringConvertible {
    let service: String

    package var description: String {
        """
        \(service) told others more than its database knows, as after a backup was put back, or that could not be \
        looked at. Nothing was written. The running service corrects it by itself, mostly within half a minute: start \
        it if it does not run. Then run the same command again; "\(service)-service outbox restorations" says when \
        nothing is in doubt any more.
        """
    }
}

/// Takes rows in only while the facts of the service are certain.
private struct DecidingImport: ImportHandler {
    struct InDoubt: Error, CustomStringConvertible {
        let description =
            "the database of the service went back to a backup meanwhile, which the service corrects by itself"
    }

    let handler: any ImportHandler
    let decides: @Sendable () -> Bool

    func take(_ rows: [ImportRow], tell: (ImportVerdict) -> Void) async throws {
        guard decides() else { throw InDoubt() }
        try await handler.take(rows, tell: tell)
    }
}
