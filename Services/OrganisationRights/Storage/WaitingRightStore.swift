import OrganisationRightsDomain
import Postgres
import Vocabulary
import Waiting

/// A waiting right as it lies in its row; the name is sealed.
struct StoredWaitingRight: Sendable {
    let id: RightID
    let organisation: OrganisationID
    let request: RightRequest
    let maskedNumber: String
    /// Nothing once it waits no longer.
    let sealedName: [UInt8]?
    /// The access manager who gave it; nobody when an authority reported it.
    let giver: PersonID?
    let until: Instant
    let endedAt: Instant?

    /// The waiting right, with its name; nothing for one that waits no longer.
    ///
    /// - Throws: what is wrong with the sealed name.
    func opened(with names: NameSeal) throws -> WaitingRight? {
        guard let sealedName else { return nil }
        return WaitingRight(
            id: id, organisation: organisation, request: request, lastName: try names.open(sealedName, of: id),
            until: until)
    }
}

/// Waiting rights in the database.
enum WaitingRightStore {
    static let table = WaitingTable("waiting_right")

    /// What waits, for whoever runs the service.
    static let waiting = WaitingList(
        of: table, kind: "right", facts: "'organisation ' || organisation_id || ', ' || role", since: "given_at",
        source: "coalesce('person ' || given_by, 'a file')")

    private static let columns: SQL = """
        id, organisation_id, person_id, role, starts_on, ends_on, masked_number, last_name, given_by, waits_until,
        ended_at
        """

    /// The waiting rights in an organisation and those that waited in vain lately, newest first: `limit` of them, older
    /// than `after`.
    static func list(
        in organisation: OrganisationID, after: RightID?, limit: Int, in session: borrowing Session
    ) throws -> [StoredWaitingRight] {
        let older: SQL = after.map { "AND id < \($0)" } ?? ""
        return try session.query(
            """
            SELECT \(fragment: columns) FROM waiting_right
            WHERE organisation_id = \(organisation) \(fragment: older)
            ORDER BY id DESC LIMIT \(limit)
            """
        ).map(decode)
    }

    /// A waiting right in an organisation, or one that waited in vain; `locking` when it is to be changed.
    static func find(
        _ id: RightID, in organisation: OrganisationID, locking: Bool = false, in session: borrowing Session
    ) throws -> StoredWaitingRight? {
        let lock: SQL = locking ? "FOR UPDATE" : ""
        return try session.first(
            """
            SELECT \(fragment: columns) FROM waiting_right
            WHERE id = \(id) AND organisation_id = \(organisation) \(fragment: lock)
            """
        ).map(decode)
    }

    /// A waiting right, or one that waited in vain, locked until the transaction ends.
    static func lock(_ id: RightID, in session: borrowing Session) throws -> StoredWaitingRight? {
        try session.first("SELECT \(fragment: columns) FROM waiting_right WHERE id = \(id) FOR UPDATE").map(decode)
    }

