package import Postgres
package import Vocabulary

/// Persons and the index of their national numbers.
package struct PersonStore: Sendable {
    package let vault: NationalNumberVault

    package init(vault: NationalNumberVault) {
        self.vault = vault
    }

    /// The persons of these numbers, those that are known.
    package func find(
        _ numbers: [NationalNumber], in session: borrowing Session
    ) throws -> [NationalNumber: PersonID] {
        var owner: [NationalNumberVault.IndexEntry: NationalNumber] = [:]
        for number in numbers { for entry in vault.entries(of: number) { owner[entry] = number } }
        let entries = Array(owner.keys)
        guard !entries.isEmpty else { return [:] }
        let rows = try session.query(
            """
            SELECT wanted.key_id, wanted.digest, known.person_id
            FROM unnest(\(entries.map(\.keyID)), \(entries.map(\.digest))) AS wanted (key_id, digest)
            JOIN person_number_index AS known
              ON known.key_id = wanted.key_id AND known.digest = decode(wanted.digest, 'hex')
            """)
        var found: [NationalNumber: PersonID] = [:]
        for row in rows {
            let (keyID, digest, person) = try row.decode(String.self, String.self, PersonID.self)
            if let number = owner[.init(keyID: keyID, digest: digest)] { found[number] = person }
        }
        return found
    }

    /// The persons of these numbers; numbers that nobody has get a person.
    ///
    /// A lock for each number, taken in one order, makes two that ask at once agree on one person; the primary key
    /// of the index would refuse a second one in any case.
    package func findOrCreate(
        _ numbers: [NationalNumber], at now: Instant, newID: () -> PersonID, in session: borrowing Session
    ) throws -> [NationalNumber: PersonID] {
        let distinct = Array(Set(numbers))
        var found = try find(distinct, in: session)
        guard found.count < distinct.count else { return found }
        let missing = distinct.filter { found[$0] == nil }
        try lock(missing, in: session)
        found.merge(try find(missing, in: session)) { first, _ in first }
        let fresh = missing.filter { found[$0] == nil }.map { (number: $0, person: newID()) }
        guard !fresh.isEmpty else { return found }
        try insert(fresh, at: now, in: session)
        for entry in fresh { found[entry.number] = entry.person }
        return found
    }

    private func lock(_ numbers: [NationalNumber], in session: borrowing Session) throws {
        let keys = numbers.flatMap { vault.entries(of: $0) }.map(\.digest).sorted()
        try session.execute(
            """
            SELECT count(pg_advisory_xact_lock(hashtextextended(digest, 0)))
            FROM (SELECT digest FROM unnest(\(keys)) AS wanted (digest) ORDER BY hashtextextended(digest, 0)) AS ordered
            """)
    }

    private func insert(
        _ fresh: [(number: NationalNumber, person: PersonID)], at now: Instant, in session: borrowing Session
    ) throws {
        let ids = fresh.map(\.person)
        let sealed = try fresh.map { Hex.encode(try vault.seal($0.number, of: $0.person)) }
        let entries = fresh.flatMap { entry in vault.entries(of: entry.number).map { ($0, entry.person) } }
        _ = try session.pipeline([
            "INSERT INTO person (id, created_at) SELECT fresh.id, \(now) FROM unnest(\(ids)) AS fresh (id)",
            """
            INSERT INTO person_number (person_id, sealed)
            SELECT fresh.id, decode(fresh.sealed, 'hex') FROM unnest(\(ids), \(sealed)) AS fresh (id, sealed)
            """,
            """
            INSERT INTO person_number_index (key_id, digest, person_id)
            SELECT fresh.key_id, decode(fresh.digest, 'hex'), fresh.id
            FROM unnest(\(entries.map(\.0.keyID)), \(entries.map(\.0.digest)), \(entries.map(\.1)))
                AS fresh (key_id, digest, id)
            """,
        ])
    }

    /// Writes up to `limit` numbers under the current keys that are not yet; zero means that all are.
    package func rewrite(limit: Int, today: LocalDate, in session: borrowing Session) throws -> Int {
        let rows = try session.query(
            """
            SELECT number.person_id, number.sealed FROM person_number AS number
            WHERE NOT EXISTS (
                SELECT 1 FROM person_number_index AS known
                WHERE known.person_id = number.person_id AND known.key_id = \(vault.currentIndexKeyID))
            LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """)
        for row in rows {
            let (person, sealed) = try row.decode(PersonID.self, [UInt8].self)
            let number = try vault.open(sealed, of: person, today: today)
            let entries = vault.entries(of: number)
            try session.execute(
                """
                INSERT INTO person_number_index (key_id, digest, person_id)
                SELECT fresh.key_id, decode(fresh.digest, 'hex'), \(person)
                FROM unnest(\(entries.map(\.keyID)), \(entries.map(\.digest))) AS fresh (key_id, digest)
                ON CONFLICT DO NOTHING
                """)
            if !vault.isCurrent(sealed) {
                let again = try vault.seal(number, of: person)
                try session.execute("UPDATE person_number SET sealed = \(again) WHERE person_id = \(person)")
            }
        }
        return rows.count
    }
}
