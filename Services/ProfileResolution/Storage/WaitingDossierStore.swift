import Postgres
import Vocabulary
import Waiting

/// A dossier that is nobody's own yet, as it lies in its row; the name is sealed.
struct StoredWaitingDossier: Sendable {
    let id: DossierID
    let sealedName: [UInt8]
}

/// Dossiers whose number and last name are not known to be of one person, in the database.
enum WaitingDossierStore {
    static let table = WaitingTable("waiting_dossier")

    /// What waits, for whoever runs the service.
    static let waiting = WaitingList(
        of: table, kind: "dossier",
        facts: "(SELECT kind || coalesce(', ' || profession, '') FROM dossier WHERE dossier.id = waiting_dossier.id)",
        since: "delivered_at", until: "NULL::timestamptz", source: "'a file'")

    /// What waits for a person; nobody else changes it until the transaction ends.
    static func hold(for person: PersonID, in session: borrowing Session) throws -> [StoredWaitingDossier] {
        // The dossier is locked first, as by an import.
        try session.query(
            """
            SELECT waiting.id, waiting.last_name FROM waiting_dossier AS waiting JOIN dossier ON dossier.id = waiting.id
            WHERE waiting.person_id = \(person) ORDER BY waiting.id FOR NO KEY UPDATE OF dossier, waiting
            """
        ).map { row in
            let (id, sealedName) = try row.decode(DossierID.self, [UInt8].self)
            return StoredWaitingDossier(id: id, sealedName: sealedName)
        }
    }

    /// A dossier is its person's own from now on, and waits no longer.
    static func confirm(_ id: DossierID, in session: borrowing Session) throws {
        try table.remove(id.uuid, in: session)
        try session.execute("UPDATE dossier SET is_hers = true WHERE id = \(id)")
    }

    /// Writes down that dossiers wait, each under the name that was delivered last.
    static func wait(
        _ dossiers: [(id: DossierID, person: PersonID, sealedName: [UInt8])], at time: Instant,
        in session: borrowing Session
    ) throws {
        guard !dossiers.isEmpty else { return }
        try session.pipeline(
            dossiers.map { dossier in
                """
                INSERT INTO waiting_dossier (id, person_id, last_name, delivered_at)
                VALUES (\(dossier.id), \(dossier.person), \(dossier.sealedName), \(time))
                ON CONFLICT (id) DO UPDATE SET last_name = excluded.last_name, delivered_at = excluded.delivered_at
                """
            })
    }
}
