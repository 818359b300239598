package import FoundationEssentials
package import Vocabulary

/// The attributes of an event: CloudEvents 1.0 in JSON structured mode, with the extensions that order and trace it.
package struct EventAttributes: Codable, Sendable, Hashable {
    /// Unique for ever; ordered by time.
    package let id: EventID
    /// The name, such as `mandate.stopped`, which an event writes as `be.toegang.mandate.stopped`.
    ///
    /// A type of somebody else keeps its whole name.
    package let type: String
    package let source: EventSource
    /// The id of the installation that published it; what another installation says has no effect.
    package let environment: EnvironmentID
    /// `<aggregate>/<id>`, such as `mandate/0198…`.
    package let subject: String
    /// When the fact was decided.
    package let time: Instant
    /// The address of the form of `data`: `https://toegang.be/schemas/events/<type>/<version>`.
    package let dataschema: String
    /// The aggregate's id, whose hash picks the partition.
    package let partitionkey: String
    /// The number of the event in its partition: from 1, without gaps, in the order of commits.
    package let sequence: Int64
    /// The event before it in the partition; nil for the first.
    package let previous: EventID?
    /// The version of the aggregate that this event made.
    package let aggregateversion: Int64
    package let traceparent: TraceContext
    /// The same for everything that one request of a person led to.
    package let correlationid: String
    /// The id of the event or command that led to this one.
    package let causationid: String?

    /// Who published it.
    package var origin: EventOrigin { EventOrigin(source: source, environment: environment) }

    /// Describes an event.
    package init(
        id: EventID, type: String, source: EventSource, environment: EnvironmentID, subject: String, time: Instant,
        dataVersion: Int,
        key: UUID, sequence: Int64, previous: EventID?, aggregateVersion: Int64, trace: TraceContext,
        correlationID: String, causationID: String?
    ) {
        self.id = id
        self.type = type
        self.source = source
        self.environment = environment
        self.subject = subject
        self.time = time
        self.dataschema = Self.schemas + "\(type)/\(dataVersion)"
        self.partitionkey = key.uuidString.lowercased()
        self.sequence = sequence
        self.previous = previous
        self.aggregateversion = aggregateVersion
        self.traceparent = trace
        self.correlationid = correlationID
        self.causationid = causationID
    }

    /// What stands before a type's name: the reverse of the domain that says what it means.
    private static let typePrefix = "be.toegang."
    /// What stands before the name and version of a form of data.
    private static let schemas = "https://toegang.be/schemas/events/"

    private enum Keys: String, CodingKey {
        case specversion, id, type, source, subject, time, datacontenttype, dataschema, partitionkey, sequence,
            previous, aggregateversion, traceparent, correlationid, causationid
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        guard try container.decode(String.self, forKey: .specversion) == "1.0" else {
            throw DecodingError.dataCorruptedError(
                forKey: .specversion, in: container, debugDescription: "not CloudEvents 1.0")
        }
        id = try container.decode(EventID.self, forKey: .id)
        let type = try container.decode(String.self, forKey: .type)
        self.type = type.hasPrefix(Self.typePrefix) ? String(type.dropFirst(Self.typePrefix.count)) : type
        let origin = try container.decode(EventOrigin.self, forKey: .source)
        (source, environment) = (origin.source, origin.environment)
        subject = try container.decode(String.self, forKey: .subject)
        time = try container.decode(Instant.self, forKey: .time)
        dataschema = try container.decode(String.self, forKey: .dataschema)
        partitionkey = try container.decode(String.self, forKey: .partitionkey)
        sequence = try Self.number(container, .sequence)
        previous = try container.decodeIfPresent(EventID.self, forKey: .previous)
        aggregateversion = try Self.number(container, .aggregateversion)
        traceparent = try container.decode(TraceContext.self, forKey: .traceparent)
        correlationid = try container.decode(String.self, forKey: .correlationid)
        causationid = try container.decodeIfPresent(String.self, forKey: .causationid)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode("1.0", forKey: .specversion)
        try container.encode(id, forKey: .id)
        try container.encode(Self.typePrefix + type, forKey: .type)
        try container.encode(origin, forKey: .source)
        try container.encode(subject, forKey: .subject)
        try container.encode(time, forKey: .time)
        try container.encode("application/json", forKey: .datacontenttype)
        try container.encode(dataschema, forKey: .dataschema)
        try container.encode(partitionkey, forKey: .partitionkey)
        try container.encode(Self.text(sequence), forKey: .sequence)
        try container.encodeIfPresent(previous, forKey: .previous)
        try container.encode(Self.text(aggregateversion), forKey: .aggregateversion)
        try container.encode(traceparent, forKey: .traceparent)
        try container.encode(correlationid, forKey: .correlationid)
        try container.encodeIfPresent(causationid, forKey: .causationid)
    }

    /// CloudEvents integers have 32 bits, so long numbers travel as text, padded so that text order is number order.
    private static func text(_ number: Int64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 19 - digits.utf8.count)) + digits
    }

    private static func number(_ container: KeyedDecodingContainer<Keys>, _ key: Keys) throws -> Int64 {
        guard let number = Int64(try container.decode(String.self, forKey: key)), number > 0 else {
            throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "not a number from 1")
        }
        return number
    }
}

/// A whole event: its attributes, and its data beside them.
package struct EventEnvelope<Payload> {
    package let attributes: EventAttributes
    package let data: Payload

    /// Puts an event together.
    package init(attributes: EventAttributes, data: Payload) {
        self.attributes = attributes
        self.data = data
    }

    fileprivate enum DataKey: String, CodingKey { case data }
}

extension EventEnvelope: Sendable where Payload: Sendable {}

extension EventEnvelope: Encodable where Payload: Encodable {
    package func encode(to encoder: any Encoder) throws {
        try attributes.encode(to: encoder)
        var container = encoder.container(keyedBy: DataKey.self)
        try container.encode(data, forKey: .data)
    }
}

extension EventEnvelope: Decodable where Payload: Decodable {
    package init(from decoder: any Decoder) throws {
        attributes = try EventAttributes(from: decoder)
        data = try decoder.container(keyedBy: DataKey.self).decode(Payload.self, forKey: .data)
    }
}

/// The partition in which the events of an aggregate lie.
package enum EventPartition {
    /// FNV-1a with 64 bits over the 16 bytes of the id, modulo the number of partitions; contract, never to change.
    package static func of(_ key: UUID) -> Int32 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        withUnsafeBytes(of: key.uuid) { bytes in
            for byte in bytes {
                hash ^= UInt64(byte)
                hash = hash &* 0x100_0000_01b3
            }
        }
        return Int32(hash % UInt64(Topic.partitions))
    }
}
