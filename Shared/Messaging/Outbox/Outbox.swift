package import Async
package import AuditTrail
package import ContractCore
import FoundationEssentials
package import Postgres
import Vocabulary

/// Where a service writes its events, in the transaction of the facts.
///
/// The numbers of a partition come from its head row, whose lock is held until commit: they are in the order of commits
/// and have no gaps. So `append` is the last statement of a transaction, and called once in it.
///
/// A service may publish a second stream: facts of another life and for other readers than its own, told in the same
/// transactions.
package struct Outbox: Sendable {
    package let source: EventSource
    /// The installation that the events say they are of.
    package let environment: EnvironmentID
    /// How long events are kept after they were sent; nil for ever.
    package let keeping: Duration?
    /// The other streams of the service.
    package let beside: [Outbox]
    /// Raised after each commit; the relay of the source listens to it.
    package let signal = Signal()

    /// The outbox of a source; its topic is the contract's.
    package init(
        source: EventSource, environment: EnvironmentID, keeping: Duration? = nil, beside: [Outbox] = []
    ) {
        self.source = source
        self.environment = environment
        self.keeping = keeping
        self.beside = beside
    }

    /// All streams of the service, its own first; each has a relay.
    package var streams: [Outbox] { [self] + beside }

    /// Who publishes what is written here.
    package var origin: EventOrigin { EventOrigin(source: source, environment: environment) }

    /// Runs a transaction that appends events, and has them sent as soon as it is committed.
    package func transaction<R: Sendable>(
        on database: Database, _ body: @Sendable (borrowing Session) throws -> R
    ) async throws -> R {
        let result = try await database.transaction(body)
        wake()
        return result
    }

    /// Has what was committed sent now; without it, it is sent within half a second.
    package func wake() {
        for stream in streams { stream.signal.raise() }
    }

    /// Writes events and the record of the act that caused them.
    ///
    /// - Parameters:
    ///   - drafts: At most 256.
    ///   - audit: The act; each event refers to it, and has its time, trace and request.
    ///   - session: The transaction of the facts.
    /// - Returns: The places of the events of the service's own stream, for `Toegang-Position`.
    /// - Throws: `PostgresError`; `EncodingError` for data that is no JSON.
    @discardableResult
    package func append(
        _ drafts: [EventDraft], audit: AuditEntry, in session: borrowing Session
    ) throws -> Positions {
        precondition(drafts.count <= 256, "bulk work commits in chunks, so that no head stays locked for long")
        let staged = Dictionary(
            grouping: drafts.map { Staged(draft: $0, id: EventID(audit.occasion.newID()), own: source) }, by: \.place
        )
        .sorted { $0.key < $1.key }
        let heads = try session.pipeline([Audit.insert(audit)] + staged.compactMap(Self.takeNumbers)).dropFirst()
        var rows = OutboxRows()
        var positions = Positions()
        for ((lane, events), head) in zip(staged, heads) {
            guard let (last, before) = try head.first?.decode(Int64.self, UUID?.self) else {
                throw OutboxIncomplete(place: lane)
            }
            let origin = EventOrigin(source: lane.source, environment: environment)
            var previous = before.map(EventID.init)
            for (event, sequence) in zip(events, (last - Int64(events.count) + 1)...last) {
                let place = OutboxRows.Place(partition: lane.partition, sequence: sequence, previous: previous)
                try rows.add(event, at: place, of: origin, on: audit.occasion)
                previous = event.id
            }
            if lane.source == source { positions.advance(lane, to: last) }
        }
        if !drafts.isEmpty { try session.execute(rows.insert(audit: audit.id)) }
        return positions
    }

    /// The head rows are locked in ascending order, so two transactions cannot wait for each other.
    private static func takeNumbers(_ place: Positions.Place, _ events: [Staged]) -> SQL? {
        guard let last = events.last else { return nil }
        return """
            UPDATE outbox_head SET sequence = sequence + \(Int64(events.count)), before_id = event_id,
                event_id = \(last.id)
            WHERE source = \(place.source.rawValue) AND partition = \(place.partition)
            RETURNING sequence, before_id
            """
    }
}

/// An event that has its id and not yet its number.
struct Staged: Sendable {
    let draft: EventDraft
    let id: EventID
    /// The source of the service itself.
    let own: EventSource
    var place: Positions.Place { Positions.Place(draft.stream ?? own, EventPartition.of(draft.key)) }
}

/// The rows of one `append`, as columns.
private struct OutboxRows {
    struct Place {
        let partition: Int32
        let sequence: Int64
        let previous: EventID?
    }

    private var sources: [String] = []
    private var partitions: [Int32] = []
    private var sequences: [Int64] = []
    private var ids: [UUID] = []
    private var previous: [UUID?] = []
    private var keys: [UUID] = []
    private var types: [String] = []
    private var envelopes: [String] = []

    mutating func add(_ event: Staged, at place: Place, of origin: EventOrigin, on occasion: Occasion) throws {
        let draft = event.draft
        let attributes = EventAttributes(
            id: event.id, type: draft.type, source: origin.source, environment: origin.environment,
            subject: "\(draft.aggregate)/\(draft.key.uuidString.lowercased())", time: occasion.time,
            dataVersion: draft.dataVersion, key: draft.key, sequence: place.sequence, previous: place.previous,
            aggregateVersion: draft.version, trace: occasion.trace, correlationID: occasion.requestID,
            causationID: occasion.causationID)
        sources.append(origin.source.rawValue)
        partitions.append(place.partition)
        sequences.append(place.sequence)
        ids.append(event.id.uuid)
        previous.append(place.previous?.uuid)
        keys.append(draft.key)
        types.append(draft.type)
        envelopes.append(try Self.encode(draft.data, attributes))
    }

    func insert(audit: AuditID) -> SQL {
        """
        INSERT INTO outbox (source, partition, sequence, event_id, previous_id, key, type, audit_id, envelope)
        SELECT source, partition, sequence, event_id, previous_id, key, type, \(audit), envelope
        FROM unnest(
                \(sources), \(partitions), \(sequences), \(ids), \(previous), \(keys), \(types), \(envelopes))
            AS event (source, partition, sequence, event_id, previous_id, key, type, envelope)
        """
    }

    private static func encode(_ data: some Encodable & Sendable, _ attributes: EventAttributes) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = try encoder.encode(EventEnvelope(attributes: attributes, data: data))
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The outbox has no head for a partition: its migration did not come to its end.
package struct OutboxIncomplete: Error, Sendable, CustomStringConvertible {
    package let place: Positions.Place

    package var description: String {
        "outbox_head has no row for partition \(place.partition) of \(place.source.rawValue)"
    }
}
