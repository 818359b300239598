package import ContractCore
package import Flow
package import FoundationEssentials
package import Vocabulary

/// An event as a projection gets it.
package struct IncomingEvent: Sendable {
    package let attributes: EventAttributes
    /// The aggregate's id.
    package let key: UUID
    package let partition: Int32
    /// The whole event as it was published.
    package let rawData: [UInt8]

    package var id: EventID { attributes.id }
    package var type: String { attributes.type }
    package var source: EventSource { attributes.source }
    package var time: Instant { attributes.time }
    /// The aggregate's version after the event.
    package var version: Int64 { attributes.aggregateversion }

    /// Reads the attributes of a published event.
    ///
    /// - Throws: `DecodingError` if it is no event of ours.
    package init(partition: Int32, rawData: [UInt8]) throws {
        attributes = try JSONDecoder().decode(EventAttributes.self, from: Data(rawData))
        guard let key = UUID(uuidString: attributes.partitionkey) else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "the partition key is no id"))
        }
        self.key = key
        self.partition = partition
        self.rawData = rawData
    }

    /// Reads the data as what the event's type says it is.
    ///
    /// - Throws: `DecodingError`, which parks the event.
    package func data<T: Decodable & Sendable>(as type: T.Type) throws -> T {
        try JSONDecoder().decode(EventEnvelope<T>.self, from: Data(rawData)).data
    }
}

/// An event with the place where it was read.
package struct ReadEvent: Sendable {
    package let event: IncomingEvent
    package let offset: Int64

    /// Joins an event with its place.
    package init(event: IncomingEvent, offset: Int64) {
        self.event = event
        self.offset = offset
    }

    /// What decides whether it is the next one.
    package var place: EventPlace {
        let attributes = event.attributes
        return EventPlace(
            sequence: attributes.sequence, id: attributes.id, previous: attributes.previous, offset: offset)
    }
}
