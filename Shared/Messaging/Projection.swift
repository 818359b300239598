package import ContractCore
package import Postgres

/// What a handler did with an event.
package enum Handled: Sendable {
    /// Its effect is written.
    case applied
    /// What is known is of the same or a higher version of the aggregate.
    case stale
    /// This projection does not know the type; that is counted and nothing more.
    case unknownType
}

/// What a service keeps of another source's facts.
package struct Projection: Sendable {
    /// Writes the effect of an event; called in the order of each partition, in the transaction of the position.
    ///
    /// It writes by a higher version of the aggregate only, since events come again after a rebuild. A thrown error
    /// parks the event and later ones of its key; errors of the connection have the event tried again.
    package typealias Handler = @Sendable (IncomingEvent, borrowing Session) throws -> Handled

    /// Unique within the service; part of the key of its positions.
    package let name: String
    package let source: EventSource
    /// Writes the effect of one event; tests call it with events of their own.
    package let handler: Handler
    let erase: (@Sendable (borrowing Session) throws -> Void)?

    /// Describes a projection.
    ///
    /// - Parameters:
    ///   - name: Unique within the service, never changed.
    ///   - source: Whose events it follows.
    ///   - erase: Empties the tables that the handler writes, for a rebuild.
    ///   - handler: Writes the effect of one event.
    package init(
        name: String, source: EventSource, erase: (@Sendable (borrowing Session) throws -> Void)? = nil,
        handler: @escaping Handler
    ) {
        self.name = name
        self.source = source
        self.erase = erase
        self.handler = handler
    }
}

extension Projection {
    /// Forgets what the projection has learnt, so that the service's next start builds it from the first event.
    ///
    /// To be called while no instance of the service runs.
    ///
    /// - Throws: `MessagingError.inUse` while an instance holds a lease of it; `PostgresError`.
    package func rebuild(on database: Database) async throws {
        let this = self
        try await database.transaction { session in
            let held = try session.query(
                """
                SELECT unit FROM lease WHERE lease_group = \(ProjectionUnit.leaseGroup)
                    AND starts_with(unit, \(this.name + "/")) AND owner IS NOT NULL AND expires_at > clock_timestamp()
                """)
            guard held.isEmpty else { throw MessagingError.inUse(projection: this.name) }
            try this.erase?(session)
            try session.execute("DELETE FROM parked WHERE projection = \(this.name)")
            // The epoch stays: an instance that slept through this must not write with an old one.
            try session.execute(
                """
                UPDATE position SET sequence = 0, event_id = NULL, kafka_offset = -1, state = 'running', reason = NULL,
                    epoch = epoch + 1, caught_up_at = NULL
                WHERE projection = \(this.name)
                """)
        }
    }
}

/// The smallest piece of a projection's work that has one owner: one partition.
struct ProjectionUnit: Hashable, Sendable {
    static let leaseGroup = "projections"

    let projection: String
    let source: EventSource
    let partition: Int32

    /// How the lease of the unit is called.
    var lease: String { "\(projection)/\(source.rawValue)/\(partition)" }

    var place: Positions.Place { Positions.Place(source, partition) }
}
