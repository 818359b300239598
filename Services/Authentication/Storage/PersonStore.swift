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
        _ numbers: [NationalNumber], at now: Instant, newID: (NationalNumber) -> PersonID, in session: borrowing Session
    ) throws -> [NationalNumber: PersonID] {
        let distinct = Array(Set(numbers))
        var found = try find(distinct, in: session)
        guard found.count < distinct.count else { return found }
        let missing = distinct.filter { found[$0] == nil }
        try lock(missing, in: session)
        found.merge(try find(missing, in: session)) { first, _ in first }
        let fresh = missing.filter { found[$0] == nil }.map { (number: $0, person: newID($0)) }
        guard !fresh.isEmpty else { return found }
        try insert(fresh, at: now, in: session)
        for entry in fresh { found[entry.number] = entry.person }
        return found
    }

    /// Remembers that a person signed in; the first time counts.
    package func signedIn(_ person: PersonID, at now: Instant, in session: borrowing Session) throws {
        try session.execute(
            "UPDATE person SET signed_in_at = \(now) WHERE id = \(person) AND signed_in_at IS NULL")
    }

    /// Keeps numbers for this transaction alone, in one order: nobody else makes a person of them, or moves them.
    package func lock(_ numbers: [NationalNumber], in session: borrowing Session) throws {
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
            """
            INSERT INTO person (id, created_at, version)
            SELECT fresh.id, \(now), COALESCE(erased.version + 1, 1)
            FROM unnest(\(ids)) AS fresh (id) LEFT JOIN erased_person AS erased ON erased.id = fresh.id
            """,
            """
            INSERT INTO person_number (person_id, sealed, known_since)
            SELECT fresh.id, decode(fresh.sealed, 'hex'), \(now) FROM unnest(\(ids), \(sealed)) AS fresh (id, sealed)
            """,
            """
            INSERT INTO person_number_index (key_id, digest, person_id)
            SELECT fresh.key_id, decode(fresh.digest, 'hex'), fresh.id
            FROM unnest(\(entries.map(\.0.keyID)), \(entries.map(\.0.digest)), \(entries.map(\.1)))
                AS fresh (key_id, digest, id)
            """,
        ])
    }

    /// Writes index rows under the current key for up to `limit` numbers that have none.
    ///
    /// - Parameter unopened: persons whose number did not open before; those that do not open now are added. They keep
    ///   nobody waiting.
    /// - Returns: how many numbers were looked at; fewer than the limit means that no others are left.
    package func index(
        limit: Int, passing unopened: inout Set<PersonID>, today: LocalDate, in session: borrowing Session
    ) throws -> Int {
        let rows = try session.query(
            """
            SELECT number.person_id, number.ordinal, number.sealed FROM person_number AS number
            WHERE NOT EXISTS (
                SELECT 1 FROM person_number_index AS known
                WHERE known.person_id = number.person_id AND known.ordinal = number.ordinal
                  AND known.key_id = \(vault.currentIndexKeyID))
              AND NOT number.person_id = ANY (\(Array(unopened)))
            LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """)
        for row in rows {
            let (person, ordinal, sealed) = try row.decode(PersonID.self, Int.self, [UInt8].self)
            guard let number = try? vault.open(sealed, of: person, today: today) else {
                unopened.insert(person)
                continue
            }
            let entries = vault.entries(of: number)
            try session.execute(
                """
                INSERT INTO person_number_index (key_id, digest, person_id, ordinal)
                SELECT fresh.key_id, decode(fresh.digest, 'hex'), \(person), \(ordinal)
                FROM unnest(\(entries.map(\.keyID)), \(entries.map(\.digest))) AS fresh (key_id, digest)
                ON CONFLICT DO NOTHING
                """)
        }
        return rows.count
    }

    /// Removes up to `limit` index rows under keys that are no longer in use, of numbers that have a row under the
    /// current one: whoever has the old key could try every number with them.
    package func dropOldIndex(limit: Int, in session: borrowing Session) throws -> Int {
        let unused = try indexKeyIDs(in: session).filter { !vault.indexKeyIDs.contains($0) }
        guard !unused.isEmpty else { return 0 }
        return try session.execute(
            """
            DELETE FROM person_number_index WHERE (key_id, digest) IN (
                SELECT old.key_id, old.digest FROM person_number_index AS old
                WHERE old.key_id = ANY (\(unused)) AND EXISTS (
                    SELECT 1 FROM person_number_index AS known
                    WHERE known.person_id = old.person_id AND known.ordinal = old.ordinal
                      AND known.key_id = \(vault.currentIndexKeyID))
                LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            """)
    }

    /// The index keys that the configuration lacks and without which a number could not be found.
    ///
    /// Empty when all is well. Whoever could not be found would become a second person.
    package func unknownIndexKeys(in session: borrowing Session) throws -> [String] {
        try indexKeyIDs(in: session).filter { id in
            guard !vault.indexKeyIDs.contains(id) else { return false }
            return try session.first(
                """
                SELECT 1 FROM person_number_index AS old
                WHERE old.key_id = \(id) AND NOT EXISTS (
                    SELECT 1 FROM person_number_index AS known
                    WHERE known.person_id = old.person_id AND known.ordinal = old.ordinal
                      AND known.key_id = ANY (\(vault.indexKeyIDs)))
                LIMIT 1
                """) != nil
        }
    }

    /// How many index rows there are under each key.
    package func indexCounts(in session: borrowing Session) throws -> [String: Int] {
        let rows = try session.query("SELECT key_id, count(*) FROM person_number_index GROUP BY key_id")
        return try Dictionary(rows.map { try $0.decode(String.self, Int.self) }) { first, _ in first }
    }

    /// The ids of the keys under which there are index rows; a skip over the primary key.
    private func indexKeyIDs(in session: borrowing Session) throws -> [String] {
        try session.query(
            """
            WITH RECURSIVE known AS (
                (SELECT key_id FROM person_number_index ORDER BY 1 LIMIT 1)
                UNION ALL
                SELECT (SELECT key_id FROM person_number_index WHERE key_id > known.key_id ORDER BY 1 LIMIT 1)
                FROM known WHERE known.key_id IS NOT NULL)
            SELECT key_id FROM known WHERE key_id IS NOT NULL
            """
        ).map { try $0.decode(String.self) }
    }
}
