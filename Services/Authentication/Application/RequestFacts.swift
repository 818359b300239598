package import EventOutbox

/// What a use case knows of the request that it answers.
package struct RequestFacts: Sendable {
    /// Where events of the request come from.
    package let events: EventContext
    package let requestID: String
    /// The address of the browser; `nil` when there is none, as in an import.
    package let source: String?

    package init(events: EventContext, requestID: String, source: String?) {
        self.events = events
        self.requestID = requestID
        self.source = source
    }
}
