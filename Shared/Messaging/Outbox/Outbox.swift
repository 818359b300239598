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
package struct Outbox: Sendable {
    package let source: EventSource
    /// The installation that the events say they are of.
    package let environment: EnvironmentID
    /// Raised after each commit; the relay listens to it.
    package let signal = Signal()

    /// The outbox of a source; its topic is the contract's.
    package init(source: EventSource, environment: EnvironmentID) {
        self.source = source
        self.environment = environment
    }

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
    package func wake() { signal.raise() }

    /// Writes events and the record of the act that caused them.
    ///
    /// - Parameters:
    ///   - drafts: At most 256.
    ///   - audit: The act; each event refers to it.
    ///   - context: Where the events come from.
    ///   - session: The transaction of the facts.
    /// - Returns: The places of the events, for `Toegang-Position`.
    /// - Throws: `PostgresError`; `EncodingError` for data that is no JSON.
    @discardableResult
    package func append(
        _ drafts: [EventDraft], audit: AuditEntry, context: EventContext, in session: borrowing Session
    ) throws -> Positions {
        precondition(drafts.count <= 256, "bulk work commits in chunks, so that no head stays locked for long")
        let staged = Dictionary(
            grouping: drafts.map { Staged(draft: $0, id: EventID(context.newID())) }, by: \.partition
        )
        .sorted { $0.key < $1.key }
        let heads = try session.pipeline([Audit.insert(audit)] + staged.compactMap(Self.takeNumbers)).dropFirst()
        var rows = OutboxRows()
        var positions = Positions()
        for ((partition, events), head) in zip(staged, heads) {
            guard let (last, before) = try head.first?.decode(Int64.self, UUID?.self) else {
                throw OutboxIncomplete(partition: partition)
            }
            var previous = before.map(EventID.init)
            for (event, sequence) in zip(events, (last - Int64(events.count) + 1)...last) {
                let place = OutboxRows.Place(partition: partition, sequence: sequence, previous: previous)
                try rows.add(event, at: place, of: origin, context: context)
                previous = event.id
            }
            positions.advance(Positions.Place(source, partition), to: last)
        }
        if !drafts.isEmpty { try session.execute(rows.insert(audit: audit.id)) }
        return positions
    }

    /// The head rows are locked in ascending order of partition, so two transactions cannot wait for each other.
    private static func takeNumbers(_ partition: Int32, _ events: [Staged]) -> SQL? {
        guard let last = events.last else { return nil }
        return """
            UPDATE outbox_head SET sequence = sequence + \(Int64(events.count)), before_id = event_id,
                event_id = \(last.id)
            WHERE partition = \(partition) RETURNING sequence, before_id
            """
    }
}

/// An event that has its id and not yet its number.
struct Staged: Sendable {
    let draft: EventDraft
    let id: EventID
    var partition: Int32 { EventPartition.of(draft.key) }
}

/// The rows of one `append`, as columns.
private struct OutboxRows {
    struct Place {
        let partition: Int32
        let sequence: Int64
        let previous: EventID?
    }

    private var partitions: [Int32] = []
    private var sequences: [Int64] = []
    private var ids: [UUID] = []
    private var previous: [UUID?] = []
    private var keys: [UUID] = []
    private var types: [String] = []
    private var envelopes: [String] = []

    mutating func add(_ event: Staged, at place: Place, of origin: EventOrigin, context: EventContext) throws {
        let draft = event.draft
        let attributes = EventAttributes(
            id: event.id, type: draft.type, source: origin.source, environment: origin.environment,
            subject: "\(draft.aggregate)/\(draft.key.uuidString.lowercased())", time: context.time,
            dataVersion: draft.dataVersion, key: draft.key, sequence: place.sequence, previous: place.previous,
            aggregateVersion: draft.version, trace: context.trace, correlationID: context.correlationID,
            causationID: context.causationID)
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
        INSERT INTO outbox (partition, sequence, event_id, previous_id, key, type, audit_id, envelope)
        SELECT partition, sequence, event_id, previous_id, key, type, \(audit), envelope
        FROM unnest(\(partitions), \(sequences), \(ids), \(previous), \(keys), \(types), \(envelopes))
            AS event (partition, sequence, event_id, previous_id, key, type, envelope)
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
    package let partition: Int32

    package var description: String { "outbox_head has no row for partition \(partition)" }
}
