package import AuditTrail

/// What a use case knows of the request that it answers.
package struct RequestFacts: Sendable {
    /// When it is answered, and in which request; who acts is known later.
    package let act: ProgramAct
    /// The address of the browser; `nil` when there is none, as in an import.
    package let source: String?

    package init(act: ProgramAct, source: String?) {
        self.act = act
        self.source = source
    }
}
