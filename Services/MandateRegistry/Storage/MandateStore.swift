package import FoundationEssentials
package import MandateRegistryDomain
package import Postgres
package import Vocabulary

/// The register's own mandate, not the name that only types its id.
package typealias Mandate = MandateRegistryDomain.Mandate

/// Reads and writes mandates.
package enum MandateStore {
    /// Reads a mandate by its id; nil when there is none.
    ///
    /// With `locking` its row is held until the end of the transaction, so that two who end it come one after the other.
    package static func find(_ id: MandateID, locking: Bool, in session: borrowing Session) throws -> Mandate? {
        let lock: SQL = locking ? "FOR NO KEY UPDATE" : ""
        return try session.first(
            "SELECT \(fragment: MandateRow.columns) FROM mandate WHERE id = \(id) \(fragment: lock)"
        ).map(MandateRow.decode)
    }

    /// The statement that reads the mandates of a dossier that a holder has or had, for a pipeline.
    static func held(by holder: Mandate.Holder, of dossier: DossierID) -> SQL {
        """
        SELECT \(fragment: MandateRow.columns) FROM mandate
        WHERE holder = \(holder.uuid) AND grantor_dossier = \(dossier) ORDER BY id
        """
    }

    /// Reads the mandates of one type that a dossier gave to a holder, whatever became of them.
    ///
    /// With `locking` their rows are held until the end of the transaction.
    package static func between(
        _ dossier: DossierID, and holder: Mandate.Holder, type: MandateType, locking: Bool = false,
        in session: borrowing Session
    ) throws -> [Mandate] {
        let lock: SQL = locking ? "FOR NO KEY UPDATE" : ""
        return try session.query(
            """
            SELECT \(fragment: MandateRow.columns) FROM mandate
            WHERE grantor_dossier = \(dossier) AND holder = \(holder.uuid) AND type = \(type.rawValue)
            ORDER BY id \(fragment: lock)
            """
        ).map(MandateRow.decode)
    }

    /// A mandate and, when an organisation holds it, that organisation's name.
    package struct Given: Sendable {
        package let mandate: Mandate
        package let holderName: String?
    }

    /// Reads the mandates that a person gave, newest first: `limit` of them, older than `after`.
    package static func given(
        by person: PersonID, after: MandateID?, limit: Int, in session: borrowing Session
    ) throws -> [Given] {
        let older: SQL = after.map { "AND mandate.id < \($0)" } ?? ""
        return try session.query(
            """
            \(fragment: selectGiven) WHERE grantor_person = \(person) \(fragment: older)
            ORDER BY mandate.id DESC LIMIT \(limit)
            """
        ).map(given)
    }

    /// Reads one mandate that a person gave.
    package static func given(_ id: MandateID, by person: PersonID, in session: borrowing Session) throws -> Given? {
        try session.first(
            "\(fragment: selectGiven) WHERE mandate.id = \(id) AND grantor_person = \(person)"
        ).map(given)
    }

    private static let selectGiven: SQL = """
        SELECT mandate.id, (SELECT name FROM organisation WHERE organisation.id = mandate.holder_organisation),
               \(fragment: MandateRow.columnsAfterID)
        FROM mandate
        """

    private static func given(_ row: Row) throws -> Given {
        let (mandate, name) = try MandateRow.decodeNamed(row)
        return Given(mandate: mandate, holderName: name)
    }

    /// Writes a new mandate; throws an exclusion violation when a living one of the same type overlaps it.
    package static func insert(_ mandate: Mandate, in session: borrowing Session) throws {
        let (state, terms) = (MandateRow.State(mandate.state), mandate.terms)
        try session.execute(
            """
            INSERT INTO mandate (
                id, version, grantor_person, grantor_dossier, grantor_profession, holder_person, holder_organisation,
                type, starts_on, ends_on, status, offered_by, offered_at, activated_at, ended_at)
            VALUES (
                \(mandate.id), \(mandate.version), \(terms.grantor.person), \(terms.grantor.dossier),
                \(terms.grantor.profession.code), \(terms.holder.person), \(terms.holder.organisation),
                \(terms.type.rawValue), \(terms.period.start), \(terms.period.end), \(state.status),
                \(state.offeredBy), \(state.offeredAt), \(state.activatedAt), \(state.endedAt))
            """)
    }

    /// Writes the next version of a mandate; throws ``MandateStoreError`` when somebody else wrote one first.
    package static func update(_ mandate: Mandate, in session: borrowing Session) throws {
        let state = MandateRow.State(mandate.state)
        let written = try session.execute(
            """
            UPDATE mandate SET version = \(mandate.version), status = \(state.status), offered_by = \(state.offeredBy),
                offered_at = \(state.offeredAt), activated_at = \(state.activatedAt), ended_at = \(state.endedAt)
            WHERE id = \(mandate.id) AND version = \(mandate.version - 1)
            """)
        guard written == 1 else { throw MandateStoreError.versionChanged }
    }

    /// Gives a mandate whose row is locked the version and the state that it has after a restoration.
    package static func restore(_ mandate: Mandate, in session: borrowing Session) throws {
        let state = MandateRow.State(mandate.state)
        try session.execute(
            """
            UPDATE mandate SET version = \(mandate.version), status = \(state.status), offered_by = \(state.offeredBy),
                offered_at = \(state.offeredAt), activated_at = \(state.activatedAt), ended_at = \(state.endedAt)
            WHERE id = \(mandate.id)
            """)
    }

    /// Locks active mandates whose last day is before a day, at most `limit`, passing over those that somebody holds.
    package static func overdue(on day: LocalDate, limit: Int, in session: borrowing Session) throws -> [Mandate] {
        try session.query(
            """
            SELECT \(fragment: MandateRow.columns) FROM mandate
            WHERE status = 'active' AND ends_on < \(day)
            ORDER BY ends_on LIMIT \(limit) FOR NO KEY UPDATE SKIP LOCKED
            """
        ).map(MandateRow.decode)
    }
}

/// What keeps a mandate from being written.
package enum MandateStoreError: Error, Hashable, Sendable {
    /// It was changed since it was read.
    case versionChanged
}

extension Mandate.Holder {
    /// The holder's id, whichever kind it is.
    package var uuid: UUID {
        switch self {
        case .person(let id): id.uuid
        case .organisation(let id): id.uuid
        }
    }

    /// The natural person who holds it.
    package var person: PersonID? { if case .person(let id) = self { id } else { nil } }

    /// The organisation that holds it.
    package var organisation: OrganisationID? { if case .organisation(let id) = self { id } else { nil } }
}
