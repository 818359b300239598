import AuditTrail

extension AuditAction {
    /// An operator looks at what waits for somebody to sign in.
    static let listWaiting = AuditAction(rawValue: "waiting.list")
}
