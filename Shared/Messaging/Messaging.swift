package import Contracts
package import FoundationEssentials
package import Vocabulary

/// Where an event comes from.
package struct EventContext: Sendable {
    package let time: Instant
    package let trace: TraceContext
    package let correlationID: String
    package let causationID: String?
    package let newID: @Sendable () -> UUID

    /// A context from its parts.
    package init(
        time: Instant, trace: TraceContext, correlationID: String, causationID: String?,
        newID: @escaping @Sendable () -> UUID
    ) {
        self.time = time
        self.trace = trace
        self.correlationID = correlationID
        self.causationID = causationID
        self.newID = newID
    }
}
/// Where a service's events are written.
package struct Outbox: Sendable {}
/// What a service takes in from another.
package struct Projection: Sendable {}
/// Places in the events of sources.
package struct Positions: Sendable, Hashable {
    package let header: String
    /// Reads `<source>:<partition>:<sequence>,…`.
    package init?(header: String) { self.header = header }
}
/// Why a position was not reached.
package enum GateError: Error { case unknownSource, notCaughtUp }
/// Waits for projections.
package struct ProjectionGate: Sendable {
    package func wait(for positions: Positions, until deadline: ContinuousClock.Instant) async throws(GateError) {
        throw .unknownSource
    }
}
