package import AuthenticationDomain
package import Postgres
package import Vocabulary

/// The numbers that a person had before, beside the one that she has: all of them lead to her.
extension PersonStore {
    /// Whose a number is, and whether it is the one that she has now.
    package func known(_ number: NationalNumber, in session: borrowing Session) throws -> KnownNumber? {
        let entries = vault.entries(of: number)
        return try session.first(
            """
            SELECT number.person_id, number.replaced_at IS NULL
            FROM unnest(\(entries.map(\.keyID)), \(entries.map(\.digest))) AS wanted (key_id, digest)
            JOIN person_number_index AS known
              ON known.key_id = wanted.key_id AND known.digest = decode(wanted.digest, 'hex')
            JOIN person_number AS number ON number.person_id = known.person_id AND number.ordinal = known.ordinal
            LIMIT 1
            """
        ).map { row in
            let (person, isCurrent) = try row.decode(PersonID.self, Bool.self)
            return KnownNumber(person: person, isCurrent: isCurrent)
        }
    }

    /// Gives a person another number; the one that she had leads to her as before.
    ///
    /// Throws a unique violation of `person_number_index_pkey` when somebody has the number.
    package func replace(
        with number: NationalNumber, of person: PersonID, because reason: ReplacementReason, at now: Instant,
        in session: borrowing Session
    ) throws {
        let replaced = try session.execute(
            """
            UPDATE person_number SET replaced_at = greatest(\(now), known_since), replaced_because = \(reason.rawValue)
            WHERE person_id = \(person) AND replaced_at IS NULL
            """)
        guard replaced == 1 else { throw StoredValueError("person_number", row: "\(person)") }
        try add(number, to: person, knownSince: now, replaced: nil, in: session)
    }

    /// Remembers a number that a person had before she was met.
    ///
    /// Throws a unique violation of `person_number_index_pkey` when somebody has the number.
    package func addFormer(
        _ number: NationalNumber, of person: PersonID, because reason: ReplacementReason, at now: Instant,
        in session: borrowing Session
    ) throws {
        try add(number, to: person, knownSince: now, replaced: reason, in: session)
    }

    private func add(
        _ number: NationalNumber, to person: PersonID, knownSince now: Instant, replaced reason: ReplacementReason?,
        in session: borrowing Session
    ) throws {
        let row = try session.first(
            """
            INSERT INTO person_number (person_id, ordinal, sealed, known_since, replaced_at, replaced_because)
            SELECT \(person), (SELECT max(ordinal) + 1 FROM person_number WHERE person_id = \(person)),
                \(try vault.seal(number, of: person)), \(now), \(reason == nil ? nil : now), \(reason?.rawValue)
            RETURNING ordinal
            """)
        guard let row else { throw StoredValueError("person_number", row: "\(person)") }
        let ordinal = try row.decode(Int.self)
        let entries = vault.entries(of: number)
        try session.execute(
            """
            INSERT INTO person_number_index (key_id, digest, person_id, ordinal)
            SELECT fresh.key_id, decode(fresh.digest, 'hex'), \(person), \(ordinal)
            FROM unnest(\(entries.map(\.keyID)), \(entries.map(\.digest))) AS fresh (key_id, digest)
            """)
    }

    /// Keeps a person as she is until the transaction ends: no session of hers begins.
    ///
    /// False when there is no such person.
    package func hold(_ person: PersonID, in session: borrowing Session) throws -> Bool {
        try session.first("SELECT 1 FROM person WHERE id = \(person) FOR UPDATE") != nil
    }

    /// How many changes of a person were counted; nothing where there is nobody with this id.
    package func version(of person: PersonID, in session: borrowing Session) throws -> Int64? {
        try session.first("SELECT version FROM person WHERE id = \(person) FOR UPDATE")?.decode(Int64.self)
    }

    /// Gives a person whose row is locked another version, and changes nothing else.
    package func renumber(_ person: PersonID, to version: Int64, in session: borrowing Session) throws {
        try session.execute("UPDATE person SET version = \(version) WHERE id = \(person)")
    }

    /// Counts a change of a person, and answers her version after it.
    package func changed(_ person: PersonID, in session: borrowing Session) throws -> Int64 {
        let row = try session.first(
            "UPDATE person SET version = version + 1 WHERE id = \(person) RETURNING version")
        guard let row else { throw StoredValueError("person", row: "\(person)") }
        return try row.decode(Int64.self)
    }

    /// Removes a person with everything that is hers, and answers the version in which she was erased.
    ///
    /// Of her there remains the id with that version, so that versions never go back if she is met again.
    package func erase(_ person: PersonID, at now: Instant, in session: borrowing Session) throws -> Int64 {
        let version = try changed(person, in: session)
        try session.execute(
            """
            INSERT INTO erased_person (id, version, erased_at) VALUES (\(person), \(version), \(now))
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, erased_at = excluded.erased_at
            """)
        try session.execute("DELETE FROM person WHERE id = \(person)")
        return version
    }
}
