package import ContractCore
package import Flow
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
    /// Removes at most so many rows of the tables that the handler writes; answers how many it removed.
    package typealias Eraser = @Sendable (_ limit: Int, borrowing Session) throws -> Int

    /// Unique within the service; part of the key of its positions.
    package let name: String
    package let source: EventSource
    /// Writes the effect of one event; tests call it with events of their own.
    package let handler: Handler
    let erase: Eraser?

    /// Describes a projection.
    ///
    /// - Parameters:
    ///   - name: Unique within the service, never changed.
    ///   - source: Whose events it follows.
    ///   - erase: Empties the tables that the handler writes, for a rebuild, a chunk at a time.
    ///   - handler: Writes the effect of one event.
    package init(name: String, source: EventSource, erase: Eraser? = nil, handler: @escaping Handler) {
        self.name = name
        self.source = source
        self.erase = erase
        self.handler = handler
    }

    /// What reads of its facts ask the reliability of.
    package var followed: Followed { Followed(name, source) }

    /// One unit of work for each partition.
    package var units: [ProjectionUnit] {
        (0..<Int32(Topic.partitions)).map { ProjectionUnit(projection: name, source: source, partition: $0) }
    }
}
