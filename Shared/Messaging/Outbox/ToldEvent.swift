package import ContractCore
package import Flow
package import FoundationEssentials
package import Vocabulary

/// An event of ours as it lies in the broker's log: others know it.
package struct ToldEvent: Sendable {
    package let attributes: EventAttributes
    /// The aggregate's id.
    package let key: UUID
    /// The exact text that was published.
    package let envelope: String
    /// Where it lies.
    package let offset: Int64

    /// Reads a published event.
    ///
    /// - Throws: `DecodingError` if it is no event of ours.
    package init(value: [UInt8], offset: Int64) throws {
        attributes = try JSONDecoder().decode(EventAttributes.self, from: Data(value))
        guard let key = UUID(uuidString: attributes.partitionkey) else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "the partition key is no id"))
        }
        self.key = key
        envelope = String(decoding: value, as: UTF8.self)
        self.offset = offset
    }

    /// What decides whether it is to be taken over.
    package var place: EventPlace {
        EventPlace(
            sequence: attributes.sequence, id: attributes.id, previous: attributes.previous, offset: offset)
    }
}

/// What was told last of an aggregate, by events that the database did not know.
package struct ToldAggregate: Hashable, Sendable {
    /// What its events are called before the last dot, such as `mandate`.
    package let kind: String
    package let key: UUID
    /// The highest version that was told.
    package let version: Int64
    /// What told that version, as it was published.
    package let envelope: String

    /// Describes what was told.
    package init(kind: String, key: UUID, version: Int64, envelope: String) {
        self.kind = kind
        self.key = key
        self.version = version
        self.envelope = envelope
    }

    /// When what was told last happened.
    ///
    /// - Throws: `DecodingError` if it is no event of ours.
    package var happenedAt: Instant {
        get throws { try JSONDecoder().decode(EventAttributes.self, from: Data(envelope.utf8)).time }
    }

    /// The state that was told last; nil when it was taken back by then.
    ///
    /// - Throws: `DecodingError` if that is no state of this kind.
    package func state<State: Decodable & Sendable>(as type: State.Type) throws -> State? {
        let (data, decoder) = (Data(envelope.utf8), JSONDecoder())
        guard try decoder.decode(EventAttributes.self, from: data).type != "\(kind).voided" else { return nil }
        return try decoder.decode(EventEnvelope<State>.self, from: data).data
    }

    /// The version of a correction: higher than what was told, and than what the database has.
    package func next(over own: Int64) -> Int64 { max(version, own).saturatingAdding(1) }

    /// The event that takes it back.
    package var voided: EventDraft {
        let version = next(over: 0)
        return EventDraft(
            type: "\(kind).voided", key: key, aggregate: kind, version: version,
            data: VoidedState(id: Identifier(key), version: version))
    }
}
