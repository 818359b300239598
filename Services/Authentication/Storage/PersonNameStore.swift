package import Postgres
package import Vocabulary

/// How a person is greeted.
package struct PersonName: Hashable, Sendable {
    package let firstName: String
    package let lastName: String
    package let language: Language

    package init(firstName: String, lastName: String, language: Language) {
        self.firstName = firstName
        self.lastName = lastName
        self.language = language
    }
}

/// What somebody who decides about a person reads of her name.
package struct ToldName: Hashable, Sendable {
    package let person: PersonID
    /// Nothing until she has signed in: the number and last name that somebody typed are no reason to tell more.
    package let firstName: String?
    /// Of somebody who has one name only: that name.
    package let lastName: String

    init(person: PersonID, firstName: String, lastName: String, hasSignedIn: Bool) {
        self.person = person
        let hasTwo = !firstName.isEmpty && !lastName.isEmpty
        self.firstName = hasTwo && hasSignedIn ? firstName : nil
        self.lastName = lastName.isEmpty ? firstName : lastName
    }
}

/// What persons are called; it belongs to them and not to an account.
package struct PersonNameStore: Sendable {
    package init() {}

    /// A person's name; nothing while nobody has told it.
    package func find(_ person: PersonID, in session: borrowing Session) throws -> PersonName? {
        try find([person], in: session)[person]
    }

    /// The names of these persons, those that are known.
    package func find(_ persons: [PersonID], in session: borrowing Session) throws -> [PersonID: PersonName] {
        let rows = try session.query(
            """
            SELECT person_id, first_name, last_name, language FROM person_name
            WHERE person_id IN (SELECT wanted.id FROM unnest(\(persons)) AS wanted (id))
            """)
        var found: [PersonID: PersonName] = [:]
        for row in rows {
            let (person, first, last, language) = try row.decode(
                PersonID.self, String.self, String.self, String.self)
            found[person] = PersonName(
                firstName: first, lastName: last, language: Language(rawValue: language) ?? .nl)
        }
        return found
    }

    /// What others read who decide about these persons: the first name of those alone who have signed in.
    package func told(_ persons: [PersonID], in session: borrowing Session) throws -> [ToldName] {
        let rows = try session.query(
            """
            SELECT name.person_id, name.first_name, name.last_name, person.signed_in_at IS NOT NULL
            FROM person_name AS name JOIN person ON person.id = name.person_id
            WHERE name.person_id IN (SELECT wanted.id FROM unnest(\(persons)) AS wanted (id))
            """)
        return try rows.map { row in
            let (person, first, last, hasSignedIn) = try row.decode(
                PersonID.self, String.self, String.self, Bool.self)
            return ToldName(person: person, firstName: first, lastName: last, hasSignedIn: hasSignedIn)
        }
    }

    /// Writes a name over the one before, and answers whether it differs; an equal one changes nothing.
    @discardableResult
    package func save(
        _ name: PersonName, of person: PersonID, at now: Instant, in session: borrowing Session
    ) throws -> Bool {
        try session.execute(
            """
            INSERT INTO person_name AS known (person_id, first_name, last_name, language, changed_at)
            VALUES (\(person), \(name.firstName), \(name.lastName), \(name.language.rawValue), \(now))
            ON CONFLICT (person_id) DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name,
                language = excluded.language, changed_at = excluded.changed_at
            WHERE (known.first_name, known.last_name, known.language)
                IS DISTINCT FROM (excluded.first_name, excluded.last_name, excluded.language)
            """) == 1
    }
}
