import ContractCore
package import Postgres
package import Vocabulary

/// What a service's database says of the times at which it had gone back to a backup.
package struct RestorationReport: Sendable, Equatable {
    /// A time at which that was noticed.
    package struct Restoration: Sendable, Equatable {
        package let found: Instant
        /// When what had come back to life with the database was ended; nil while it is not.
        package let settled: Instant?
    }

    /// Events of one type.
    package struct Events: Sendable, Equatable {
        package let source: String
        package let type: String
        package let count: Int64
    }

    package let restorations: [Restoration]
    /// What others had been told and the database did not have: it was taken over from the log.
    package let takenOver: [Events]
    /// By what it was corrected.
    package let corrections: [Events]
    /// How many things are still to be corrected.
    package let waiting: Int64

    /// Reads it; the events of all restorations together.
    package static func read(in session: borrowing Session) throws -> RestorationReport {
        let restorations = try session.query(
            "SELECT found_at, settled_at FROM outbox_restoration ORDER BY found_at"
        ).map { row in
            let (found, settled) = try row.decode(Instant.self, Instant?.self)
            return Restoration(found: found, settled: settled)
        }
        return RestorationReport(
            restorations: restorations,
            takenOver: try events(
                """
                SELECT source, type, count(*) FROM outbox_adopted JOIN outbox USING (event_id)
                GROUP BY source, type ORDER BY source, type
                """, in: session),
            corrections: try events(
                """
                SELECT source, type, count(*) FROM outbox
                WHERE type ~ '[.](restated|voided)$'
                    AND NOT EXISTS (SELECT FROM outbox_adopted WHERE outbox_adopted.event_id = outbox.event_id)
                GROUP BY source, type ORDER BY source, type
                """, in: session),
            waiting: try session.first("SELECT count(*) FROM outbox_told")?.decode(Int64.self) ?? 0)
    }

    private static func events(_ counted: SQL, in session: borrowing Session) throws -> [Events] {
        try session.query(counted).map { row in
            let (source, type, count) = try row.decode(String.self, String.self, Int64.self)
            return Events(source: source, type: type, count: count)
        }
    }

    /// What others had been told and the database did not have, a line an event: when it happened, what, of which thing.
    package static func lost(in session: borrowing Session) throws -> [String] {
        try session.query(
            """
            SELECT event.envelope::jsonb->>'time', event.type, event.key
            FROM outbox_adopted JOIN outbox AS event USING (event_id)
            ORDER BY event.envelope::jsonb->>'time', event.source, event.partition, event.sequence
            """
        ).map { row in
            let (time, type, key) = try row.decode(String.self, String.self, Identifier<LostThing>.self)
            return "\(time)  \(type)  \(key)"
        }
    }

    /// As lines to read.
    package var lines: [String] {
        guard !restorations.isEmpty || !takenOver.isEmpty else {
            return ["It was never noticed that this database had gone back to a backup."]
        }
        return restorations.map(Self.line) + Self.lines("Told to others, lost, and taken over from the log", takenOver)
            + Self.lines("Corrected since", corrections)
            + [waiting == 0 ? "Nothing waits to be corrected." : "Still to be corrected: \(waiting)."]
    }

    private static func line(_ restoration: Restoration) -> String {
        let settled = restoration.settled.map { "what had come back to life was ended \($0)" }
        return "Noticed \(restoration.found); \(settled ?? "what came back to life is not ended yet")."
    }

    private static func lines(_ title: String, _ events: [Events]) -> [String] {
        guard !events.isEmpty else { return ["\(title): nothing."] }
        return ["\(title):"] + events.map { "  \($0.source)  \($0.type)  \($0.count)" }
    }
}

/// Whatever an event speaks of.
private enum LostThing {}
