/// On whose behalf another service is called: what goes along in the headers of each call.
package struct CallOrigin: Sendable {
    /// The trace that the call belongs to.
    package let trace: TraceContext
    /// The id under which both services log it.
    package let requestID: String
    /// What the other service must have taken in before it answers: an earlier `Toegang-Position`.
    package let after: String?

    /// An origin from its parts.
    package init(trace: TraceContext, requestID: String, after: String? = nil) {
        self.trace = trace
        self.requestID = requestID
        self.after = after
    }

    /// The same, after a position; nil changes nothing.
    package func after(_ position: String?) -> CallOrigin {
        CallOrigin(trace: trace, requestID: requestID, after: position ?? after)
    }
}