    /// What waits for a person in a role in an organisation.
    ///
    /// Until the transaction ends nobody else gives her that right, so that it waits once however many give it at once.
    static func hold(
        for person: PersonID, role: String, in organisation: OrganisationID, in session: borrowing Session
    ) throws -> [StoredWaitingRight] {
        try session.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(\("\(person) \(organisation) \(role)"), 0))")
        return try session.query(
            """
            SELECT \(fragment: columns) FROM waiting_right
            WHERE person_id = \(person) AND organisation_id = \(organisation) AND role = \(role) AND ended_at IS NULL
            ORDER BY id
            """
        ).map(decode)
    }

    /// Stores a waiting right, which is due: its person may have signed in while it was being given.
    static func insert(
        _ waiting: WaitingRight, sealedName: [UInt8], maskedNumber: String, by giver: PersonID?, at now: Instant,
        in session: borrowing Session
    ) throws {
        let request = waiting.request
        try session.execute(
            """
            INSERT INTO waiting_right (id, organisation_id, person_id, masked_number, role, starts_on, ends_on,
                last_name, given_by, given_at, waits_until, due_at)
            VALUES (\(waiting.id), \(waiting.organisation), \(request.person), \(maskedNumber), \(request.role),
                \(request.period.start), \(request.period.end), \(sealedName), \(giver), \(now), \(waiting.until),
                \(now))
            """)
    }

    /// Ends all that waits for a person who was erased.
    static func erased(_ person: PersonID, at moment: Instant, in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE waiting_right SET last_name = NULL, due_at = NULL, ended_at = greatest(\(moment), given_at)
            WHERE person_id = \(person) AND ended_at IS NULL
            """)
    }

    /// What has waited for too long, or beyond its last day; locked, without those that somebody holds.
    static func over(
        at now: Instant, on today: LocalDate, limit: Int, in session: borrowing Session
    ) throws -> [StoredWaitingRight] {
        try session.query(
            """
            SELECT \(fragment: columns) FROM waiting_right
            WHERE ended_at IS NULL AND (waits_until <= \(now) OR ends_on < \(today))
            LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """
        ).map(decode)
    }

    /// It waits no longer, and its name is forgotten.
    static func end(
        _ id: RightID, by person: PersonID?, at now: Instant, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            UPDATE waiting_right SET last_name = NULL, due_at = NULL, ended_by = \(person),
                ended_at = greatest(\(now), given_at)
            WHERE id = \(id) AND ended_at IS NULL
            """)
    }

    /// Removes up to `limit` that waited in vain, long ago.
    static func prune(endedBefore moment: Instant, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM waiting_right WHERE id IN (
                SELECT id FROM waiting_right WHERE ended_at < \(moment) LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            """)
    }

    private static func decode(_ row: Row) throws -> StoredWaitingRight {
        let id = try row.column(0, as: RightID.self)
        let start = try row.column(4, as: LocalDate.self)
        guard let period = Period(start: start, end: try row.column(5, as: LocalDate?.self)) else {
            throw StoredValueError("waiting_right", row: "\(id)")
        }
        return StoredWaitingRight(
            id: id, organisation: try row.column(1, as: OrganisationID.self),
            request: RightRequest(
                person: try row.column(2, as: PersonID.self), role: try row.column(3, as: String.self), period: period),
            maskedNumber: try row.column(6, as: String.self), sealedName: try row.column(7, as: [UInt8]?.self),
            giver: try row.column(8, as: PersonID?.self), until: try row.column(9, as: Instant.self),
            endedAt: try row.column(10, as: Instant?.self))
    }
}

/// How often somebody missed, in the database.
enum MissStore {
    /// The bucket of a giver, locked until the transaction ends; an empty one is made where there is none.
    static func lock(_ giver: PersonID, at now: Instant, in session: borrowing Session) throws -> LeakyBucket {
        let row = try session.first(
            """
            INSERT INTO giver_misses AS known (person_id, empty_at) VALUES (\(giver), \(now))
            ON CONFLICT (person_id) DO UPDATE SET empty_at = known.empty_at
            RETURNING empty_at
            """)
        guard let row else { throw StoredValueError("giver_misses", row: "\(giver)") }
        return LeakyBucket(emptyAt: try row.decode(Instant.self))
    }

    /// Writes a bucket that was locked.
    static func save(_ bucket: LeakyBucket, of giver: PersonID, in session: borrowing Session) throws {
        try session.execute(
            "UPDATE giver_misses SET empty_at = \(bucket.emptyAt) WHERE person_id = \(giver)")
    }

    /// Takes one failure out of a giver's bucket again.
    static func giveBack(
        to giver: PersonID, under policy: BucketPolicy, at now: Instant, in session: borrowing Session
    ) throws {
        let bucket = try lock(giver, at: now, in: session)
        try save(bucket.removing(under: policy), of: giver, in: session)
    }

    /// Removes up to `limit` buckets that are empty.
    static func prune(emptyBefore moment: Instant, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            DELETE FROM giver_misses WHERE person_id IN (
                SELECT person_id FROM giver_misses WHERE empty_at < \(moment) LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            """)
    }
}
