package import ContractCore
package import FoundationEssentials

/// A fact that is to be told to the other services.
package struct EventDraft: Sendable {
    /// The stream that it belongs to; nil for the service's own.
    package let stream: EventSource?
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
        stream: EventSource? = nil, data: any Encodable & Sendable
    ) {
        self.stream = stream
        self.type = type
        self.key = key
        self.aggregate = aggregate
        self.version = version
        self.dataVersion = dataVersion
        self.data = data
    }
}
