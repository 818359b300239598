package import Postgres
package import ProfileResolutionDomain
package import Vocabulary

/// Dossiers as they are kept.
package enum DossierStore {
    /// The dossier with this id.
    ///
    /// - Parameter forChange: whether its row stays locked until the end of the transaction.
    package static func find(
        _ id: DossierID, forChange: Bool = false, in session: borrowing Session
    ) throws -> Dossier? {
        let lock: SQL = forChange ? "FOR NO KEY UPDATE" : ""
        return try session.first(
            """
            SELECT \(trusted: DossierRow.columns) FROM dossier WHERE id = \(id) \(fragment: lock)
            """
        ).map(DossierRow.decode)
    }

    /// The dossiers that a person has under these profiles, locked until the end of the transaction.
    ///
    /// - Parameter holders: pairs of person and profession; no profession means that of a function holder.
    package static func known(
        _ holders: [(person: PersonID, profession: Profession?)], in session: borrowing Session
    ) throws -> [Dossier] {
        // In the order of ids, so that two imports cannot wait for each other.
        try session.query(
            """
            SELECT \(trusted: DossierRow.columns) FROM dossier WHERE id IN (
                SELECT dossier.id FROM unnest(\(holders.map(\.person)), \(holders.map { $0.profession?.code ?? "" }))
                    AS wanted (person_id, profession)
                JOIN dossier ON dossier.person_id = wanted.person_id
                    AND coalesce(dossier.profession, '') = wanted.profession
            ) ORDER BY id FOR NO KEY UPDATE
            """
        ).map(DossierRow.decode)
    }

    /// Keeps new dossiers; the names under which some of them wait are written beside.
    ///
    /// Breaks a reference where a RIZIV number is somebody else's.
    package static func insert(_ dossiers: [Dossier], at time: Instant, in session: borrowing Session) throws {
        guard !dossiers.isEmpty else { return }
        try claimNumbers(of: dossiers, in: session)
        try session.pipeline(
            dossiers.map { dossier in
                let parts = DossierRow.Parts(dossier.subject)
                return """
                    INSERT INTO dossier (\(trusted: DossierRow.columns), registered_at, changed_at)
                    VALUES (\(dossier.id), \(parts.kind), \(dossier.personID), \(dossier.version),
                        \(dossier.contactVersion), \(dossier.status.rawValue), \(parts.profession), \(parts.firstName),
                        \(parts.lastName), \(parts.rizivNumber), \(parts.visum), \(parts.visumIssuedOn),
                        \(parts.function), \(parts.organisationName), \(parts.organisationKBO),
                        \(parts.organisationRIZIV), \(dossier.contact.email), \(dossier.contact.phone),
                        \(dossier.contact.street), \(dossier.contact.postalCode), \(dossier.contact.city),
                        \(dossier.isHers), \(time), \(time))
                    """
            })
    }

    /// Keeps the state of dossiers whose rows are locked.
    ///
    /// Breaks a reference where a RIZIV number is somebody else's.
    package static func update(_ dossiers: [Dossier], at time: Instant, in session: borrowing Session) throws {
        guard !dossiers.isEmpty else { return }
        try claimNumbers(of: dossiers, in: session)
        try session.pipeline(
            dossiers.map { dossier in
                let parts = DossierRow.Parts(dossier.subject)
                return """
                    UPDATE dossier SET is_hers = \(dossier.isHers), version = \(dossier.version),
                        contact_version = \(dossier.contactVersion), status = \(dossier.status.rawValue), first_name = \(parts.firstName),
                        last_name = \(parts.lastName), riziv_number = \(parts.rizivNumber), visum = \(parts.visum),
                        visum_issued_on = \(parts.visumIssuedOn), function = \(parts.function),
                        organisation_name = \(parts.organisationName), organisation_kbo = \(parts.organisationKBO),
                        organisation_riziv = \(parts.organisationRIZIV), email = \(dossier.contact.email),
                        phone = \(dossier.contact.phone), street = \(dossier.contact.street),
                        postal_code = \(dossier.contact.postalCode), city = \(dossier.contact.city),
                        changed_at = greatest(changed_at, \(time))
                    WHERE id = \(dossier.id)
                    """
            })
    }

    /// Gives a dossier whose row is locked other versions, and changes nothing else.
    package static func renumber(_ dossier: Dossier, in session: borrowing Session) throws {
        try session.execute(
            """
            UPDATE dossier SET version = \(dossier.version), contact_version = \(dossier.contactVersion)
            WHERE id = \(dossier.id)
            """)
    }

    /// Gives the RIZIV numbers of dossiers to their persons, where nobody has them yet.
    private static func claimNumbers(of dossiers: [Dossier], in session: borrowing Session) throws {
        let claims = dossiers.compactMap { dossier in
            dossier.subject.rizivNumber.map { (number: $0.personKey, person: dossier.personID) }
        }
        guard !claims.isEmpty else { return }
        // In the order of numbers, so that two imports cannot wait for each other.
        try session.execute(
            """
            INSERT INTO riziv_number_holder (number, person_id)
            SELECT number, person_id FROM unnest(\(claims.map(\.number)), \(claims.map(\.person)))
                AS claim (number, person_id)
            ORDER BY number ON CONFLICT DO NOTHING
            """)
    }

    /// Frees the RIZIV numbers that these persons had and have no more, after a correction.
    package static func releaseNumbers(of persons: [PersonID], in session: borrowing Session) throws {
        guard !persons.isEmpty else { return }
        try session.execute(
            """
            DELETE FROM riziv_number_holder AS holder WHERE person_id = ANY(\(persons)) AND NOT EXISTS (
                SELECT FROM dossier WHERE dossier.person_id = holder.person_id AND dossier.riziv_key = holder.number)
            """)
    }
}
