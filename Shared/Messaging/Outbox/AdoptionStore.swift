package import AuditTrail
package import ContractCore
package import Flow
import FoundationEssentials
package import Postgres
package import Vocabulary

/// The statements by which a source takes over what it told and forgot.
///
/// Those that write are to be fenced in the same transaction.
package enum AdoptionStore {

    /// Makes a part of what was told of a partition part of the outbox again.
    ///
    /// Our own events under the numbers of those were never sent: they are written again behind them. While a gap is open
    /// the recorded offset stays, so that whoever goes on begins before it.
    package static func adopt(
        _ told: [ToldEvent], at place: Positions.Place, open: EventPlace?, isWhole: Bool, corrects: Bool,
        audit: AuditEntry, in session: borrowing Session
    ) throws -> Adoption {
        try session.execute(
            """
            SELECT FROM outbox_head WHERE source = \(place.source.rawValue) AND partition = \(place.partition)
            FOR UPDATE
            """)
        let sent = try OutboxStore.sent([place.partition], of: place.source, in: session).first?.sequence ?? 0
        let plan = Adoption(
            told.map(\.place), known: try numbers(of: told.map(\.place) + [open].compactMap(\.self), in: session),
            sent: sent, isWhole: isWhole, open: open)
        if let first = plan.adopted.first {
            let ids = Set(plan.adopted.map(\.id))
            var seen: Set<EventID> = []
            let events = told.filter { ids.contains($0.attributes.id) && seen.insert($0.attributes.id).inserted }
            let displaced = try takeOut(place, from: first.sequence, in: session)
            try Audit.record(audit, in: session)
            try insert(events, at: place, audit: audit.id, in: session)
            try session.execute(
                """
                INSERT INTO outbox_adopted (event_id) SELECT unnest(\(events.map(\.attributes.id.uuid)))
                ON CONFLICT DO NOTHING
                """)
            try putBehind(displaced, at: place, after: plan.reached, in: session)
            if corrects { try note(events, at: place, in: session) }
        }
        if let offset = plan.offset {
            try session.execute(
                """
                UPDATE outbox_relay SET sequence = greatest(sequence, \(plan.reached)),
                    kafka_offset = CASE WHEN \(plan.gap == nil) THEN \(offset) ELSE kafka_offset END
                WHERE source = \(place.source.rawValue) AND partition = \(place.partition)
                """)
        }
        return plan
    }

    private static func numbers(
        of told: [EventPlace], in session: borrowing Session
    ) throws -> [EventID: Int64] {
        let ids = Set(told.map(\.id)).union(told.compactMap(\.previous)).map(\.uuid)
        let rows = try session.query("SELECT event_id, sequence FROM outbox WHERE event_id = ANY (\(ids))")
        return try Dictionary(rows.map { try $0.decode(EventID.self, Int64.self) }) { first, _ in first }
    }

    private struct Displaced {
        let sequence: Int64
        let id: UUID
        let key: UUID
        let type: String
        let audit: UUID
        let envelope: String
        let at: Instant
    }

    private static func takeOut(
        _ place: Positions.Place, from first: Int64, in session: borrowing Session
    ) throws -> [Displaced] {
        try session.query(
            """
            DELETE FROM outbox
            WHERE source = \(place.source.rawValue) AND partition = \(place.partition) AND sequence >= \(first)
            RETURNING sequence, event_id, key, type, audit_id, envelope, appended_at
            """
        ).map { row in
            let (sequence, id, key, type, audit, envelope, at) = try row.decode(
                Int64.self, UUID.self, UUID.self, String.self, UUID.self, String.self, Instant.self)
            return Displaced(
                sequence: sequence, id: id, key: key, type: type, audit: audit, envelope: envelope, at: at)
        }.sorted { $0.sequence < $1.sequence }
    }

    private static func insert(
        _ events: [ToldEvent], at place: Positions.Place, audit: AuditID, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            INSERT INTO outbox (source, partition, sequence, event_id, previous_id, key, type, audit_id, envelope)
            SELECT \(place.source.rawValue), \(place.partition), sequence, event_id, previous_id, key, type, \(audit), envelope
            FROM unnest(\(events.map(\.attributes.sequence)), \(events.map(\.attributes.id.uuid)),
                    \(events.map { $0.attributes.previous?.uuid }), \(events.map(\.key)),
                    \(events.map(\.attributes.type)), \(events.map(\.envelope)))
                AS event (sequence, event_id, previous_id, key, type, envelope)
            """)
    }

    /// Writes events again under the numbers behind `last`, and moves the head to the last of all.
    private static func putBehind(
        _ displaced: [Displaced], at place: Positions.Place, after last: Int64, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            INSERT INTO outbox
                (source, partition, sequence, event_id, previous_id, key, type, audit_id, envelope, appended_at)
            SELECT \(place.source.rawValue), \(place.partition), sequence, event_id, previous_id, key, type, audit_id,
                jsonb_set(
                    jsonb_set(envelope::jsonb, '{sequence}', to_jsonb(lpad(sequence::text, 19, '0'))),
                    '{previous}', to_jsonb(previous_id))::text,
                appended_at
            FROM (
                SELECT \(last) + number AS sequence, event_id, coalesce(
                        lag(event_id) OVER (ORDER BY number),
                        (SELECT event_id FROM outbox WHERE source = \(place.source.rawValue)
                            AND partition = \(place.partition) AND sequence = \(last))
                    ) AS previous_id, key, type, audit_id, envelope, appended_at
                FROM unnest(\(displaced.map(\.id)), \(displaced.map(\.key)), \(displaced.map(\.type)),
                        \(displaced.map(\.audit)), \(displaced.map(\.envelope)), \(displaced.map(\.at)))
                    WITH ORDINALITY AS event (event_id, key, type, audit_id, envelope, appended_at, number)
            ) AS behind
            """)
        try session.execute(
            """
            UPDATE outbox_head SET sequence = last.sequence, event_id = last.event_id, before_id = last.previous_id
            FROM (
                SELECT sequence, event_id, previous_id FROM outbox
                WHERE source = \(place.source.rawValue) AND partition = \(place.partition)
                ORDER BY sequence DESC LIMIT 1
            ) AS last
            WHERE outbox_head.source = \(place.source.rawValue) AND outbox_head.partition = \(place.partition)
            """)
    }

    // MARK: - What is in doubt

    /// Takes note that others were told more of a partition than the database knows, or that this is over.
    package static func doubt(
        _ partition: Int32, of source: EventSource, _ isDoubted: Bool, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            UPDATE outbox_relay SET doubted = \(isDoubted)
            WHERE source = \(source.rawValue) AND partition = \(partition) AND doubted <> \(isDoubted)
            """)
    }

    /// Which of some partitions are in doubt.
    package static func doubted(
        _ partitions: [Int32], of source: EventSource, in session: borrowing Session
    ) throws -> Set<Int32> {
        Set(
            try session.query(
                """
                SELECT partition FROM outbox_relay
                WHERE source = \(source.rawValue) AND partition = ANY (\(partitions)) AND doubted
                """
            ).map { try $0.decode(Int32.self) })
    }

    /// Whether the service's own facts are in doubt, since its database went back in time.
    package static func areOwnFactsInDoubt(in session: borrowing Session) throws -> Bool {
        try session.first("SELECT EXISTS (SELECT FROM outbox_relay WHERE doubted)")?.decode(Bool.self) ?? true
    }

    // MARK: - What is to be corrected

    private static func note(
        _ events: [ToldEvent], at place: Positions.Place, in session: borrowing Session
    ) throws {
        var latest: [UUID: ToldAggregate] = [:]
        for event in events {
            let version = event.attributes.aggregateversion
            if let known = latest[event.key], known.version > version { continue }
            latest[event.key] = ToldAggregate(
                kind: kind(event.attributes.type), key: event.key, version: version, envelope: event.envelope)
        }
        let told = latest.values.sorted { $0.key < $1.key }
        try session.execute(
            """
            INSERT INTO outbox_told AS known (source, partition, key, kind, version, envelope)
            SELECT \(place.source.rawValue), \(place.partition), key, kind, version, envelope
            FROM unnest(\(told.map(\.key)), \(told.map(\.kind)), \(told.map(\.version)), \(told.map(\.envelope)))
                AS told (key, kind, version, envelope)
            ON CONFLICT (source, key) DO UPDATE
                SET kind = excluded.kind, version = excluded.version, envelope = excluded.envelope
                WHERE excluded.version >= known.version
            """)
    }

    private static func kind(_ type: String) -> String {
        type.lastIndex(of: ".").map { String(type[..<$0]) } ?? type
    }

    /// Some of a partition's aggregates that are to be corrected; none when all are.
    package static func uncorrected(
        _ place: Positions.Place, limit: Int, in session: borrowing Session
    ) throws -> [ToldAggregate] {
        try session.query(
            """
            SELECT kind, key, version, envelope FROM outbox_told
            WHERE source = \(place.source.rawValue) AND partition = \(place.partition)
            ORDER BY key LIMIT \(limit) FOR UPDATE
            """
        ).map { row in
            let (kind, key, version, envelope) = try row.decode(String.self, UUID.self, Int64.self, String.self)
            return ToldAggregate(kind: kind, key: key, version: version, envelope: envelope)
        }
    }

    /// Takes note of corrections.
    package static func corrected(
        _ told: [ToldAggregate], of source: EventSource, in session: borrowing Session
    ) throws {
        try session.execute(
            "DELETE FROM outbox_told WHERE source = \(source.rawValue) AND key = ANY (\(told.map(\.key)))")
    }

    /// Whether some partitions have aggregates to be corrected, whoever took them over.
    package static func uncorrectedPartitions(
        _ partitions: [Int32], of source: EventSource, in session: borrowing Session
    ) throws -> Set<Int32> {
        Set(
            try session.query(
                """
                SELECT DISTINCT partition FROM outbox_told
                WHERE source = \(source.rawValue) AND partition = ANY (\(partitions))
                """
            ).map { try $0.decode(Int32.self) })
    }
}

/// The statements about restorations that were noticed.
package enum RestorationStore {
    /// Writes down that the database went back in time; once, until that is settled.
    package static func begin(at now: Instant, in session: borrowing Session) throws {
        try session.execute(
            """
            INSERT INTO outbox_restoration (found_at)
            SELECT \(now) WHERE NOT EXISTS (SELECT FROM outbox_restoration WHERE settled_at IS NULL)
            ON CONFLICT DO NOTHING
            """)
    }

    /// When a restoration was noticed that is not settled; nil when there is none.
    package static func unsettled(in session: borrowing Session) throws -> Instant? {
        try session.first("SELECT found_at FROM outbox_restoration WHERE settled_at IS NULL")?.decode(Instant.self)
    }

    /// Writes down that a restoration is settled.
    package static func settle(_ found: Instant, at now: Instant, in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE outbox_restoration SET settled_at = greatest(\(now), found_at)
            WHERE found_at = \(found) AND settled_at IS NULL
            """)
    }

    /// When the last restoration was noticed; nil when there was none.
    package static func last(in session: borrowing Session) throws -> Instant? {
        try session.first("SELECT max(found_at) FROM outbox_restoration")?.decode(Instant?.self) ?? nil
    }
}
