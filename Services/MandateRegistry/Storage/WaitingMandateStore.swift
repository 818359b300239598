import MandateRegistryDomain
import Postgres
import Vocabulary
import Waiting

/// A waiting mandate as it lies in its row; the name is sealed.
struct StoredWaitingMandate: Sendable {
    let id: MandateID
    let terms: Mandate.Terms
    let sealedName: [UInt8]
    let until: Instant

    /// The waiting mandate, with its name.
    ///
    /// - Throws: what is wrong with the sealed name.
    func opened(with names: NameSeal) throws -> WaitingMandate {
        let lastName = try names.open(sealedName, of: id)
        guard let waiting = WaitingMandate(id: id, terms: terms, lastName: lastName, until: until) else {
            throw StoredValueError("waiting_mandate", row: "\(id)")
        }
        return waiting
    }
}

/// Waiting mandates in the database.
enum WaitingMandateStore {
    static let table = WaitingTable("waiting_mandate")

    /// What waits, for whoever runs the service.
    static let waiting = WaitingList(
        of: table, kind: "mandate", facts: "'grantor ' || grantor_person || ', ' || type", since: "delivered_at",
        source: "'a file'")

    private static let columns: SQL = """
        id, grantor_person, grantor_dossier, grantor_profession, person_id, type, starts_on, ends_on, last_name,
        waits_until
        """

    /// What waits for a person from a dossier and of a type; its rows are locked.
    ///
    /// Until the transaction ends nobody else delivers her such a mandate, so that it waits once however many deliver it
    /// at once.
    static func hold(
        for person: PersonID, from dossier: DossierID, type: MandateType, in session: borrowing Session
    ) throws -> [StoredWaitingMandate] {
        try session.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(\("\(person) \(dossier) \(type.rawValue)"), 0))")
        return try session.query(
            """
            SELECT \(fragment: columns) FROM waiting_mandate
            WHERE person_id = \(person) AND grantor_dossier = \(dossier) AND type = \(type.rawValue)
            ORDER BY id FOR UPDATE
            """
        ).map(decode)
    }

    /// A waiting mandate, locked until the transaction ends.
    static func lock(_ id: MandateID, in session: borrowing Session) throws -> StoredWaitingMandate? {
        try session.first("SELECT \(fragment: columns) FROM waiting_mandate WHERE id = \(id) FOR UPDATE").map(decode)
    }

    /// Stores a waiting mandate, which is due: its person may have signed in while it was being delivered.
    static func insert(
        _ waiting: WaitingMandate, sealedName: [UInt8], at now: Instant, in session: borrowing Session
    ) throws {
        let (grantor, period) = (waiting.terms.grantor, waiting.terms.period)
        try session.execute(
            """
            INSERT INTO waiting_mandate (id, grantor_person, grantor_dossier, grantor_profession, person_id, type,
                starts_on, ends_on, last_name, delivered_at, waits_until, due_at)
            VALUES (\(waiting.id), \(grantor.person), \(grantor.dossier), \(grantor.profession.code),
                \(waiting.holder), \(waiting.terms.type.rawValue), \(period.start), \(period.end), \(sealedName),
                \(now), \(waiting.until), \(now))
            """)
    }

    /// It was delivered again and waits on.
    static func prolong(_ waiting: WaitingMandate, in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE waiting_mandate SET waits_until = greatest(waits_until, \(waiting.until)) WHERE id = \(waiting.id)
            """)
    }

    /// Ends all that waits for a person who was erased, or for somebody to whom she gave it.
    static func erased(_ person: PersonID, in session: borrowing Session) throws {
        try session.execute("DELETE FROM waiting_mandate WHERE person_id = \(person) OR grantor_person = \(person)")
    }

    /// What has waited for too long, or beyond its last day; locked, without those that somebody holds.
    static func over(
        at now: Instant, on today: LocalDate, limit: Int, in session: borrowing Session
    ) throws -> [StoredWaitingMandate] {
        try session.query(
            """
            SELECT \(fragment: columns) FROM waiting_mandate WHERE waits_until <= \(now) OR ends_on < \(today)
            LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """
        ).map(decode)
    }

    private static func decode(_ row: Row) throws -> StoredWaitingMandate {
        let (id, grantor, dossier, profession, holder, type, startsOn, endsOn, sealedName, until) = try row.decode(
            MandateID.self, PersonID.self, DossierID.self, String.self, PersonID.self, String.self, LocalDate.self,
            LocalDate?.self, [UInt8].self, Instant.self)
        guard let profession = Profession(code: profession), let type = MandateType(rawValue: type),
            let period = Period(start: startsOn, end: endsOn),
            let terms = Mandate.Terms(
                grantor: Mandate.Grantor(person: grantor, dossier: dossier, profession: profession),
                holder: .person(holder), type: type, period: period)
        else { throw StoredValueError("waiting_mandate", row: "\(id)") }
        return StoredWaitingMandate(id: id, terms: terms, sealedName: sealedName, until: until)
    }
}
