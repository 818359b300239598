package import ContractCore
package import FoundationEssentials
package import Vocabulary

/// Makes acts: the one place where a service looks at the clock and the calendar, and makes ids and traces.
package struct Acts: Sendable {
    /// The service's name, under which it is recorded what it does by itself.
    package let service: String
    /// The clock.
    package let now: @Sendable () -> Instant
    /// Which calendar day it is.
    package let civil: CivilTime
    /// Makes the ids of new things: UUIDs of version 7.
    package let newID: @Sendable () -> UUID
    /// Begins a trace.
    private let newTrace: @Sendable () -> TraceContext

    /// A maker of acts from its parts.
    package init(
        service: String, now: @escaping @Sendable () -> Instant, civil: CivilTime,
        newID: @escaping @Sendable () -> UUID, newTrace: @escaping @Sendable () -> TraceContext
    ) {
        self.service = service
        self.now = now
        self.civil = civil
        self.newID = newID
        self.newTrace = newTrace
    }

    /// The calendar day at this moment.
    package func today() -> LocalDate { civil.day(at: now()) }

    /// A request that comes in now.
    ///
    /// - Parameter source: A keyed hash of the network that it comes from, where that says something.
    package func request(_ id: String, trace: TraceContext, source: [UInt8]? = nil) -> Occasion {
        let time = now()
        return Occasion(
            time: time, day: civil.day(at: time), requestID: id, trace: trace, source: source, newID: newID)
    }

    /// What the service does by itself now, because the clock or a command says so.
    ///
    /// - Parameters:
    ///   - commandedBy: who ran the command, in that person's words.
    ///   - run: the id of the run of a command that does many acts; each is of its own unless it is given.
    package func own(commandedBy: String? = nil, run: String? = nil) -> ProgramAct {
        let id = run ?? newID().uuidString.lowercased()
        return Act(by: ActingProgram(service, commandedBy: commandedBy), on: request(id, trace: newTrace()))
    }
}
