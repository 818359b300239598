package import ContractCore
package import FoundationEssentials
package import Vocabulary

/// A fact that is to be told to the other services.
package struct EventDraft: Sendable {
    /// Such as `mandate.stopped`.
    package let type: String
    /// The aggregate's id; all events of one aggregate lie in one partition, in order.
    package let key: UUID
    /// The aggregate's kind, such as `mandate`.
    package let aggregate: String
    /// The aggregate's version after the fact, from 1.
    package let version: Int64
    /// The version of the form of `data`.
    package let dataVersion: Int
    /// The aggregate's full public state.
    package let data: any Encodable & Sendable

    /// Describes a fact.
    package init(
        type: String, key: UUID, aggregate: String, version: Int64, dataVersion: Int = 1,
        data: any Encodable & Sendable
    ) {
        self.type = type
        self.key = key
        self.aggregate = aggregate
        self.version = version
        self.dataVersion = dataVersion
        self.data = data
    }
}

/// Where events come from: the request, command or event that led to them.
package struct EventContext: Sendable {
    /// When the facts were decided.
    package let time: Instant
    package let trace: TraceContext
    /// The same for everything that one request of a person led to.
    package let correlationID: String
    /// The event or command that led to these.
    package let causationID: String?
    /// Makes the ids of the events.
    package let newID: @Sendable () -> UUID

    /// Describes an origin.
    package init(
        time: Instant, trace: TraceContext, correlationID: String, causationID: String? = nil,
        newID: @escaping @Sendable () -> UUID
    ) {
        self.time = time
        self.trace = trace
        self.correlationID = correlationID
        self.causationID = causationID
        self.newID = newID
    }
}
