package import AuditTrail

/// What a use case knows of the request that it answers.
package struct RequestFacts: Sendable {
    /// When it is answered, and in which request; who acts is known later.
    package let events: ProgramAct
    /// The address of the browser; `nil` when there is none, as in an import.
    package let source: String?

    package init(events: ProgramAct, source: String?) {
        self.events = events
        self.source = source
    }
}
